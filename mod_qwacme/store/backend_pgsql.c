/* PostgreSQL: its own word for every COMMIT, and time limits for everything. */
#include "store/db.h"

#include <apr_strings.h>

#include <dlfcn.h>
#include <string.h>

/* libpq's, by their values: the driver has loaded it, we do not link it. */
enum { PGRES_COMMAND_OK = 1, CONNECTION_OK = 0, PQERRORS_SQLSTATE = 3 };

static struct {
    void *(*exec)(void *conn, const char *sql);
    int (*result_status)(const void *res);
    char *(*cmd_status)(void *res);
    void (*clear)(void *res);
    int (*status)(const void *conn);
    int (*verbosity)(void *conn, int how);
    void *(*receiver)(void *conn, void (*fn)(void *, const void *), void *);
} pq;

static int find_functions(void)
{
    *(void **)&pq.exec = dlsym(RTLD_DEFAULT, "PQexec");
    *(void **)&pq.result_status = dlsym(RTLD_DEFAULT, "PQresultStatus");
    *(void **)&pq.cmd_status = dlsym(RTLD_DEFAULT, "PQcmdStatus");
    *(void **)&pq.clear = dlsym(RTLD_DEFAULT, "PQclear");
    *(void **)&pq.status = dlsym(RTLD_DEFAULT, "PQstatus");
    *(void **)&pq.verbosity = dlsym(RTLD_DEFAULT, "PQsetErrorVerbosity");
    *(void **)&pq.receiver = dlsym(RTLD_DEFAULT, "PQsetNoticeReceiver");
    return pq.exec != NULL && pq.result_status != NULL && pq.cmd_status != NULL
           && pq.clear != NULL && pq.status != NULL && pq.verbosity != NULL
           && pq.receiver != NULL;
}

/* What the administrator wrote wins: libpq takes the last of two. */
static const char *params(const char *given, apr_pool_t *pool)
{
    return apr_pstrcat(pool,
                       "connect_timeout=5 tcp_user_timeout=5000 "
                       "target_session_attrs=read-write ",
                       given, NULL);
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
    void *conn = apr_dbd_native_handle(db->driver, db->handle);
    unsigned i;
    int rv;

    if (!find_functions())
        return "libpq is not loaded where its functions can be found";
    pq.verbosity(conn, PQERRORS_SQLSTATE);
    pq.receiver(conn, on_notice, db);
    for (i = 0; i < sizeof(settings) / sizeof(settings[0]); i++)
        if ((rv = qw_db_plain(db, settings[i])) != 0)
            return apr_dbd_error(db->driver, db->handle, rv);
    return NULL;
}

/* A COMMIT after a failed statement is answered "ROLLBACK", without an error. */
static qw_commit_e commit(qw_db_t *db)
{
    void *conn = apr_dbd_native_handle(db->driver, db->handle), *res;
    qw_commit_e how = QW_UNKNOWN;

    db->warned = 0;
    res = pq.exec(conn, "COMMIT");
    if (res != NULL && pq.result_status(res) == PGRES_COMMAND_OK)
        how = strcmp(pq.cmd_status(res), "COMMIT") == 0 ? QW_COMMITTED
                                                        : QW_NOT_COMMITTED;
    else if (pq.status(conn) == CONNECTION_OK)
        how = QW_NOT_COMMITTED;
    if (res != NULL)
        pq.clear(res);
    if (how == QW_COMMITTED && db->warned)
        how = QW_UNKNOWN;
    return how;
}

/* Serialization failure, deadlock victim. */
static int may_retry(qw_db_t *db)
{
    const char *why = apr_dbd_error(db->driver, db->handle, 0);

    return why != NULL
           && (strstr(why, "40001") != NULL || strstr(why, "40P01") != NULL);
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
#define ROW_pgsql(package, write, read) "pgsql", package, write, read,
#include "store/backends.def"
    params, set_up, commit, may_retry, dialect
};
