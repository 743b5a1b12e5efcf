/* text.h -- strings for people and machines. Threads: any. */
#ifndef QW_BASE_TEXT_H
#define QW_BASE_TEXT_H

#include <apr_pools.h>
#include <apr_tables.h>
#include <apr_time.h>

/* VALUE in POOL, at most MAX bytes of it, fit for a log line or a problem
 * detail: control characters, DEL, bidirectional and other format characters,
 * invalid UTF-8, quotes and backslashes become \xNN; "..." marks a cut. NULL
 * becomes "(null)". */
const char *qw_text_safe(const char *value, apr_size_t max, apr_pool_t *pool);

/* VALUE in POOL, all of it, for people to read on one line: as qw_text_safe(),
 * but quotes and backslashes stay. */
const char *qw_text_shown(const char *value, apr_pool_t *pool);

/* 1 if LEN bytes are valid UTF-8 without NUL. */
int qw_text_is_utf8(const char *text, apr_size_t len);

/* Number of characters of valid UTF-8. */
apr_size_t qw_text_chars(const char *utf8);

/* ASCII lower case copy in POOL; no locale. */
const char *qw_text_lower(const char *text, apr_pool_t *pool);

/* Words of TEXT separated by white space or commas: array of const char *. */
apr_array_header_t *qw_text_words(const char *text, apr_pool_t *pool);

/* Array of const char * joined by SEP. */
const char *qw_text_join(const apr_array_header_t *words, const char *sep,
                         apr_pool_t *pool);

/* 1 if WORD is one of the const char * in WORDS. */
int qw_text_in(const apr_array_header_t *words, const char *word);

/* RFC 3339 UTC with seconds, "2026-11-23T18:00:00Z", in POOL. */
const char *qw_text_time(apr_time_t when, apr_pool_t *pool);

/* 1 and *WHEN from RFC 3339 UTC ("...Z") or a date "YYYY-MM-DD" (midnight UTC). */
int qw_text_parse_time(apr_time_t *when, const char *text);

/* 1 and *SECONDS of "90", "90s", "30m", "12h" or "7d"; at most a million of the
 * unit. The text of SECONDS in the largest unit that fits, in POOL. */
int qw_text_parse_span(apr_int64_t *seconds, const char *text);
const char *qw_text_span(apr_int64_t seconds, apr_pool_t *pool);

#endif
