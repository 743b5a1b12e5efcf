/* clock.h -- what of an external account runs out, and when people are told.
 * Threads: any. */
#ifndef QW_MODEL_CLOCK_H
#define QW_MODEL_CLOCK_H

#include "model/account.h"
#include "model/authority.h"

typedef enum {
    QW_CLOCK_ACCOUNT,  /* the account's lifetime */
    QW_CLOCK_IDENTITY, /* how long its verification may be relied on */
    QW_CLOCK_TERMS,    /* the version in force is not agreed to */
    QW_CLOCK_BINDING,  /* a KeyID that can still bind */
    QW_CLOCKS
} qw_clock_e;

typedef struct {
    qw_clock_e kind;
    const char *external_id;
    const char *subject; /* KeyID, version of the terms, or "" */
    apr_time_t begun;
    apr_time_t ends; /* 0: now is late already, as with terms */
} qw_clock_t;

/* The horizon of pages and lists, in days. */
enum { QW_CLOCK_HORIZON_DAYS = 30 };
#define QW_CLOCK_HORIZON                                                       \
    (apr_time_from_sec((apr_int64_t)QW_CLOCK_HORIZON_DAYS * 86400))

/* "account", "identity", "terms", "binding". Static. */
const char *qw_clock_word(qw_clock_e kind);
/* 1 and *KIND of WORD; 0 if there is none. */
int qw_clock_find(qw_clock_e *kind, const char *word);

/* An array for qw_clock_t in POOL. */
apr_array_header_t *qw_clocks_make(apr_pool_t *pool);

/* Add to CLOCKS those of EXTERNAL itself: lifetime, identity (BR-4.2.1) and,
 * unless an operator agreed to the version in force, terms. None of one that is
 * closed. Strings are borrowed. */
void qw_clocks_of(apr_array_header_t *clocks, const qw_authority_t *authority,
                  const qw_external_t *external);
/* Add that of BINDING if it can still bind an account. */
void qw_clocks_binding(apr_array_header_t *clocks, const qw_binding_t *binding);

/* Put what is late or ends first to the front. */
void qw_clocks_sort(apr_array_header_t *clocks);

/* Days until CLOCK has run out at NOW, the one begun counts; 0 if it has. */
int qw_clock_days(const qw_clock_t *clock, apr_time_t now);

/* 1 if CLOCK is late or runs out within SPAN after NOW, or has run out. */
int qw_clock_is_near(const qw_clock_t *clock, apr_time_t now,
                     apr_interval_time_t span);

/* 1 if people are to be reminded of CLOCK at NOW; *AHEAD: the shortest of
 * AUTHORITY's times before the end that has come, 0 for what has no end. A time
 * before the clock began does not count; nor does any after its end. */
int qw_clock_reminds(apr_interval_time_t *ahead, const qw_clock_t *clock,
                     const qw_authority_t *authority, apr_time_t now);

#endif
