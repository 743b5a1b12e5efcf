/* Making, checking and upgrading the schema. */
#include "store/schema.h"

#include "base/file.h"
#include "store/store_priv.h"

#include <apr_file_info.h>
#include <apr_file_io.h>
#include <apr_strings.h>

#include <string.h>

enum { MOST = 262144 };

static qw_problem_t *read_file(char **text, const char *path, apr_pool_t *pool)
{
    apr_size_t len = MOST;
    char buf[120];
    apr_status_t rv;

    *text = apr_palloc(pool, MOST + 1);
    rv = qw_file_read(*text, &len, path, pool);
    if (rv == APR_SUCCESS)
        return QW_FAIL(pool, INVALID_INPUT, "the schema file %s is too long",
                       path);
    if (!APR_STATUS_IS_EOF(rv))
        return QW_FAIL(pool, INVALID_INPUT, "the schema file %s: %s", path,
                       apr_strerror(rv, buf, sizeof(buf)));
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

typedef struct {
    const char *setting, *more;
} durability_t;

static void *row_durability(qw_row_t *row)
{
    durability_t *d = apr_palloc(row->pool, sizeof(*d));

    d->setting = qw_row_text(row);
    d->more = qw_row_text(row);
    return d;
}

/* What is there; version 0 and no durability without a schema. */
typedef struct {
    apr_int64_t version;
    durability_t *durability;
} state_t;

static qw_problem_t *read_state(qw_db_t *db, void *baton, apr_pool_t *pool)
{
    state_t *state = baton;
    apr_int64_t *version;
    void *there;

    state->version = 0;
    QW_TRY(qw_db_one(&there, db, AT_qw_schema_exists, QW_NO_ARGS, qw_row_there,
                     pool));
    if (there == NULL)
        return NULL;
    QW_TRY(qw_db_get((void **)&version, db, AT_qw_schema_version, QW_NO_ARGS,
                     qw_row_number, pool));
    state->version = *version;
    return qw_db_get((void **)&state->durability, db, AT_qw_schema_durability,
                     QW_NO_ARGS, row_durability, pool);
}

static qw_problem_t *create(qw_db_t *db, void *baton, apr_pool_t *pool)
{
    char *text;

    QW_TRY(read_file(&text, baton, pool));
    return run_script(db, text, pool);
}

/* A property of the file, which cannot be set in a transaction. */
static qw_problem_t *set_log_mode(qw_store_t *store, apr_pool_t *pool)
{
    apr_time_t deadline = qw_store_clock() + store->conf.wait;
    qw_problem_t *prob;
    qw_db_t *db;
    int rv;

    if (!store->backend->is_file)
        return NULL;
    QW_TRY(qw_connection_take(&db, store, 0, deadline, pool));
    prob = qw_writer_enter(store, db, deadline, pool);
    if (prob == NULL) {
        rv = qw_db_plain(db, "PRAGMA journal_mode = WAL");
        if (rv != 0)
            prob = qw_db_broke(db, "journal_mode", rv, pool);
        qw_writer_leave(store, db);
    }
    db->poisoned = prob != NULL;
    qw_connection_give_back(store, db);
    return prob;
}

qw_problem_t *qw_schema_create(qw_store_t *store, const char *dir,
                               apr_pool_t *pool)
{
    char *path =
        apr_pstrcat(pool, dir, "/", store->backend->driver, ".sql", NULL);
    state_t state = { 0, NULL };
    char *text;

    QW_TRY(read_file(&text, path, pool));
    QW_TRY(qw_file_create(store, pool));
    QW_TRY(qw_store_read(store, read_state, &state, pool));
    if (state.version != 0)
        return QW_FAIL(pool, INVALID_INPUT,
                       "the database has a schema of version %d already; "
                       "'qwacmectl schema upgrade' brings it up to date",
                       (int)state.version);
    QW_TRY(set_log_mode(store, pool));
    return qw_store_write(store, create, path, pool);
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

static qw_problem_t *no_schema(apr_pool_t *pool)
{
    return QW_FAIL(pool, INVALID_INPUT,
                   "the database has no schema: run 'qwacmectl schema create'");
}

qw_problem_t *qw_schema_upgrade(int *steps, qw_store_t *store, const char *dir,
                                int dry_run, apr_pool_t *pool)
{
    const char *driver = store->backend->driver;
    state_t state = { 0, NULL };
    step_t step = { 0, 0, NULL };
    int done = 0;

    QW_TRY(qw_store_read(store, read_state, &state, pool));
    if (state.version == 0)
        return no_schema(pool);
    for (step.from = state.version;; step.from = step.to, done++) {
        step.to = step.from + 1;
        step.path = find_step(dir, driver, step.to, pool);
        if (step.path == NULL)
            break;
        if (!dry_run)
            QW_TRY(qw_store_write(store, upgrade, &step, pool));
    }
    if (step.from < QW_SCHEMA_VERSION)
        return QW_FAIL(pool, INVALID_INPUT,
                       "%s/upgrade has no %04d-*.%s.sql: install the schema "
                       "files of this version",
                       dir, (int)step.to, driver);
    *steps = done;
    return NULL;
}

qw_problem_t *qw_schema_check(qw_store_t *store, apr_pool_t *pool)
{
    state_t state = { 0, NULL };
    const char *weak;

    QW_TRY(qw_store_read(store, read_state, &state, pool));
    if (state.version == 0)
        return no_schema(pool);
    if (state.version < QW_SCHEMA_VERSION)
        return QW_FAIL(pool, INVALID_INPUT,
                       "the database has schema version %d, this program "
                       "needs %d: run 'qwacmectl schema upgrade'",
                       (int)state.version, QW_SCHEMA_VERSION);
    if (state.version > QW_SCHEMA_VERSION)
        return QW_FAIL(pool, INVALID_INPUT,
                       "the database has schema version %d, this program "
                       "knows %d: install the newer mod_qwacme",
                       (int)state.version, QW_SCHEMA_VERSION);
    weak =
        store->backend->weak(state.durability->setting, state.durability->more);
    if (weak != NULL)
        return QW_FAIL(pool, INVALID_INPUT, "the database: %s", weak);
    return NULL;
}
