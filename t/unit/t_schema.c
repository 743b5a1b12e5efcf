/* The schema: made once, checked, upgraded step by step. */
#include "box.h"
#include "tap.h"

#include <dirent.h>
#include <sys/stat.h>

static box_t *empty(void)
{
    box_t *box = box_bare();

    box_must("open", qw_store_open(&box->store, &box->conf, box->pool),
             box->pool);
    return box;
}

static void put(box_t *box, const char *name, const char *text)
{
    FILE *file = fopen(apr_pstrcat(box->pool, box->dir, "/", name, NULL), "w");

    if (file == NULL || fputs(text, file) < 0 || fclose(file) != 0)
        box_die("cannot write", NULL, box->pool);
}

static const char *named(box_t *box, const char *step)
{
    return apr_pstrcat(box->pool, "upgrade/", step, ".", box->conf.driver,
                       ".sql", NULL);
}

static void remove_all(box_t *box)
{
    static const char *const steps[] = { "0002-a", "0003-b", "0004-c" };
    unsigned i;

    for (i = 0; i < sizeof(steps) / sizeof(steps[0]); i++)
        unlink(
            apr_pstrcat(box->pool, box->dir, "/", named(box, steps[i]), NULL));
    rmdir(apr_pstrcat(box->pool, box->dir, "/upgrade", NULL));
}

static void test_create(void)
{
    box_t *box = empty();
    qw_problem_t *prob;
    struct stat st;
    int steps;

    if (box->is_file)
        ok(is_code(qw_schema_check(box->store, box->pool), QW_E_UNAVAILABLE),
           "no file: nothing is made of it by looking");
    else
        ok(is_code(qw_schema_check(box->store, box->pool), QW_E_INVALID_INPUT),
           "no schema: said so");
    ok(is_code(qw_schema_create(box->store, "/nonexistent", box->pool),
               QW_E_INVALID_INPUT),
       "no schema file: said so");
    ok(is_good(qw_schema_create(box->store, QW_SCHEMADIR, box->pool)), "make");
    ok(is_good(qw_schema_check(box->store, box->pool)), "check");
    prob = qw_schema_create(box->store, QW_SCHEMADIR, box->pool);
    ok(is_code(prob, QW_E_INVALID_INPUT), "only once");
    ok(strstr(prob->detail, "version 1") != NULL, "and it says what is there");
    ok(is_good(
           qw_schema_upgrade(&steps, box->store, QW_SCHEMADIR, 0, box->pool))
           && steps == 0,
       "nothing to upgrade");
    box_connect(box);
    ok(box_raw(box, "UPDATE qw_schema SET version = 0") != 99
           && is_code(qw_schema_check(box->store, box->pool),
                      QW_E_INVALID_INPUT),
       "an older schema is refused");
    box_raw(box, "UPDATE qw_schema SET version = 2");
    prob = qw_schema_check(box->store, box->pool);
    ok(is_code(prob, QW_E_INVALID_INPUT), "a newer one too");
    ok(strstr(prob->detail, "newer") != NULL, "with the cure");
    if (box->is_file) {
        ok(stat(box->conf.params, &st) == 0 && (st.st_mode & 07) == 0,
           "the file is nobody else's");
        box_raw(box, "UPDATE qw_schema SET version = 1");
        box_raw(box, "PRAGMA application_id = 7");
        prob = qw_schema_check(box->store, box->pool);
        ok(is_code(prob, QW_E_INVALID_INPUT)
               && strstr(prob->detail, "application_id") != NULL,
           "another program's file is refused");
    }
    box_close(box);
}

static void test_durability(void)
{
    box_t *box = empty();
    qw_problem_t *prob;

    ok(is_good(qw_schema_create(box->store, QW_SCHEMADIR, box->pool)), "make");
    box_connect(box);
    if (box->is_file)
        return box_close(box);
    box->conf.params = apr_pstrcat(box->pool, box->conf.params,
                                   "\\ -csynchronous_commit=off", NULL);
    box_must("open", qw_store_open(&box->store, &box->conf, box->pool),
             box->pool);
    prob = qw_schema_check(box->store, box->pool);
    ok(is_code(prob, QW_E_INVALID_INPUT)
           && strstr(prob->detail, "synchronous_commit") != NULL,
       "a server that may lose commits is refused");
    box_close(box);
}

static void test_upgrade(void)
{
    box_t *box = box_open();
    qw_problem_t *prob;
    int steps = -1;

    mkdir(apr_pstrcat(box->pool, box->dir, "/upgrade", NULL), 0700);
    put(box, named(box, "0002-a"),
        "-- a comment; with a semicolon\n\n"
        "CREATE TABLE qw_more (\n  a bigint\n);\n\n"
        "INSERT INTO qw_more (a) VALUES (7);\n");
    put(box, named(box, "0003-b"),
        "CREATE TABLE qw_most (a bigint);\n\nALTER TABLE qw_more ADD b bigint;"
        "\n");
    ok(is_good(qw_schema_upgrade(&steps, box->store, box->dir, 1, box->pool))
           && steps == 2,
       "what would run");
    ok(is_good(qw_schema_check(box->store, box->pool)), "did not");
    ok(is_good(qw_schema_upgrade(&steps, box->store, box->dir, 0, box->pool))
           && steps == 2,
       "both run");
    prob = qw_schema_check(box->store, box->pool);
    ok(is_code(prob, QW_E_INVALID_INPUT)
           && strstr(prob->detail, "version 3") != NULL,
       "one after the other");
    ok(box_raw(box, "UPDATE qw_more SET b = 8 WHERE a = 7") == 0,
       "and did what they say");
    put(box, named(box, "0004-c"),
        "CREATE TABLE qw_last (a bigint);\n\nCREATE NONSENSE;\n");
    ok(qw_schema_upgrade(&steps, box->store, box->dir, 0, box->pool) != NULL,
       "a step that fails");
    prob = qw_schema_check(box->store, box->pool);
    ok(prob != NULL && strstr(prob->detail, "version 3") != NULL,
       "leaves the version");
    ok(box_raw(box, "SELECT a FROM qw_last") != 0, "and nothing else behind");
    remove_all(box);
    box_close(box);
}

static void test_no_upgrade(void)
{
    box_t *box = empty();
    qw_problem_t *prob;
    int steps;

    ok(is_good(qw_schema_create(box->store, QW_SCHEMADIR, box->pool)), "make");
    box_connect(box);
    box_raw(box, "UPDATE qw_schema SET version = -1");
    prob = qw_schema_upgrade(&steps, box->store, box->dir, 0, box->pool);
    ok(is_code(prob, QW_E_INVALID_INPUT)
           && strstr(prob->detail, "0000-*") != NULL,
       "a missing script is named");
    box_close(box);
}

/* Statements of a connection that was open before a change of the schema. */
static qw_problem_t *look(qw_db_t *db, void *baton, apr_pool_t *p)
{
    qw_external_t *e;

    return qw_external_get(&e, db, "live", "ext1", p);
}

static void test_stale(void)
{
    box_t *box = box_open();

    ok(is_good(box_write(box, box_seed, NULL)), "seed");
    ok(is_good(box_read(box, look, NULL)), "a statement is prepared");
    ok(box_raw(box, "CREATE INDEX qw_new ON qw_external (reason)") == 0,
       "the schema changes beside it");
    ok(is_good(box_read(box, look, NULL)), "the next use does not notice");
    box_close(box);
}

/* root makes the database, httpd's user must be able to write it. */
static void test_owner(void)
{
    static const char *const suffixes[] = { "", "-wal", "-shm", "-lock" };
    box_t *box = empty();
    struct stat st;
    unsigned i;

    if (geteuid() != 0 || !box->is_file || chown(box->dir, 12345, 23456) != 0
        || chmod(box->dir, 0770) != 0) {
        ok(1, "the owner of the file # SKIP not root, or no file");
        box_connect(box);
        return box_close(box);
    }
    ok(is_good(qw_schema_create(box->store, QW_SCHEMADIR, box->pool)), "make");
    for (i = 0; i < sizeof(suffixes) / sizeof(suffixes[0]); i++) {
        const char *path =
            apr_pstrcat(box->pool, box->conf.params, suffixes[i], NULL);

        ok(stat(path, &st) == 0 && st.st_uid == 12345 && st.st_gid == 23456,
           "qw.db%s belongs to whom the folder belongs", suffixes[i]);
        ok((st.st_mode & 0777) == 0660, "and to its group");
    }
    box_connect(box);
    box_close(box);
}

/* Who copies the file while nothing runs has everything. */
static void test_rest(void)
{
    box_t *box = empty();
    struct stat st;
    apr_pool_t *p;
    qw_store_t *store;

    if (!box->is_file) {
        ok(1, "a file at rest # SKIP no file");
        box_connect(box);
        return box_close(box);
    }
    apr_pool_create(&p, box->pool);
    box_must("open", qw_store_open(&store, &box->conf, p), p);
    ok(is_good(qw_schema_create(store, QW_SCHEMADIR, p)), "make");
    apr_pool_destroy(p);
    ok(stat(apr_pstrcat(box->pool, box->conf.params, "-wal", NULL), &st) == 0
           && st.st_size == 0,
       "the log is empty at the end of the process");
    ok(stat(box->conf.params, &st) == 0 && st.st_size > 100000,
       "the file has it all");
    ok(is_good(qw_schema_check(box->store, box->pool)), "and is good");
    box_connect(box);
    box_close(box);
}

int main(void)
{
    test_rest();
    test_owner();
    test_create();
    test_durability();
    test_upgrade();
    test_no_upgrade();
    test_stale();
    return done_testing();
}
