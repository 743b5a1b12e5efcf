/* SQLite: one writer, durable commits, checkpoints only under the write lock. */
#include "store/db.h"

#include <dlfcn.h>
#include <string.h>

enum { SQLITE_IOERR = 10 };

/* The driver loads libsqlite3 for the whole process; two of its functions say
 * what apr_dbd does not. */
static int (*autocommit_of)(void *);
static int (*errcode_of)(void *);

static void find_functions(void)
{
    *(void **)&autocommit_of = dlsym(RTLD_DEFAULT, "sqlite3_get_autocommit");
    *(void **)&errcode_of = dlsym(RTLD_DEFAULT, "sqlite3_extended_errcode");
}

static const char *params(const char *path, apr_pool_t *pool)
{
    return path;
}

/* busy_timeout stays unset: it would be waited for inside the driver's mutex.
 * No checkpoint but ours: SQLite before 3.51.3 can corrupt a WAL when one runs
 * beside a commit. */
static const char *set_up(qw_db_t *db)
{
    static const char *const settings[] = { "PRAGMA synchronous = FULL",
                                            "PRAGMA foreign_keys = ON",
                                            "PRAGMA wal_autocheckpoint = 0",
                                            "PRAGMA trusted_schema = OFF" };
    unsigned i;
    int rv;

    find_functions();
    if (autocommit_of == NULL || errcode_of == NULL)
        return "libsqlite3 is not loaded where its functions can be found";
    for (i = 0; i < sizeof(settings) / sizeof(settings[0]); i++)
        if ((rv = qw_db_plain(db, settings[i])) != 0)
            return apr_dbd_error(db->driver, db->handle, rv);
    return NULL;
}

static int in_transaction(qw_db_t *db)
{
    return !autocommit_of(apr_dbd_native_handle(db->driver, db->handle));
}

/* A COMMIT that is refused leaves the transaction open on the handle, where the
 * next borrower would commit it. After an I/O error nobody knows. */
static qw_commit_e commit(qw_db_t *db)
{
    int rv = qw_db_plain(db, "COMMIT"), code;

    if (rv == 0 && !in_transaction(db))
        return QW_COMMITTED;
    code = errcode_of(apr_dbd_native_handle(db->driver, db->handle));
    if ((code & 0xff) == SQLITE_IOERR)
        return QW_UNKNOWN;
    if (in_transaction(db)
        && (qw_db_plain(db, "ROLLBACK") != 0 || in_transaction(db)))
        db->poisoned = 1;
    return QW_NOT_COMMITTED;
}

static int may_retry(qw_db_t *db)
{
    return 0;
}

const qw_backend_t qw_backend_sqlite3 = {
#define QW_BACKEND(name, package, write, read) ROW_##name(package, write, read)
#define ROW_sqlite3(package, write, read)      "sqlite3", package, write, read,
#define ROW_pgsql(package, write, read)
#include "store/backends.def"
    params, set_up, commit, may_retry, qw_stmt_sql
};
