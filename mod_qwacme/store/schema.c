/* Making, checking and upgrading the schema. */
#include "store/schema.h"

#include "store/store_priv.h"

#include <apr_file_io.h>
#include <apr_strings.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MOST = 262144 };

static qw_problem_t *read_file(char **text, const char *path, apr_pool_t *pool)
{
    apr_size_t len = MOST;
    apr_file_t *file;
    char buf[120];
    apr_status_t rv =
        apr_file_open(&file, path, APR_FOPEN_READ, APR_FPROT_OS_DEFAULT, pool);

    *text = apr_palloc(pool, MOST + 1);
    if (rv == APR_SUCCESS)
        rv = apr_file_read_full(file, *text, len, &len);
    if (rv != APR_SUCCESS && rv != APR_EOF)
        return QW_FAIL(pool, INVALID_INPUT, "schema file %s: %s", path,
                       apr_strerror(rv, buf, sizeof(buf)));
    (*text)[len] = '\0';
    return NULL;
}

/* Comment lines away, and the semicolon at the end: one call, one statement. */
static const char *bare(char *block, apr_pool_t *pool)
{
    const char *sql = "";
    char *line, *last;
    apr_size_t len;

    for (line = apr_strtok(block, "\n", &last); line != NULL;
         line = apr_strtok(NULL, "\n", &last))
        if (strncmp(line, "--", 2) != 0)
            sql = apr_pstrcat(pool, sql, *sql != '\0' ? "\n" : "", line, NULL);
    len = strlen(sql);
    while (len > 0 && (sql[len - 1] == ';' || sql[len - 1] == '\n'))
        len--;
    return apr_pstrmemdup(pool, sql, len);
}

static qw_problem_t *run_script(qw_db_t *db, char *text, apr_pool_t *pool)
{
    while (text != NULL && *text != '\0') {
        char *gap = strstr(text, "\n\n");
        const char *sql;
        int rv;

        if (gap != NULL)
            *gap = '\0';
        sql = bare(text, pool);
        rv = *sql != '\0' ? qw_db_plain(db, sql) : 0;
        if (rv != 0)
            return qw_db_broke(db, apr_pstrndup(pool, sql, 60), rv, pool);
        text = gap != NULL ? gap + 2 : NULL;
    }
    return NULL;
}

static void *row_version(qw_row_t *row)
{
    apr_int64_t *version = apr_palloc(row->pool, sizeof(*version));

    *version = qw_row_int(row);
    return version;
}

static qw_problem_t *read_version(qw_db_t *db, void *baton, apr_pool_t *pool)
{
    void *found = NULL;

    QW_TRY(qw_db_get(&found, db, AT_qw_schema_version, QW_NO_ARGS, row_version,
                     pool));
    *(apr_int64_t *)baton = *(apr_int64_t *)found;
    return NULL;
}

static qw_problem_t *create(qw_db_t *db, void *baton, apr_pool_t *pool)
{
    char *text;

    QW_TRY(read_file(&text, baton, pool));
    return run_script(db, text, pool);
}

/* The driver opens what is there; an empty file is an empty database. WAL mode
 * is a property of the file and cannot be set in a transaction. */
static qw_problem_t *prepare_file(qw_store_t *store, apr_pool_t *pool)
{
    apr_file_t *file;
    qw_problem_t *prob = NULL;
    qw_db_t *db;
    char buf[120];
    apr_status_t rv;

    if (!store->is_file)
        return NULL;
    rv = apr_file_open(&file, store->conf.params,
                       APR_FOPEN_WRITE | APR_FOPEN_CREATE,
                       APR_FPROT_UREAD | APR_FPROT_UWRITE | APR_FPROT_GREAD
                           | APR_FPROT_GWRITE,
                       pool);
    if (rv != APR_SUCCESS)
        return QW_FAIL(pool, INVALID_INPUT, "database file %s: %s",
                       store->conf.params, apr_strerror(rv, buf, sizeof(buf)));
    apr_file_close(file);
    QW_TRY(qw_writers_enter(store->writers, pool));
    prob = qw_store_take(&db, store, pool);
    if (prob == NULL) {
        int error = qw_db_plain(db, "PRAGMA journal_mode = WAL");

        if (error != 0)
            prob = qw_db_broke(db, "journal_mode", error, pool);
        qw_store_give_back(store, db);
    }
    qw_writers_leave(store->writers);
    return prob;
}

qw_problem_t *qw_schema_create(qw_store_t *store, const char *dir,
                               apr_pool_t *pool)
{
    apr_int64_t version = 0;
    const char *path =
        apr_pstrcat(pool, dir, "/", store->backend->driver, ".sql", NULL);
    char *text;

    QW_TRY(read_file(&text, path, pool));
    QW_TRY(prepare_file(store, pool));
    if (qw_store_read(store, read_version, &version, pool) == NULL)
        return QW_FAIL(pool, INVALID_INPUT,
                       "the database has a schema of version %d already; "
                       "'qwacmectl schema upgrade' brings it up to date",
                       (int)version);
    return qw_store_write(store, create, (void *)path, pool);
}

typedef struct {
    apr_int64_t from, to;
    const char *path;
} step_t;

static qw_problem_t *upgrade(qw_db_t *db, void *baton, apr_pool_t *pool)
{
    step_t *step = baton;
    char *text;

    QW_TRY(read_file(&text, step->path, pool));
    QW_TRY(run_script(db, text, pool));
    return qw_db_change(db, AT_qw_schema_set, QW_ARGS(&step->to, &step->from),
                        pool);
}

/* *PATH of the script that leads to VERSION, or NULL. */
static const char *find_step(const char *dir, const char *driver,
                             apr_int64_t version, apr_pool_t *pool)
{
    const char *prefix = apr_psprintf(pool, "%04d-", (int)version);
    const char *suffix = apr_pstrcat(pool, ".", driver, ".sql", NULL);
    const char *found = NULL;
    apr_finfo_t info;
    apr_dir_t *d;

    if (apr_dir_open(&d, apr_pstrcat(pool, dir, "/upgrade", NULL), pool)
        != APR_SUCCESS)
        return NULL;
    while (apr_dir_read(&info, APR_FINFO_NAME, d) == APR_SUCCESS) {
        apr_size_t len = strlen(info.name), tail = strlen(suffix);

        if (strncmp(info.name, prefix, strlen(prefix)) == 0 && len > tail
            && strcmp(info.name + len - tail, suffix) == 0)
            found = apr_pstrcat(pool, dir, "/upgrade/", info.name, NULL);
    }
    apr_dir_close(d);
    return found;
}

qw_problem_t *qw_schema_upgrade(int *steps, qw_store_t *store, const char *dir,
                                int dry_run, apr_pool_t *pool)
{
    step_t step = { 0, 0, NULL };

    *steps = 0;
    QW_TRY(qw_store_read(store, read_version, &step.from, pool));
    for (; step.from < QW_SCHEMA_VERSION; step.from++) {
        step.to = step.from + 1;
        step.path = find_step(dir, store->backend->driver, step.to, pool);
        if (step.path == NULL)
            return QW_FAIL(pool, INVALID_INPUT,
                           "%s/upgrade has no script to version %d for %s", dir,
                           (int)step.to, store->backend->driver);
        if (!dry_run)
            QW_TRY(qw_store_write(store, upgrade, &step, pool));
        (*steps)++;
    }
    return NULL;
}

qw_problem_t *qw_schema_check(qw_store_t *store, apr_pool_t *pool)
{
    apr_int64_t version = 0;
    qw_problem_t *prob = qw_store_read(store, read_version, &version, pool);

    if (prob != NULL)
        return QW_FAIL_BECAUSE(
            pool, INVALID_INPUT, prob->cause,
            "the database has no schema that can be read; make one with "
            "'qwacmectl schema create'");
    if (version < QW_SCHEMA_VERSION)
        return QW_FAIL(pool, INVALID_INPUT,
                       "the database has schema version %d, this program "
                       "needs %d: run 'qwacmectl schema upgrade'",
                       (int)version, QW_SCHEMA_VERSION);
    if (version > QW_SCHEMA_VERSION)
        return QW_FAIL(pool, INVALID_INPUT,
                       "the database has schema version %d, this program "
                       "knows %d: install the newer mod_qwacme",
                       (int)version, QW_SCHEMA_VERSION);
    return NULL;
}
