#include "base/secret.h"

#include "base/file.h"
#include "base/own.h"

#include <apr_strings.h>

#include <stdlib.h>
#include <string.h>

qw_problem_t *qw_secret_credential(const char **path, const char *name,
                                   const char *directive, apr_pool_t *pool)
{
    const char *dir = getenv("CREDENTIALS_DIRECTORY");

    if (dir == NULL)
        return QW_FAIL(pool, INVALID_INPUT,
                       "%s: 'credential:%s': systemd passes no credentials; "
                       "add LoadCredential=%s:FILE to httpd's service",
                       directive, name, name);
    *path = apr_pstrcat(pool, dir, "/", name, NULL);
    return NULL;
}

qw_problem_t *qw_secret_read(const char **secret, const char *path,
                             const char *where, const char *what,
                             apr_pool_t *pool)
{
    char *text = (char *)qw_own_secret(pool, QW_SECRET_MOST + 1), buf[120];
    apr_size_t len = QW_SECRET_MOST;
    apr_status_t rv = qw_file_read(text, &len, path, pool);

    if (rv != APR_SUCCESS && rv != APR_EOF)
        return QW_FAIL(pool, INVALID_INPUT, "%s: %s", where,
                       apr_strerror(rv, buf, sizeof(buf)));
    text[strcspn(text, "\r\n")] = '\0';
    if (*text == '\0')
        return QW_FAIL(pool, INVALID_INPUT,
                       "%s: is empty; write the %s into it", where, what);
    *secret = text;
    return NULL;
}
