#include "base/log.h"

#include "tap.h"

#include <apr_general.h>
#include <apr_strings.h>

static apr_pool_t *pool;
static int got_level;
static apr_status_t got_rv;
static const char *got_line;

static void keep(int level, apr_status_t rv, const char *line)
{
    got_level = level;
    got_rv = rv;
    got_line = apr_pstrdup(pool, line);
}

int main(void)
{
    qw_problem_t *prob;

    apr_initialize();
    apr_pool_create(&pool, NULL);
    qw_log_set(keep);
    qw_log(QW_LOG_WARNING, APR_ENOENT, pool, "QW0001: open %s: %d", "x", 7);
    is_str(got_line, "QW0001: open x: 7", "a line");
    ok(got_level == QW_LOG_WARNING && got_rv == APR_ENOENT,
       "with its level and status");
    prob = qw_problem_make(pool, "a.c", 5, QW_E_UNAVAILABLE, "disk", "later");
    prob->rv = APR_EOF;
    qw_log_problem("QW0002", prob, pool);
    is_str(got_line, "QW0002: UNAVAILABLE: later [disk] (a.c:5)",
           "a problem under its id");
    ok(got_level == QW_LOG_ERR && got_rv == APR_EOF,
       "at the level of its code");
    prob = qw_problem_make(pool, "a.c", 5, QW_E_BAD_NONCE, NULL, "old");
    qw_log_problem("QW0003", prob, pool);
    ok(got_level == QW_LOG_DEBUG, "a client's everyday error is for debugging");
    got_line = "nothing";
    qw_log_set(NULL);
    qw_log(QW_LOG_INFO, APR_SUCCESS, pool, "unseen");
    is_str(got_line, "nothing", "without a log, lines go elsewhere");
    apr_pool_destroy(pool);
    apr_terminate();
    return done_testing();
}
