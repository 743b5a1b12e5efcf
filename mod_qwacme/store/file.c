/* The file of SQLite and its log. */
#include "store/store_priv.h"

#include "base/log.h"

#include <apr_atomic.h>
#include <apr_strings.h>

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <unistd.h>

/* A log of about a thousand pages; looked at every few commits of a process. */
enum { LONG_LOG = 4 * 1024 * 1024, LOOK_EVERY = 50 };
enum { NFS = 0x6969, SMB2 = (int)0xfe534d42, CIFS = (int)0xff534d42 };

static qw_problem_t *away(qw_store_t *store, const char *why, apr_pool_t *pool)
{
    return qw_store_away(apr_pstrcat(pool, store->conf.params, ": ", why, NULL),
                         pool);
}

/* 1 if ST is the file of the first connection, or this is the first. */
static int is_same(qw_store_t *store, const struct stat *st)
{
    int same;

    apr_thread_mutex_lock(store->mutex);
    if (store->ino == 0) {
        store->dev = st->st_dev;
        store->ino = st->st_ino;
    }
    same = store->dev == st->st_dev && store->ino == st->st_ino;
    apr_thread_mutex_unlock(store->mutex);
    return same;
}

static qw_problem_t *look(qw_store_t *store, apr_pool_t *pool)
{
    char buf[120];
    struct stat st;

    if (stat(store->conf.params, &st) != 0)
        return away(store, apr_strerror(errno, buf, sizeof(buf)), pool);
    if (!is_same(store, &st))
        return away(store,
                    "the database was replaced while in use; restart what "
                    "uses it",
                    pool);
    return NULL;
}

/* SQLite would make an empty database of a missing one; and neither its locks
 * nor its shared memory work across a network. */
qw_problem_t *qw_file_ready(qw_store_t *store, apr_pool_t *pool)
{
    struct statfs fs;

    if (!store->backend->is_file)
        return NULL;
    QW_TRY(look(store, pool));
    if (statfs(store->conf.params, &fs) == 0
        && (fs.f_type == NFS || (int)fs.f_type == SMB2
            || (int)fs.f_type == CIFS))
        return away(store,
                    "is on a network file system: move it to a local disk, or "
                    "use pgsql",
                    pool);
    return NULL;
}

qw_problem_t *qw_file_same(qw_store_t *store, qw_db_t *db, apr_pool_t *pool)
{
    struct stat st;
    int there;

    if (!store->backend->is_file)
        return NULL;
    QW_TRY(look(store, pool));
    there = stat(apr_pstrcat(pool, store->conf.params, "-wal", NULL), &st) == 0;
    if (db->log_ino == 0 && there)
        db->log_ino = st.st_ino;
    if (db->log_ino == 0 || (there && db->log_ino == st.st_ino))
        return NULL;
    db->poisoned = 1;
    return away(store, "its log was deleted while in use", pool);
}

static apr_off_t log_size(qw_store_t *store, apr_pool_t *pool)
{
    struct stat st;

    if (stat(apr_pstrcat(pool, store->conf.params, "-wal", NULL), &st) != 0)
        return 0;
    return st.st_size;
}

/* A reader in the way only leaves the log as long as it is. */
void qw_file_checkpoint(qw_store_t *store, qw_db_t *db, apr_pool_t *pool)
{
    if (!store->backend->is_file
        || apr_atomic_inc32(&store->commits) % LOOK_EVERY != LOOK_EVERY - 1
        || log_size(store, pool) < LONG_LOG)
        return;
    if (qw_db_plain(db, "PRAGMA wal_checkpoint(TRUNCATE)") == 0)
        return;
    qw_log(QW_LOG_WARNING, 0, pool, "QW0120: database %s: no checkpoint: %s",
           store->conf.params, qw_db_reason(db, 0));
    db->poisoned = 1;
}

qw_problem_t *qw_file_settle(qw_store_t *store, qw_db_t *db, apr_pool_t *pool)
{
    int rv = qw_db_plain(db, "PRAGMA wal_checkpoint(TRUNCATE)");

    if (rv != 0) {
        db->poisoned = 1;
        return away(store, qw_db_reason(db, rv), pool);
    }
    if (log_size(store, pool) != 0)
        return away(store, "a reader keeps the log from being settled", pool);
    apr_atomic_set32(&store->doubtful, 0);
    return NULL;
}

void qw_file_rest(qw_store_t *store, qw_db_t *db, apr_pool_t *pool)
{
    if (apr_atomic_read32(&store->doubtful) || log_size(store, pool) == 0
        || qw_file_same(store, db, pool) != NULL
        || !qw_writer_try(store, db, pool))
        return;
    (void)qw_db_plain(db, "PRAGMA wal_checkpoint(TRUNCATE)");
}

/* The last component cut off; "." if there is but one. */
static const char *folder_of(const char *path, apr_pool_t *pool)
{
    const char *slash = strrchr(path, '/');

    if (slash == NULL)
        return ".";
    return slash == path
               ? "/"
               : apr_pstrmemdup(pool, path, (apr_size_t)(slash - path));
}

qw_problem_t *qw_file_create(qw_store_t *store, apr_pool_t *pool)
{
    const char *path = store->conf.params, *folder = folder_of(path, pool);
    struct stat st;
    char buf[120];
    int fd, bad;

    if (!store->backend->is_file)
        return NULL;
    if (stat(folder, &st) != 0)
        return QW_FAIL(pool, INVALID_INPUT, "the folder %s: %s", folder,
                       apr_strerror(errno, buf, sizeof(buf)));
    fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (fd < 0 && errno == EEXIST)
        return NULL;
    if (fd < 0)
        return QW_FAIL(pool, INVALID_INPUT, "the database file %s: %s", path,
                       apr_strerror(errno, buf, sizeof(buf)));
    bad = (geteuid() == 0 && fchown(fd, st.st_uid, st.st_gid) != 0)
          || fchmod(fd, 0600 | (st.st_mode & 0060)) != 0;
    close(fd);
    if (!bad)
        return NULL;
    unlink(path);
    return QW_FAIL(pool, INVALID_INPUT,
                   "the database file %s cannot be given to the owner of %s",
                   path, folder);
}
