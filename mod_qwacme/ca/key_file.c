/* A private key in a PEM file, perhaps encrypted. */
#include "ca/key_driver.h"

#include "x509/pem.h"

#include <string.h>

static int takes(const char *uri)
{
    return *uri == '/' || strncmp(uri, "file:", 5) == 0;
}

static qw_problem_t *open_file(qw_key_held_t *held, const char *path,
                               const char *pin, apr_pool_t *pool)
{
    if (strncmp(path, "file://", 7) == 0)
        path += 7;
    else if (strncmp(path, "file:", 5) == 0)
        path += 5;
    held->pkey = qw_pem_private_key(path, pin, pool);
    if (held->pkey == NULL)
        return QW_FAIL_BECAUSE(pool, INVALID_INPUT, qw_openssl_reasons(pool),
                               "no private key can be read from "
                               "%s",
                               path);
    return NULL;
}

const qw_key_driver_t qw_key_file = { "file", 0, takes, open_file, NULL };
