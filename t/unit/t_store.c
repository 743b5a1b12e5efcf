/* Transactions: three outcomes, what is retried, what is given up. */
#include "box.h"
#include "tap.h"

#include "store/db_job.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/file.h>
#include <sys/wait.h>

typedef struct {
    const char *nonce;
    box_t *box;
    int calls;
    const char *by_force; /* SQL run beside the store, at the first call */
} job_t;

static qw_problem_t *spend(qw_db_t *db, void *baton, apr_pool_t *p)
{
    job_t *job = baton;

    job->calls++;
    QW_TRY(qw_nonce_spend(db, job->nonce, 1, p));
    if (job->by_force != NULL && job->calls == 1)
        box_raw(job->box, job->by_force);
    return NULL;
}

/* NOT_FOUND where spending it again is no CONFLICT: it was not there. */
static qw_problem_t *must_be_new(qw_db_t *db, void *baton, apr_pool_t *p)
{
    QW_TRY(qw_nonce_spend(db, baton, 1, p));
    return QW_FAIL(p, NOT_FOUND, "it was not there");
}

static int is_there(box_t *box, const char *nonce)
{
    qw_problem_t *prob = box_write(box, must_be_new, (void *)nonce);

    if (prob == NULL
        || (prob->code != QW_E_CONFLICT && prob->code != QW_E_NOT_FOUND))
        is_good(prob);
    return prob != NULL && prob->code == QW_E_CONFLICT;
}

static qw_problem_t *spend_then_object(qw_db_t *db, void *baton, apr_pool_t *p)
{
    QW_TRY(qw_nonce_spend(db, baton, 1, p));
    return QW_FAIL(p, UNAUTHORIZED, "no");
}

/* A NULL where none may be. */
static qw_problem_t *swallow(qw_db_t *db, void *baton, apr_pool_t *p)
{
    QW_TRY(qw_nonce_spend(db, baton, 1, p));
    if (qw_nonce_spend(db, NULL, 1, p) == NULL)
        printf("# the broken statement worked?\n");
    return NULL;
}

static qw_problem_t *broken(qw_db_t *db, void *baton, apr_pool_t *p)
{
    return qw_nonce_spend(db, NULL, 1, p);
}

static qw_problem_t *nothing(qw_db_t *db, void *baton, apr_pool_t *p)
{
    return NULL;
}

static void test_outcomes(box_t *box)
{
    job_t a = { "a", box, 0, NULL };
    qw_problem_t *prob;

    ok(is_good(box_write(box, spend, &a)), "a write commits");
    ok(is_there(box, "a"), "and it is there");
    ok(is_code(box_write(box, spend_then_object, (void *)"b"),
               QW_E_UNAUTHORIZED),
       "the problem of the work comes back");
    ok(!is_there(box, "b"), "and everything was rolled back");
    prob = box_write(box, swallow, (void *)"c");
    ok(is_code(prob, QW_E_UNAVAILABLE), "a swallowed failure is a failure");
    ok(prob->retry_after > 0, "with a time to come back");
    ok(!is_there(box, "c"), "and nothing of it was committed");
    prob = box_write(box, broken, NULL);
    ok(is_code(prob, QW_E_SERVER_INTERNAL), "a constraint is a fault of ours");
    is_str(prob->detail, "storage failed", "of which a client learns nothing");
    ok(strstr(prob->cause, "qw_nonce_spend") != NULL,
       "and the log the statement");
    ok(is_good(box_read(box, nothing, NULL)), "reads go on");
    ok(is_code(box_read(box, spend, &(job_t){ "a", box, 0, NULL }),
               QW_E_CONFLICT)
           || !box->is_file,
       "a read sees what was committed");
}

static void test_failpoints(box_t *box)
{
    job_t d = { "d", box, 0, NULL }, e = { "e", box, 0, NULL };
    job_t f = { "f", box, 0, NULL };

    box_plan(box, "store.begin fail\n");
    ok(is_code(box_write(box, spend, &d), QW_E_UNAVAILABLE), "store.begin");
    ok(d.calls == 0, "nothing was done");
    box_plan(box, "store.commit.before fail\n");
    ok(is_code(box_write(box, spend, &e), QW_E_UNAVAILABLE),
       "store.commit.before");
    ok(!is_there(box, "e"), "nothing was committed");
    box_plan(box, "store.commit.after fail\n");
    ok(is_code(box_write(box, spend, &f), QW_E_COMMIT_UNKNOWN),
       "a lost answer to COMMIT is unknown, not a failure");
    ok(f.calls == 1, "and never tried again");
    ok(is_there(box, "f"), "reading one's own row tells");
    unsetenv("QWACME_FAILPOINTS");
}

static void test_busy(void)
{
    box_t *box = box_bare();
    const char *path = apr_pstrcat(box->pool, box->conf.params, "-lock", NULL);
    job_t g = { "g", box, 0, NULL };
    qw_problem_t *prob;
    apr_time_t start;
    int fd;

    box->conf.wait = apr_time_from_msec(300);
    box_must("open", qw_store_open(&box->store, &box->conf, box->pool),
             box->pool);
    box_must("schema", qw_schema_create(box->store, QW_SCHEMADIR, box->pool),
             box->pool);
    box_connect(box);
    fd = open(path, O_RDWR);
    ok(fd >= 0 && flock(fd, LOCK_EX) == 0, "somebody else writes");
    start = apr_time_now();
    prob = box_write(box, spend, &g);
    ok(is_code(prob, QW_E_UNAVAILABLE), "the write gives up");
    ok(prob->retry_after > 0, "and says when to come back");
    ok(apr_time_now() - start < apr_time_from_sec(5), "after the wait");
    ok(g.calls == 0, "nothing was done");
    ok(is_good(box_read(box, nothing, NULL)), "reads go on");
    flock(fd, LOCK_UN);
    close(fd);
    ok(is_good(box_write(box, spend, &g)), "and writes, when it is done");
    box_close(box);
}

typedef struct {
    box_t *box;
    int depth;
} nest_t;

/* Holds a connection and asks for another. */
static qw_problem_t *nest(qw_db_t *db, void *baton, apr_pool_t *p)
{
    nest_t *n = baton;

    if (--n->depth == 0)
        return NULL;
    return qw_store_read(n->box->store, nest, n, p);
}

static void test_pool(void)
{
    box_t *box = box_bare();
    nest_t four = { box, 4 }, five = { box, 5 };

    box->conf.wait = apr_time_from_msec(200);
    box_must("open", qw_store_open(&box->store, &box->conf, box->pool),
             box->pool);
    box_must("schema", qw_schema_create(box->store, QW_SCHEMADIR, box->pool),
             box->pool);
    box_connect(box);
    ok(is_good(box_read(box, nest, &four)), "as many connections as allowed");
    ok(is_code(box_read(box, nest, &five), QW_E_UNAVAILABLE),
       "one more has to wait, and not for ever");
    ok(is_good(box_read(box, nothing, NULL)), "all came back");
    box_close(box);
}

static void test_open(box_t *box)
{
    qw_store_conf_t conf = box->conf;
    qw_problem_t *prob;
    qw_store_t *store;

    conf.driver = "oracle";
    prob = qw_store_open(&store, &conf, box->pool);
    ok(is_code(prob, QW_E_INVALID_INPUT), "an unknown driver is refused");
    ok(strstr(prob->detail, "oracle") != NULL, "by its name");
    conf = box->conf;
    conf.params = box->is_file ? "/nonexistent/qw.db"
                               : "host=/nonexistent user=x dbname=x";
    ok(is_good(qw_store_open(&store, &conf, box->pool)),
       "nothing is connected at the start");
    prob = qw_store_write(store, nothing, NULL, box->pool);
    ok(is_code(prob, QW_E_UNAVAILABLE), "a database that is away");
    ok(prob->retry_after > 0, "is 503 with Retry-After");
    is_str(qw_store_driver(box->store), box->conf.driver, "driver");
}

/* ---- SQLite only ---- */
static void test_replaced(void)
{
    box_t *box = box_open();
    const char *path = box->conf.params;
    const char *away = apr_pstrcat(box->pool, path, ".away", NULL);
    const char *log = apr_pstrcat(box->pool, path, "-wal", NULL);
    job_t h = { "h", box, 0, NULL };
    FILE *file;

    ok(is_good(box_write(box, spend, &h)), "a write");
    ok(rename(path, away) == 0, "the file is taken away");
    ok(is_code(box_write(box, spend, &h), QW_E_UNAVAILABLE), "a write notices");
    ok(is_code(box_read(box, nothing, NULL), QW_E_UNAVAILABLE), "and a read");
    file = fopen(path, "w");
    ok(file != NULL && fclose(file) == 0, "another comes in its place");
    ok(is_code(box_write(box, spend, &h), QW_E_UNAVAILABLE),
       "which is not taken for the same");
    ok(rename(away, path) == 0, "the old one is back");
    h.nonce = "i";
    ok(is_good(box_write(box, spend, &h)), "and good");
    ok(unlink(log) == 0, "its log is deleted");
    h.nonce = "j";
    ok(is_code(box_write(box, spend, &h), QW_E_UNAVAILABLE),
       "nothing is written into a deleted log");
    box_close(box);
}

/* The parent has killed the child where it stood. */
static void kill_at(box_t *box, const char *plan, const char *nonce)
{
    job_t job = { nonce, box, 0, NULL };
    int status;
    pid_t pid;

    box_plan(box, plan);
    fflush(stdout);
    pid = fork();
    if (pid == 0) {
        qw_store_t *own;
        apr_pool_t *p;

        apr_pool_create(&p, NULL);
        if (qw_store_open(&own, &box->conf, p) == NULL)
            (void)!qw_store_write(own, spend, &job, p);
        _exit(0);
    }
    waitpid(pid, &status, 0);
    unsetenv("QWACME_FAILPOINTS");
    ok(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL, "killed at %.*s",
       (int)strcspn(plan, " "), plan);
}

static void test_killed(box_t *box)
{
    job_t job = { "n", box, 0, NULL };

    kill_at(box, "store.begin kill\n", "k");
    ok(!is_there(box, "k"), "before BEGIN: nothing");
    kill_at(box, "store.commit.before kill\n", "l");
    ok(!is_there(box, "l"), "before COMMIT: nothing");
    kill_at(box, "store.commit.after kill\n", "m");
    ok(is_there(box, "m"), "after COMMIT: everything");
    ok(is_good(box_write(box, spend, &job)), "and the dead hold no lock");
}

/* ---- PostgreSQL only ---- */
#define KILL                                                                   \
    "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE pid "  \
    "<> "                                                                      \
    "pg_backend_pid() AND application_name = 'victim'"

static void test_backend_killed(box_t *outer)
{
    box_t *box = box_bare();
    job_t a = { "a", box, 0, NULL }, b = { "b", box, 0, KILL };

    box->conf.params = apr_pstrcat(box->pool, box->conf.params,
                                   " application_name=victim", NULL);
    box_must("open", qw_store_open(&box->store, &box->conf, box->pool),
             box->pool);
    box_must("schema", qw_schema_create(box->store, QW_SCHEMADIR, box->pool),
             box->pool);
    box_connect(box);
    box_raw(box, "SET application_name = 'killer'");
    ok(is_good(box_write(box, nothing, NULL)), "a connection waits");
    ok(box_raw(box, KILL) == 0, "the server closes it");
    ok(is_good(box_write(box, spend, &a)), "the next one does not notice");
    ok(is_code(box_write(box, spend, &b), QW_E_COMMIT_UNKNOWN),
       "killed between the work and COMMIT: unknown");
    ok(b.calls == 1, "and not done again");
    ok(is_there(box, "a") && !is_there(box, "b"), "one's own row tells");
    box_close(box);
}

static void test_serialization(box_t *box)
{
    job_t job = { "s", box, 0, "INSERT INTO qw_nonce VALUES ('t', 1)" };
    int rv;

    ok(box_raw(box, "CREATE FUNCTION qw_fail() RETURNS trigger LANGUAGE "
                    "plpgsql AS $$ BEGIN IF NOT EXISTS (SELECT 1 FROM "
                    "pg_sequences WHERE schemaname = current_schema() AND "
                    "last_value >= 2) THEN PERFORM nextval('qw_count'); RAISE "
                    "EXCEPTION 'no' USING ERRCODE = '40001'; END IF; RETURN "
                    "NEW; END $$")
               == 0
           && box_raw(box, "CREATE SEQUENCE qw_count") == 0
           && box_raw(box, "CREATE TRIGGER qw_fail BEFORE INSERT ON qw_nonce "
                           "FOR EACH ROW EXECUTE FUNCTION qw_fail()")
                  == 0,
       "a trigger that fails twice as if another had been faster");
    job.by_force = NULL;
    ok(is_good(box_write(box, spend, &job)), "it is tried again");
    ok(job.calls == 3, "until it goes through");
    rv = box_raw(box, "DROP SEQUENCE qw_count");
    rv |= box_raw(box, "CREATE SEQUENCE qw_count START 1");
    rv |= box_raw(box, "CREATE OR REPLACE FUNCTION qw_fail() RETURNS trigger "
                       "LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'no' "
                       "USING ERRCODE = '40P01'; END $$");
    ok(rv == 0, "and one that always does");
    job.calls = 0;
    job.nonce = "u";
    ok(is_code(box_write(box, spend, &job), QW_E_UNAVAILABLE),
       "three more times, no more");
    ok(job.calls == 4, "it was done so often");
    rv = box_raw(box, "DROP TRIGGER qw_fail ON qw_nonce");
    ok(rv == 0, "away with it");
}

/* "ROLLBACK" is no error for the driver. */
static qw_problem_t *abort_it(qw_db_t *db, void *baton, apr_pool_t *p)
{
    QW_TRY(swallow(db, baton, p));
    return NULL;
}

static void test_aborted(box_t *box)
{
    ok(is_code(box_write(box, abort_it, (void *)"v"), QW_E_UNAVAILABLE),
       "a COMMIT that would roll back is not asked for");
    ok(!is_there(box, "v"), "nothing was committed");
}

int main(void)
{
    box_t *box = box_open();

    test_outcomes(box);
    test_failpoints(box);
    test_open(box);
    test_pool();
    if (box->is_file) {
        test_killed(box);
        test_busy();
        test_replaced();
    }
    else {
        test_backend_killed(box);
        test_serialization(box);
        test_aborted(box);
    }
    box_close(box);
    return done_testing();
}
