#include "base/log.h"

#include <apr_strings.h>

#include <stdarg.h>
#include <stdio.h>

static void to_stderr(int level, apr_status_t rv, const char *line)
{
    char buf[120];

    if (level > QW_LOG_NOTICE)
        return;
    if (rv != APR_SUCCESS)
        fprintf(stderr, "%s: %s\n", line, apr_strerror(rv, buf, sizeof(buf)));
    else
        fprintf(stderr, "%s\n", line);
}

static qw_log_fn current = to_stderr;

void qw_log_set(qw_log_fn fn)
{
    current = fn != NULL ? fn : to_stderr;
}

void qw_log(int level, apr_status_t rv, apr_pool_t *pool, const char *fmt, ...)
{
    va_list ap;

    va_start(ap, fmt);
    current(level, rv, apr_pvsprintf(pool, fmt, ap));
    va_end(ap);
}

void qw_log_problem(const char *id, const qw_problem_t *prob, apr_pool_t *pool)
{
    current(qw_problem_level(prob->code), prob->rv,
            apr_pstrcat(pool, id, ": ", qw_problem_for_log(prob, pool), NULL));
}
