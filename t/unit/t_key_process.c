/* A process that answers, fails, hangs and dies. */
#include "tap.h"

#include "ca/key_process.h"

#include <apr_general.h>
#include <apr_strings.h>

#include <signal.h>
#include <string.h>
#include <unistd.h>

#define SOON (apr_time_from_msec(200))

static apr_pool_t *pool;
static qw_key_process_t process;
static int served;

static qw_problem_t *serve(qw_bytes_t *answer, void *baton,
                           const qw_bytes_t *request, apr_pool_t *p)
{
    const char *what =
        apr_pstrmemdup(p, (const char *)request->data, request->len);

    served++;
    if (strcmp(what, "hang") == 0)
        pause();
    if (strcmp(what, "slow") == 0)
        usleep(400000);
    if (strcmp(what, "die") == 0)
        _exit(1);
    if (strcmp(what, "fail") == 0)
        return QW_FAIL_BECAUSE(p, INVALID_INPUT, "for a reason", "it is so");
    answer->data =
        (const unsigned char *)apr_psprintf(p, "%s %d", what, served);
    answer->len = strlen((const char *)answer->data);
    return NULL;
}

static qw_problem_t *ask(const char *what)
{
    qw_bytes_t request = { (const unsigned char *)what, strlen(what) };

    return qw_key_process_ask(&process, &request, pool);
}

static qw_problem_t *say(const char **text, const char *what)
{
    qw_bytes_t answer = { NULL, 0 };

    *text = NULL;
    QW_TRY(ask(what));
    QW_TRY(qw_key_process_hear(&answer, &process, SOON, pool));
    *text = apr_pstrmemdup(pool, (const char *)answer.data, answer.len);
    return NULL;
}

static int start(void)
{
    return qw_key_process_start(&process, serve, NULL, NULL, pool) == NULL;
}

int main(void)
{
    const char *text;
    qw_bytes_t answer;
    qw_problem_t *prob;

    apr_initialize();
    apr_pool_create(&pool, NULL);
    ok(start() && process.pid > 0, "a process");
    ok(say(&text, "one") == NULL, "is asked");
    is_str(text, "one 1", "and answers");
    ok(say(&text, "") == NULL && strcmp(text, " 2") == 0,
       "to nothing, too, with what it remembers");
    ok(served == 0, "all of that in its own memory");
    prob = say(&text, "fail");
    ok(prob != NULL && prob->code == QW_E_INVALID_INPUT, "it may fail");
    is_str(prob->detail, "it is so", "as it says");
    is_str(prob->cause, "for a reason", "and why");

    prob = say(&text, "slow");
    ok(prob != NULL && prob->rv == APR_TIMEUP && process.asked_at != 0,
       "it may be late");
    ok(qw_key_process_hear(&answer, &process, apr_time_from_sec(5), pool)
               == NULL
           && process.asked_at == 0,
       "and still be heard");
    prob = say(&text, "hang");
    ok(prob != NULL && strstr(prob->cause, "no answer") != NULL,
       "[OPS-10] it may hang");
    qw_key_process_end(&process);
    ok(process.pid == 0, "[OPS-10] and be ended");
    qw_key_process_end(&process);
    ok(start() && say(&text, "again") == NULL, "another takes its place");
    is_str(text, "again 1", "which remembers nothing");

    prob = say(&text, "die");
    ok(prob != NULL && prob->rv == 0
           && strstr(prob->cause, "library ended") != NULL,
       "[OPS-10] it may crash");
    prob = say(&text, "one");
    ok(prob != NULL && prob->code == QW_E_UNAVAILABLE, "then none answers");
    qw_key_process_end(&process);
    return done_testing();
}
