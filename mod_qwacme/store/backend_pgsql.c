/* PostgreSQL: its own word for every COMMIT, and time limits for everything. */
#include "store/db.h"

#include <apr_strings.h>

#include <dlfcn.h>
#include <string.h>

/* libpq's, by their values: the driver has loaded it, we do not link it. */
enum { PGRES_COMMAND_OK = 1, CONNECTION_OK = 0, PQERRORS_SQLSTATE = 3 };

typedef struct {
    void *(*exec)(void *conn, const char *sql);
    int (*result_status)(const void *res);
    char *(*cmd_status)(void *res);
    void (*clear)(void *res);
    int (*status)(const void *conn);
    int (*verbosity)(void *conn, int how);
    void *(*receiver)(void *conn, void (*fn)(void *, const void *), void *);
} lib_t;

static int load(const void **lib, apr_pool_t *pool)
{
    lib_t *pq = apr_pcalloc(pool, sizeof(*pq));

    *(void **)&pq->exec = dlsym(RTLD_DEFAULT, "PQexec");
    *(void **)&pq->result_status = dlsym(RTLD_DEFAULT, "PQresultStatus");
    *(void **)&pq->cmd_status = dlsym(RTLD_DEFAULT, "PQcmdStatus");
    *(void **)&pq->clear = dlsym(RTLD_DEFAULT, "PQclear");
    *(void **)&pq->status = dlsym(RTLD_DEFAULT, "PQstatus");
    *(void **)&pq->verbosity = dlsym(RTLD_DEFAULT, "PQsetErrorVerbosity");
    *(void **)&pq->receiver = dlsym(RTLD_DEFAULT, "PQsetNoticeReceiver");
    *lib = pq;
    return pq->exec != NULL && pq->result_status != NULL
           && pq->cmd_status != NULL && pq->clear != NULL && pq->status != NULL
           && pq->verbosity != NULL && pq->receiver != NULL;
}

static const lib_t *lib_of(const qw_db_t *db)
{
    return db->lib;
}

static void *native(qw_db_t *db)
{
    return apr_dbd_native_handle(db->driver, db->handle);
}

/* What the administrator wrote stands; the rest is added in the form that the
 * connection string has. */
static const char *params(const char *given, apr_pool_t *pool)
{
    static const char *const more[] = { "connect_timeout=5",
                                        "tcp_user_timeout=5000",
                                        "target_session_attrs=read-write" };
    int is_url = strncmp(given, "postgresql://", 13) == 0
                 || strncmp(given, "postgres://", 11) == 0;
    const char *all = given;
    unsigned i;

    for (i = 0; i < sizeof(more) / sizeof(more[0]); i++) {
        apr_size_t len = strcspn(more[i], "=");

        if (strstr(given, apr_pstrmemdup(pool, more[i], len)) != NULL)
            continue;
        all = apr_pstrcat(pool, all,
                          !is_url                    ? " "
                          : strchr(all, '?') != NULL ? "&"
                                                     : "?",
                          more[i], NULL);
    }
    return all;
}

/* "canceling wait for synchronous replication": committed here, perhaps not
 * there. The driver would hide it. */
static void on_notice(void *baton, const void *res)
{
    ((qw_db_t *)baton)->warned = 1;
}

static const char *set_up(qw_db_t *db)
{
    static const char *const settings[] = {
        "SET statement_timeout = '10s'", "SET lock_timeout = '5s'",
        "SET idle_in_transaction_session_timeout = '20s'"
    };
    unsigned i;
    int rv;

    lib_of(db)->verbosity(native(db), PQERRORS_SQLSTATE);
    lib_of(db)->receiver(native(db), on_notice, db);
    for (i = 0; i < sizeof(settings) / sizeof(settings[0]); i++)
        if ((rv = qw_db_plain(db, settings[i])) != 0)
            return qw_db_reason(db, rv);
    return NULL;
}

/* A COMMIT after a failed statement is answered "ROLLBACK", without an error. */
static qw_commit_e commit(qw_db_t *db)
{
    const lib_t *pq = lib_of(db);
    qw_commit_e how = QW_UNKNOWN;
    void *res;

    db->warned = 0;
    res = pq->exec(native(db), "COMMIT");
    if (res != NULL && pq->result_status(res) == PGRES_COMMAND_OK)
        how = strcmp(pq->cmd_status(res), "COMMIT") == 0 ? QW_COMMITTED
                                                         : QW_NOT_COMMITTED;
    else if (pq->status(native(db)) == CONNECTION_OK)
        how = QW_NOT_COMMITTED;
    if (res != NULL)
        pq->clear(res);
    if (how == QW_COMMITTED && db->warned)
        how = QW_UNKNOWN;
    return how;
}

/* With PQERRORS_SQLSTATE an error is "ERROR:  40001"; without a server it is a
 * sentence of libpq's. */
static qw_broke_e broke(qw_db_t *db)
{
    static const char *const faults[] = { "22", "23", "42", "P0" };
    const char *code = strstr(qw_db_reason(db, 0), ":  ");
    unsigned i;

    if (code == NULL || lib_of(db)->status(native(db)) != CONNECTION_OK)
        return QW_BROKE_AWAY;
    code += 3;
    if (strncmp(code, "40001", 5) == 0 || strncmp(code, "40P01", 5) == 0)
        return QW_BROKE_RETRY;
    if (strncmp(code, "23505", 5) == 0)
        return QW_BROKE_CLASH;
    for (i = 0; i < sizeof(faults) / sizeof(faults[0]); i++)
        if (strncmp(code, faults[i], 2) == 0)
            return QW_BROKE_REFUSED;
    return QW_BROKE_AWAY;
}

static const char *weak(const char *commit_setting, const char *standbys)
{
    if (commit_setting != NULL
        && (strcmp(commit_setting, "on") == 0
            || strcmp(commit_setting, "remote_apply") == 0
            || (strcmp(commit_setting, "local") == 0
                && (standbys == NULL || *standbys == '\0'))))
        return NULL;
    return "synchronous_commit is weaker than on: a signature could lose its "
           "record; set it to on for these roles";
}

static const char *dialect(qw_stmt_e stmt)
{
    switch ((int)stmt) {
#define QW_STMT(name, sql)                                                     \
    case AT_##name:                                                            \
        return sql;
#include "store/qw_sql_pgsql.h"
#undef QW_STMT
    default:
        return qw_stmt_sql(stmt);
    }
}

const qw_backend_t qw_backend_pgsql = {
#define QW_BACKEND(name, package, write, read) ROW_##name(package, write, read)
#define ROW_sqlite3(package, write, read)
#define ROW_pgsql(package, write, read) "pgsql", package, write, read, 0,
#include "store/backends.def"
    load, params, set_up, commit, broke, weak, dialect
};
