/* remind_text.h -- what reminders say, in two languages. Threads: any. */
#ifndef QW_WORK_REMIND_TEXT_H
#define QW_WORK_REMIND_TEXT_H

#include "model/clock.h"

typedef struct {
    const qw_authority_t *authority;
    const qw_external_t *external;
    const qw_clock_t *clock;
    const char *language; /* "en" or "fr"; anything else is English */
    apr_time_t now;       /* of the authority */
} qw_remind_about_t;

/* *SUBJECT, one line, and *TEXT, lines that end with "\n", UTF-8 in POOL. Values
 * of others begin no line: their control characters become spaces. */
void qw_remind_say(const char **subject, const char **text,
                   const qw_remind_about_t *about, apr_pool_t *pool);

/* The same of a mail that only shows that mail arrives. */
void qw_remind_say_test(const char **subject, const char **text,
                        const qw_authority_t *authority, const char *language,
                        apr_pool_t *pool);

#endif
