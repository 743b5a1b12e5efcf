/* One fair queue of writers for an SQLite file. Without it the driver sleeps
 * 100 ms whenever two meet, and starves one of them. */
#include "store/store_priv.h"

#include <apr_strings.h>
#include <apr_thread_mutex.h>

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

enum { CHECKPOINT_EVERY = 500, POLL_US = 2000 };

struct qw_writers_t {
    const qw_store_t *store;
    apr_thread_mutex_t *threads; /* of this process, without a global mutex */
    const char *lock_path;
    int fd; /* of the lock file; -1 until the first writer */
    apr_uint32_t commits;
    dev_t dev; /* of the database when it was first written */
    ino_t ino;
};

static apr_status_t close_fd(void *data)
{
    qw_writers_t *w = data;

    if (w->fd >= 0)
        close(w->fd);
    w->fd = -1;
    return APR_SUCCESS;
}

qw_problem_t *qw_writers_open(qw_writers_t **writers, const qw_store_t *store,
                              apr_pool_t *pool)
{
    qw_writers_t *w;

    *writers = NULL;
    if (!store->is_file)
        return NULL;
    w = apr_pcalloc(pool, sizeof(*w));
    w->store = store;
    w->fd = -1;
    w->lock_path = apr_pstrcat(pool, store->conf.params, "-lock", NULL);
    if (apr_thread_mutex_create(&w->threads, APR_THREAD_MUTEX_DEFAULT, pool)
        != APR_SUCCESS)
        return QW_FAIL(pool, SERVER_INTERNAL, "no mutex for writers");
    apr_pool_cleanup_register(pool, w, close_fd, apr_pool_cleanup_null);
    *writers = w;
    return NULL;
}

static void lock_threads(qw_writers_t *w)
{
    if (w->store->conf.write_lock != NULL)
        apr_global_mutex_lock(w->store->conf.write_lock);
    else
        apr_thread_mutex_lock(w->threads);
}

static void unlock_threads(qw_writers_t *w)
{
    if (w->store->conf.write_lock != NULL)
        apr_global_mutex_unlock(w->store->conf.write_lock);
    else
        apr_thread_mutex_unlock(w->threads);
}

/* The lock file belongs to whoever owns the database, also if root came first. */
static int open_lock(qw_writers_t *w)
{
    struct stat st;
    int fd = open(w->lock_path, O_RDWR | O_CREAT | O_CLOEXEC, 0660);

    if (fd >= 0 && geteuid() == 0 && stat(w->store->conf.params, &st) == 0
        && fchown(fd, st.st_uid, st.st_gid) != 0) {
        close(fd);
        return -1;
    }
    return fd;
}

/* The kernel drops the lock when its holder dies. */
static int lock_file(qw_writers_t *w)
{
    apr_time_t end = apr_time_now() + w->store->conf.wait;

    if (w->fd < 0)
        w->fd = open_lock(w);
    if (w->fd < 0)
        return errno;
    while (flock(w->fd, LOCK_EX | LOCK_NB) != 0) {
        if (errno != EWOULDBLOCK && errno != EINTR)
            return errno;
        if (apr_time_now() > end)
            return ETIMEDOUT;
        usleep(POLL_US);
    }
    return 0;
}

/* A database that was replaced under us is another database. */
static int same_file(qw_writers_t *w)
{
    struct stat st;

    if (stat(w->store->conf.params, &st) != 0)
        return 0;
    if (w->ino == 0) {
        w->dev = st.st_dev;
        w->ino = st.st_ino;
    }
    return w->dev == st.st_dev && w->ino == st.st_ino;
}

static qw_problem_t *refuse(const char *path, const char *why, apr_pool_t *pool)
{
    qw_problem_t *prob =
        QW_FAIL_BECAUSE(pool, UNAVAILABLE,
                        apr_pstrcat(pool, path, ": ", why, NULL),
                        "storage is busy; try again later");

    prob->retry_after = apr_time_from_sec(3);
    return prob;
}

qw_problem_t *qw_writers_enter(qw_writers_t *w, apr_pool_t *pool)
{
    qw_problem_t *prob = NULL;
    int error;

    if (w == NULL)
        return NULL;
    lock_threads(w);
    error = lock_file(w);
    if (error != 0)
        prob = refuse(w->lock_path, strerror(error), pool);
    else if (!same_file(w)) {
        flock(w->fd, LOCK_UN);
        prob = refuse(w->store->conf.params,
                      "the file was replaced; restart httpd", pool);
    }
    if (prob != NULL)
        unlock_threads(w);
    return prob;
}

void qw_writers_leave(qw_writers_t *w)
{
    if (w == NULL)
        return;
    flock(w->fd, LOCK_UN);
    unlock_threads(w);
}

int qw_writers_checkpoint_due(qw_writers_t *w)
{
    return w != NULL && ++w->commits % CHECKPOINT_EVERY == 0;
}
