/* log.h -- the core's way to the log of whoever runs it: httpd's error log, or
 * standard error of qwacmectl. Threads: any. */
#ifndef QW_BASE_LOG_H
#define QW_BASE_LOG_H

#include "base/problem.h"

/* syslog numbers, as httpd's APLOG_* */
enum {
    QW_LOG_ERR = 3,
    QW_LOG_WARNING = 4,
    QW_LOG_NOTICE = 5,
    QW_LOG_INFO = 6,
    QW_LOG_DEBUG = 7
};

typedef void (*qw_log_fn)(int level, apr_status_t rv, const char *line);

/* Before any thread starts. Until then lines go to standard error. */
void qw_log_set(qw_log_fn fn);

/* One line, "QW0123: verb object: what happened"; no id below INFO. Foreign
 * values pass through qw_text_safe() first. Never a secret. */
void qw_log(int level, apr_status_t rv, apr_pool_t *pool, const char *fmt, ...)
    __attribute__((format(printf, 4, 5)));

/* PROB at its own level with its cause, under log id ID ("QW0123"). */
void qw_log_problem(const char *id, const qw_problem_t *prob, apr_pool_t *pool);

#endif
