/* One fair queue of writers for an SQLite file. Without it the driver sleeps
 * 100 ms whenever two meet, and starves one of them; and a checkpoint beside a
 * commit can corrupt the file in SQLite before 3.51.3. */
#include "store/store_priv.h"

#include <apr_strings.h>
#include <apr_version.h>

#include <errno.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum { SHORT_NAP_US = 200, LONG_NAP_US = 2000 };
enum { HUNGRY_US = 20000, PATIENCE_US = 20000 };

/* Neither lock can wake us at a time: look again, ever more seldom. */
static void nap(int *us)
{
    struct timespec t = { 0, *us * 1000L };

    nanosleep(&t, NULL);
    if (*us < LONG_NAP_US)
        *us *= 2;
}

static apr_status_t try_until(apr_global_mutex_t *mutex, apr_time_t deadline)
{
    int us = SHORT_NAP_US;
    apr_status_t rv;

    while (APR_STATUS_IS_EBUSY(rv = apr_global_mutex_trylock(mutex))) {
        if (qw_store_clock() >= deadline)
            return APR_TIMEUP;
        nap(&us);
    }
    return rv;
}

static apr_status_t lock_mutex(apr_global_mutex_t *mutex, apr_time_t deadline)
{
#if APR_VERSION_AT_LEAST(1, 7, 0)
    apr_interval_time_t left = deadline - qw_store_clock();
    apr_status_t rv = apr_global_mutex_timedlock(mutex, left > 0 ? left : 0);

    if (!APR_STATUS_IS_ENOTIMPL(rv))
        return rv;
#endif
    return try_until(mutex, deadline);
}

/* Who may write the database may lock it, also if root came first. */
static int open_lock(const char *path, const char *database)
{
    int fd = open(path, O_RDWR | O_CLOEXEC), made;
    struct stat st;

    if (fd >= 0 || errno != ENOENT || stat(database, &st) != 0)
        return fd;
    made = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (made >= 0) {
        if ((geteuid() == 0 && fchown(made, st.st_uid, st.st_gid) != 0)
            || fchmod(made, st.st_mode & 0666) != 0) {
            close(made);
            return -1;
        }
        return made;
    }
    return open(path, O_RDWR | O_CLOEXEC);
}

/* Who polls would starve beside a process that writes without a pause. After
 * some time he puts a mark on the lock file, and whoever comes then lets him go
 * first. Where there are no such locks he takes his chance. */
#ifdef F_OFD_SETLK
static void mark(int fd, short type)
{
    struct flock first = { 0 };

    first.l_type = type;
    first.l_whence = SEEK_SET;
    first.l_len = 1;
    (void)fcntl(fd, F_OFD_SETLK, &first);
}

static int is_marked(int fd)
{
    struct flock first = { 0 };

    first.l_type = F_WRLCK;
    first.l_whence = SEEK_SET;
    first.l_len = 1;
    return fcntl(fd, F_OFD_GETLK, &first) == 0 && first.l_type != F_UNLCK;
}
#else
static void mark(int fd, short type)
{
}

static int is_marked(int fd)
{
    return 0;
}
#endif

static void give_way(int fd)
{
    apr_time_t until = qw_store_clock() + PATIENCE_US;
    int us = SHORT_NAP_US;

    while (is_marked(fd) && qw_store_clock() < until)
        nap(&us);
}

static apr_status_t poll_lock(int fd, apr_time_t deadline)
{
    apr_time_t hungry = qw_store_clock() + HUNGRY_US, now;
    apr_status_t rv = APR_SUCCESS;
    int us = SHORT_NAP_US;

    while (flock(fd, LOCK_EX | LOCK_NB) != 0) {
        if (errno != EWOULDBLOCK && errno != EINTR)
            rv = errno;
        now = qw_store_clock();
        if (rv == APR_SUCCESS && now >= deadline)
            rv = APR_TIMEUP;
        if (rv != APR_SUCCESS)
            break;
        if (now >= hungry) {
            mark(fd, F_RDLCK);
            us = SHORT_NAP_US;
        }
        nap(&us);
    }
    mark(fd, F_UNLCK);
    return rv;
}

/* The kernel drops the lock when its holder dies. Each connection has the file
 * open for itself, so threads exclude each other too. */
static apr_status_t lock_file(qw_db_t *db, const char *path,
                              const char *database, apr_time_t deadline)
{
    if (db->lock_fd < 0)
        db->lock_fd = open_lock(path, database);
    if (db->lock_fd < 0)
        return errno;
    give_way(db->lock_fd);
    return poll_lock(db->lock_fd, deadline);
}

static qw_problem_t *refuse(const char *path, apr_status_t rv, apr_pool_t *pool)
{
    char buf[120];

    if (APR_STATUS_IS_TIMEUP(rv))
        return qw_store_away(apr_pstrcat(pool, path,
                                         ": another process holds the write "
                                         "lock too long",
                                         NULL),
                             pool);
    return qw_store_away(apr_pstrcat(pool, path, ": ",
                                     apr_strerror(rv, buf, sizeof(buf)), NULL),
                         pool);
}

qw_problem_t *qw_writer_enter(qw_store_t *store, qw_db_t *db,
                              apr_time_t deadline, apr_pool_t *pool)
{
    apr_global_mutex_t *mutex = store->conf.write_lock;
    const char *path;
    apr_status_t rv;

    if (!store->backend->is_file)
        return NULL;
    path = apr_pstrcat(pool, store->conf.params, "-lock", NULL);
    rv = mutex != NULL ? lock_mutex(mutex, deadline) : APR_SUCCESS;
    if (rv != APR_SUCCESS)
        return refuse(path, rv, pool);
    rv = lock_file(db, path, store->conf.params, deadline);
    if (rv == APR_SUCCESS)
        return NULL;
    if (mutex != NULL)
        apr_global_mutex_unlock(mutex);
    return refuse(path, rv, pool);
}

int qw_writer_try(qw_store_t *store, qw_db_t *db, apr_pool_t *pool)
{
    const char *path = apr_pstrcat(pool, store->conf.params, "-lock", NULL);

    if (db->lock_fd < 0)
        db->lock_fd = open_lock(path, store->conf.params);
    return db->lock_fd >= 0 && flock(db->lock_fd, LOCK_EX | LOCK_NB) == 0;
}

void qw_writer_leave(qw_store_t *store, qw_db_t *db)
{
    if (!store->backend->is_file)
        return;
    flock(db->lock_fd, LOCK_UN);
    if (store->conf.write_lock != NULL)
        apr_global_mutex_unlock(store->conf.write_lock);
}
