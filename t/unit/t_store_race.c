/* Many threads of many processes write at once: nothing is lost, nobody
 * starves. */
#include "box.h"
#include "tap.h"

#include "store/db.h"
#include "store/db_job.h"

#include <apr_thread_proc.h>

#include <signal.h>
#include <sys/wait.h>

enum { PROCESSES = 4, THREADS = 8, ROUNDS = 12 };

/* mac_failures of key1 counts; the row is read first and written back with a
 * condition, so a lost update would show. */
static qw_problem_t *increment(qw_db_t *db, void *baton, apr_pool_t *p)
{
    return qw_binding_mac_failed(db, "key1", 10, 1000000, p);
}

static qw_problem_t *read_count(qw_db_t *db, void *baton, apr_pool_t *p)
{
    qw_binding_t *b;

    QW_TRY(qw_binding_get(&b, db, "live", "key1", p));
    *(apr_int64_t *)baton = b->mac_failures;
    return NULL;
}

static void *APR_THREAD_FUNC thread(apr_thread_t *self, void *data)
{
    box_t *box = data;
    apr_pool_t *p;
    int i;

    apr_pool_create(&p, NULL);
    for (i = 0; i < ROUNDS; i++) {
        qw_problem_t *prob = qw_store_write(box->store, increment, NULL, p);
        apr_int64_t n;

        if (prob == NULL)
            prob = qw_store_read(box->store, read_count, &n, p);
        if (prob != NULL) {
            fprintf(stderr, "# %s\n", qw_problem_for_log(prob, p));
            _exit(3);
        }
        apr_pool_clear(p);
    }
    apr_pool_destroy(p);
    return NULL;
}

static int child(box_t *box)
{
    apr_thread_t *threads[THREADS];
    apr_status_t rv;
    apr_pool_t *p;
    int i;

    apr_pool_create(&p, NULL);
    if (box->conf.write_lock != NULL
        && apr_global_mutex_child_init(&box->conf.write_lock, NULL, p)
               != APR_SUCCESS)
        return 4;
    if (qw_store_open(&box->store, &box->conf, p) != NULL)
        return 5;
    for (i = 0; i < THREADS; i++)
        if (apr_thread_create(&threads[i], NULL, thread, box, p) != APR_SUCCESS)
            return 6;
    for (i = 0; i < THREADS; i++)
        apr_thread_join(&rv, threads[i]);
    apr_pool_destroy(p);
    return 0;
}

static void run(box_t *box, const char *how)
{
    apr_int64_t before, after;
    pid_t pids[PROCESSES];
    int i, status, good = 0;

    ok(is_good(box_read(box, read_count, &before)), "count before");
    fflush(stdout);
    for (i = 0; i < PROCESSES; i++) {
        pids[i] = fork();
        if (pids[i] == 0)
            _exit(child(box));
    }
    for (i = 0; i < PROCESSES; i++) {
        waitpid(pids[i], &status, 0);
        good += status == 0;
    }
    ok(good == PROCESSES, "%s: every write went through", how);
    ok(is_good(box_read(box, read_count, &after)), "count after");
    ok(after - before == PROCESSES * THREADS * ROUNDS, "%s: no lost update",
       how);
}

/* A child that dies with both locks in its hands. */
static qw_problem_t *die(qw_db_t *db, void *baton, apr_pool_t *p)
{
    raise(SIGKILL);
    return NULL;
}

static void test_dead_owner(box_t *box)
{
    int status;
    pid_t pid;

    fflush(stdout);
    pid = fork();
    if (pid == 0) {
        if (qw_store_open(&box->store, &box->conf, box->pool) == NULL)
            (void)!qw_store_write(box->store, die, NULL, box->pool);
        _exit(0);
    }
    waitpid(pid, &status, 0);
    ok(WIFSIGNALED(status), "a writer was killed inside its transaction");
    ok(is_good(box_write(box, increment, NULL)), "the next one writes");
}

/* One KeyID of two uses, thirty who want it. */
static qw_problem_t *consume(qw_db_t *db, void *baton, apr_pool_t *p)
{
    return qw_binding_consume(db, "key1", 1500, p);
}

static void test_consume(box_t *box)
{
    int i, status, won = 0, lost = 0;
    pid_t pids[30];

    fflush(stdout);
    for (i = 0; i < 30; i++) {
        pids[i] = fork();
        if (pids[i] == 0) {
            qw_problem_t *prob =
                qw_store_open(&box->store, &box->conf, box->pool);

            if (prob == NULL)
                prob = qw_store_write(box->store, consume, NULL, box->pool);
            _exit(prob == NULL ? 0 : prob->code == QW_E_CONFLICT ? 1 : 2);
        }
    }
    for (i = 0; i < 30; i++) {
        waitpid(pids[i], &status, 0);
        won += WIFEXITED(status) && WEXITSTATUS(status) == 0;
        lost += WIFEXITED(status) && WEXITSTATUS(status) == 1;
    }
    ok(won == 2, "a key of two uses is used twice");
    ok(lost == 28, "and everybody else is told");
}

/* qwacmectl beside a server that writes without a pause. */
static void test_seldom(box_t *box)
{
    qw_store_conf_t conf = box->conf;
    qw_problem_t *prob = NULL;
    qw_store_t *seldom;
    pid_t busy[8];
    int i;

    fflush(stdout);
    for (i = 0; i < 8; i++) {
        busy[i] = fork();
        if (busy[i] == 0) {
            if (qw_store_open(&box->store, &box->conf, box->pool) == NULL)
                for (;;)
                    (void)!qw_store_write(box->store, increment, NULL,
                                          box->pool);
            _exit(0);
        }
    }
    conf.wait = apr_time_from_sec(2);
    conf.write_lock = NULL;
    box_must("open", qw_store_open(&seldom, &conf, box->pool), box->pool);
    for (i = 0; i < 40 && prob == NULL; i++)
        prob = qw_store_write(seldom, increment, NULL, box->pool);
    ok(is_good(prob), "who writes seldom gets his turn");
    for (i = 0; i < 8; i++) {
        kill(busy[i], SIGKILL);
        waitpid(busy[i], NULL, 0);
    }
}

static void test_mutex(box_t *box)
{
    apr_status_t rv = apr_global_mutex_create(&box->conf.write_lock, NULL,
                                              APR_LOCK_PROC_PTHREAD, box->pool);

    ok(rv == APR_SUCCESS, "a mutex shared by the processes");
    box_must("open", qw_store_open(&box->store, &box->conf, box->pool),
             box->pool);
    run(box, "with the server's mutex");
    test_dead_owner(box);
}

int main(void)
{
    box_t *box = box_open();

    box->conf.wait = apr_time_from_sec(60);
    box_must("open", qw_store_open(&box->store, &box->conf, box->pool),
             box->pool);
    ok(is_good(box_write(box, box_seed, NULL)), "seed");
    ok(is_good(box_write(box, increment, NULL)), "one");
    run(box, "without a mutex");
    test_consume(box);
    test_dead_owner(box);
    if (box->is_file) {
        test_seldom(box);
        test_mutex(box);
    }
    box_close(box);
    return done_testing();
}
