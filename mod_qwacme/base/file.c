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

static int write_all(int fd, const qw_bytes_t *bytes)
{
    apr_size_t done = 0;

    while (done < bytes->len) {
        ssize_t n = write(fd, bytes->data + done, bytes->len - done);

        if (n < 0 && errno != EINTR)
            return 0;
        if (n > 0)
            done += (apr_size_t)n;
    }
    return 1;
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

static int write_new(const char *path, const qw_bytes_t *bytes,
                     const qw_file_how_t *how)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, how->mode);
    int good = fd >= 0 && fchmod(fd, (mode_t)how->mode) == 0
               && write_all(fd, bytes) && set_time(fd, how->changed)
               && (!how->sync || fsync(fd) == 0);

    if (fd >= 0)
        close(fd);
    return good;
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

qw_problem_t *qw_file_replace(const char *path, const qw_bytes_t *bytes,
                              const qw_file_how_t *how, apr_pool_t *pool)
{
    const char *fresh = apr_pstrcat(pool, path, ".new", NULL);

    if (write_new(fresh, bytes, how) && rename(fresh, path) == 0
        && (!how->sync || sync_folder(path, pool)))
        return NULL;
    return QW_FAIL_BECAUSE(pool, UNAVAILABLE,
                           apr_pstrcat(pool, path, ": ", strerror(errno), NULL),
                           "a file cannot be written; try again later");
}
