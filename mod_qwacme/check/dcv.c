#include "check/check.h"

#include "base/own.h"

#include <openssl/evp.h>

#include <string.h>

qw_problem_t *qw_dcv_digest(qw_dcv_t *dcv, apr_pool_t *pool)
{
    if (EVP_Digest(dcv->key_auth, strlen(dcv->key_auth), dcv->digest, NULL,
                   EVP_sha256(), NULL)
        != 1)
        return QW_FAIL_BECAUSE(pool, SERVER_INTERNAL, qw_openssl_reasons(pool),
                               "no SHA-256");
    return NULL;
}
