#include "base/file.h"

#include <apr_strings.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

apr_status_t qw_file_read(char *text, apr_size_t *len, const char *path,
                          apr_pool_t *pool)
{
    apr_file_t *file;
    apr_status_t rv =
        apr_file_open(&file, path, APR_FOPEN_READ, APR_FPROT_OS_DEFAULT, pool);

    if (rv != APR_SUCCESS)
        return rv;
    rv = apr_file_read_full(file, text, *len, len);
    apr_file_close(file);
    text[*len] = '\0';
    return rv;
}

int qw_file_write(int fd, const void *data, apr_size_t len)
{
    const char *at = data;

    while (len > 0) {
        ssize_t n = write(fd, at, len);

        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return 0;
        at += n;
        len -= (apr_size_t)n;
    }
    return 1;
}

static qw_problem_t *broke(const char *path, apr_pool_t *pool)
{
    return QW_FAIL_BECAUSE(pool, UNAVAILABLE,
                           apr_pstrcat(pool, path, ": ", strerror(errno), NULL),
                           "a file cannot be written; try again later");
}

static int set_time(int fd, apr_time_t when)
{
    struct timespec times[2] = { { 0 } };

    if (when == 0)
        return 1;
    times[0].tv_nsec = UTIME_OMIT;
    times[1].tv_sec = apr_time_sec(when);
    return futimens(fd, times) == 0;
}

/* The rename itself is on disk only when the folder is. */
static int sync_folder(const char *path, apr_pool_t *pool)
{
    const char *slash = strrchr(path, '/');
    int fd, good;

    if (slash == NULL)
        return 1;
    fd = open(apr_pstrmemdup(pool, path, (apr_size_t)(slash - path)),
              O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    good = fd >= 0 && fsync(fd) == 0;
    if (fd >= 0)
        close(fd);
    return good;
}

static qw_problem_t *fill_new(int fd, const char *path, qw_file_fill_fn fill,
                              void *baton, const qw_file_how_t *how,
                              apr_pool_t *pool)
{
    if (fchmod(fd, (mode_t)how->mode) != 0)
        return broke(path, pool);
    QW_TRY(fill(fd, baton, pool));
    return set_time(fd, how->changed) && (!how->sync || fsync(fd) == 0)
               ? NULL
               : broke(path, pool);
}

qw_problem_t *qw_file_replace_by(const char *path, qw_file_fill_fn fill,
                                 void *baton, const qw_file_how_t *how,
                                 apr_pool_t *pool)
{
    const char *fresh = apr_pstrcat(pool, path, ".new", NULL);
    int fd = open(fresh, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, how->mode);
    qw_problem_t *prob;

    if (fd < 0)
        return broke(fresh, pool);
    prob = fill_new(fd, fresh, fill, baton, how, pool);
    close(fd);
    if (prob == NULL
        && (rename(fresh, path) != 0
            || (how->sync && !sync_folder(path, pool))))
        return broke(path, pool);
    return prob;
}

typedef struct {
    const char *path;
    const qw_bytes_t *bytes;
} content_t;

static qw_problem_t *fill_with(int fd, void *baton, apr_pool_t *pool)
{
    const content_t *c = baton;

    return qw_file_write(fd, c->bytes->data, c->bytes->len)
               ? NULL
               : broke(c->path, pool);
}

qw_problem_t *qw_file_replace(const char *path, const qw_bytes_t *bytes,
                              const qw_file_how_t *how, apr_pool_t *pool)
{
    content_t content = { path, bytes };

    return qw_file_replace_by(path, fill_with, &content, how, pool);
}
