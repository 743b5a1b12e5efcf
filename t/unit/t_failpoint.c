#include "base/failpoint.h"
#include "base/world.h"

#include "told.h"

#include <apr_general.h>

#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

static apr_pool_t *pool;
static char plan[] = "/tmp/t_failpoint.XXXXXX";

static void write_plan(const char *text)
{
    FILE *file = fopen(plan, "w");

    if (file == NULL || fputs(text, file) < 0 || fclose(file) != 0) {
        printf("Bail out! cannot write %s\n", plan);
        exit(1);
    }
}

static const char *read_plan(void)
{
    static char text[512];
    FILE *file = fopen(plan, "r");
    size_t len = file != NULL ? fread(text, 1, sizeof(text) - 1, file) : 0;

    text[len] = '\0';
    if (file != NULL)
        fclose(file);
    return text;
}

static qw_problem_t *passage(void)
{
    QW_FAILPOINT("issue.sign", pool);
    return NULL;
}

static void test_fail(void)
{
    unsetenv("QWACME_FAILPOINTS");
    fine(passage(), "no plan, no failure");
    setenv("QWACME_FAILPOINTS", "/nonexistent/plan", 1);
    fine(passage(), "nor without the file");
    setenv("QWACME_FAILPOINTS", plan, 1);
    write_plan("");
    fine(passage(), "nor by an empty plan");
    write_plan("issue.sign fail\n");
    told(passage(), UNAVAILABLE, "try again later", "the plan says fail");
    fine(passage(), "once");
    write_plan("issue.sign fail 2");
    ok(passage() != NULL && passage() != NULL && passage() == NULL,
       "a count of passages");
    write_plan("issue.sig fail\nissue.sign2 fail\nISSUE.SIGN fail\n");
    fine(passage(), "names are exact");
    write_plan("# words\nissue.other kill 3\nissue.sign fail 2\n");
    told(passage(), UNAVAILABLE, "try again", "among others");
    ok(strstr(read_plan(), "issue.other kill 3") != NULL
           && strstr(read_plan(), "issue.sign fail 1") != NULL,
       "the others stay, the count goes down");
    write_plan("issue.sign what\n");
    fine(passage(), "an unknown action is none");
}

static void test_delay(void)
{
    apr_time_t before = apr_time_now();

    write_plan("issue.sign delay:50\n");
    fine(passage(), "a delay is no failure");
    ok(apr_time_now() - before >= apr_time_from_msec(50), "and it waited");
    is_str(read_plan(), "", "the plan is used up");
}

static void test_kill(void)
{
    int status = 0;
    pid_t child;

    write_plan("issue.sign kill\n");
    fflush(stdout);
    child = fork();
    if (child == 0)
        _exit(passage() != NULL);
    waitpid(child, &status, 0);
    ok(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL,
       "a process dies as if by kill -9");
    is_str(read_plan(), "", "and the plan knew before it died");
}

/* Many processes, one count: the file is rewritten under a lock. */
static void test_many(void)
{
    pid_t children[8];
    int i, k, hits = 0, status;

    write_plan("issue.sign fail 100\n");
    fflush(stdout);
    for (i = 0; i < 8; i++) {
        children[i] = fork();
        if (children[i] == 0) {
            int mine = 0;

            for (k = 0; k < 20; k++)
                mine += qw_failpoint_hit("issue.sign");
            _exit(mine);
        }
    }
    for (i = 0; i < 8; i++) {
        waitpid(children[i], &status, 0);
        hits += WIFEXITED(status) ? WEXITSTATUS(status) : -1000;
    }
    ok(hits == 100, "100 of 160 passages were hit: %d", hits);
}

static void test_random(void)
{
    unsigned char bytes[4];

    write_plan("random fail\n");
    told(qw_random(bytes, sizeof(bytes), pool), UNAVAILABLE, "try again",
         "randomness can be made to fail");
    fine(qw_random(bytes, sizeof(bytes), pool), "and comes back");
}

int main(void)
{
    int fd = mkstemp(plan);

    if (fd < 0)
        return 1;
    close(fd);
    apr_initialize();
    apr_pool_create(&pool, NULL);
    test_fail();
    test_delay();
    test_kill();
    test_many();
    test_random();
    unlink(plan);
    apr_pool_destroy(pool);
    apr_terminate();
    return done_testing();
}
