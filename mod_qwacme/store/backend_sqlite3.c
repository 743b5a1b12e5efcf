/* SQLite: one writer, durable commits, checkpoints only under the write lock. */
#include "store/db.h"

#include <dlfcn.h>
#include <string.h>

/* Result codes and a switch, by their values: the driver has loaded the
 * library, we do not link it. */
enum { BUSY = 5, LOCKED = 6, NOMEM = 7, READONLY = 8, INTERRUPT = 9 };
enum { IOERR = 10, CORRUPT = 11, FULL = 13, CANTOPEN = 14, PROTOCOL = 15 };
enum { SCHEMA = 17, NOTADB = 26, NO_CKPT_ON_CLOSE = 1006 };

typedef struct {
    int (*autocommit)(void *handle);
    int (*errcode)(void *handle);
    int (*config)(void *handle, int op, ...);
} lib_t;

static int load(const void **lib, apr_pool_t *pool)
{
    lib_t *found = apr_pcalloc(pool, sizeof(*found));

    *(void **)&found->autocommit =
        dlsym(RTLD_DEFAULT, "sqlite3_get_autocommit");
    *(void **)&found->errcode = dlsym(RTLD_DEFAULT, "sqlite3_extended_errcode");
    *(void **)&found->config = dlsym(RTLD_DEFAULT, "sqlite3_db_config");
    *lib = found;
    return found->autocommit != NULL && found->errcode != NULL
           && found->config != NULL;
}

static const lib_t *lib_of(const qw_db_t *db)
{
    return db->lib;
}

static void *native(qw_db_t *db)
{
    return apr_dbd_native_handle(db->driver, db->handle);
}

static const char *params(const char *path, apr_pool_t *pool)
{
    return path;
}

/* busy_timeout stays unset: it would be waited for inside the driver's mutex. But
 * of those who open at once after all had closed, one reads the write-ahead log
 * anew, and the others wait here for that. No checkpoint but ours, not even when
 * the last connection closes. */
static const char *set_up(qw_db_t *db)
{
    static const char *const settings[] = {
        "PRAGMA busy_timeout = 5000",  "PRAGMA synchronous = FULL",
        "PRAGMA foreign_keys = ON",    "PRAGMA wal_autocheckpoint = 0",
        "PRAGMA trusted_schema = OFF", "PRAGMA user_version",
        "PRAGMA busy_timeout = 0"
    };
    unsigned i;
    int rv;

    if (lib_of(db)->config(native(db), NO_CKPT_ON_CLOSE, 1, (int *)NULL) != 0)
        return "the checkpoint at the end cannot be turned off";
    for (i = 0; i < sizeof(settings) / sizeof(settings[0]); i++)
        if ((rv = qw_db_plain(db, settings[i])) != 0)
            return qw_db_reason(db, rv);
    return NULL;
}

static int code_of(qw_db_t *db)
{
    return lib_of(db)->errcode(native(db)) & 0xff;
}

static int in_transaction(qw_db_t *db)
{
    return !lib_of(db)->autocommit(native(db));
}

/* A COMMIT that is refused leaves the transaction open on the handle, where the
 * next borrower would commit it. After an I/O error nobody knows. */
static qw_commit_e commit(qw_db_t *db)
{
    int rv = qw_db_plain(db, "COMMIT");

    if (rv == 0 && !in_transaction(db))
        return QW_COMMITTED;
    db->poisoned = 1;
    if (code_of(db) == IOERR)
        return QW_UNKNOWN;
    if (in_transaction(db)) {
        db->retry = 0;
        (void)qw_db_plain(db, "ROLLBACK");
        return QW_NOT_COMMITTED;
    }
    return rv == 0 ? QW_UNKNOWN : QW_NOT_COMMITTED;
}

/* The driver prepares by the old call: after a change of the schema a statement
 * fails until it is prepared anew; if this connection made the change, without
 * a code. */
static qw_broke_e broke(qw_db_t *db)
{
    switch (code_of(db)) {
    case 0:
    case SCHEMA:
        return QW_BROKE_RETRY;
    case BUSY:
    case LOCKED:
    case NOMEM:
    case READONLY:
    case INTERRUPT:
    case IOERR:
    case CORRUPT:
    case FULL:
    case CANTOPEN:
    case PROTOCOL:
    case NOTADB:
        return QW_BROKE_AWAY;
    default:
        return QW_BROKE_REFUSED;
    }
}

static const char *weak(const char *journal, const char *application)
{
    if (journal == NULL || strcmp(journal, "wal") != 0)
        return "journal_mode is not wal: run 'PRAGMA journal_mode = WAL' on it "
               "while nothing uses it";
    if (application == NULL || strcmp(application, "1365721923") != 0)
        return "application_id is not that of mod_qwacme: this is another "
               "program's file";
    return NULL;
}

const qw_backend_t qw_backend_sqlite3 = {
#define QW_BACKEND(name, package, write, read) ROW_##name(package, write, read)
#define ROW_sqlite3(package, write, read)      "sqlite3", package, write, read, 1,
#define ROW_pgsql(package, write, read)
#include "store/backends.def"
    load, params, set_up, commit, broke, weak, qw_stmt_sql
};
