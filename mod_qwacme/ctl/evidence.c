#include "ctl/evidence.h"

#include "base/file.h"
#include "x509/pem.h"

#include <apr_strings.h>

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

enum { FILE_MOST = 64 * 1024 * 1024, CERTIFICATES_MOST = 1024 * 1024 };

static qw_problem_t *cannot(const char *path, const char *what, int error,
                            apr_pool_t *pool)
{
    char buf[120];

    return QW_FAIL(pool, INVALID_INPUT, "%s: cannot be %s: %s", path, what,
                   apr_strerror(error, buf, sizeof(buf)));
}

qw_problem_t *qwc_sealer(qw_sealer_t **sealer, const qwc_call_t *call)
{
    if (call->conf->audit_key == NULL)
        return QW_FAIL(call->pool, INVALID_INPUT,
                       "QwacmeAuditKey is missing; name the certificate and "
                       "the key that sign evidence");
    return qw_sealer_make(sealer, call->conf, call->pool);
}

static qw_problem_t *read_at_most(const char **text, const char *path,
                                  apr_size_t most, apr_pool_t *pool)
{
    char *bytes = apr_palloc(pool, most + 1);
    apr_size_t len = most;
    apr_status_t rv = qw_file_read(bytes, &len, path, pool);

    if (rv == APR_SUCCESS)
        return QW_FAIL(pool, INVALID_INPUT, "%s: is too long", path);
    if (rv != APR_EOF)
        return cannot(path, "read", rv, pool);
    if (strlen(bytes) != len)
        return QW_FAIL(pool, INVALID_INPUT, "%s: is no text", path);
    *text = bytes;
    return NULL;
}

qw_problem_t *qwc_read_file(const char **text, const char *path,
                            apr_pool_t *pool)
{
    return read_at_most(text, path, FILE_MOST, pool);
}

qw_problem_t *qwc_trusted(const apr_array_header_t **trusted,
                          const qwc_call_t *call)
{
    const char *path = qwc_option(call, "certificate"), *pem;
    apr_array_header_t *ders;

    *trusted = NULL;
    if (path == NULL && call->conf != NULL)
        path = call->conf->audit_cert;
    if (path == NULL)
        return NULL;
    QW_TRY(read_at_most(&pem, path, CERTIFICATES_MOST, call->pool));
    QW_TRY(qw_pem_certificates(&ders, pem, path, call->pool));
    *trusted = ders;
    return NULL;
}

qw_problem_t *qwc_create_file(FILE **file, const char *path, apr_pool_t *pool)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);

    *file = fd >= 0 ? fdopen(fd, "w") : NULL;
    if (*file != NULL)
        return NULL;
    if (fd >= 0)
        close(fd);
    return cannot(path, "created", errno, pool);
}

qw_problem_t *qwc_write_file(const char *path, const char *text,
                             apr_pool_t *pool)
{
    FILE *file;
    int failed;

    QW_TRY(qwc_create_file(&file, path, pool));
    failed = fputs(text, file) < 0;
    failed |= fclose(file) != 0;
    if (!failed)
        return NULL;
    remove(path);
    return cannot(path, "written", errno, pool);
}
