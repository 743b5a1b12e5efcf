/* Certificates that answer tls-alpn-01, for www.example.org and the digest of
 * "token.thumbprint". Nothing is left in OpenSSL's queue of errors. */
#include "fuzz.h"

#include "x509/acme_id.h"

#include <openssl/err.h>
#include <openssl/evp.h>

void fuzz_one(const unsigned char *data, size_t len, apr_pool_t *pool)
{
    static const char key_auth[] = "token.thumbprint";
    unsigned char digest[32];
    qw_bytes_t der = { data, len };
    qw_problem_t *prob;

    FUZZ_MUST(EVP_Digest(key_auth, sizeof key_auth - 1, digest, NULL,
                         EVP_sha256(), NULL)
              == 1);
    prob = qw_acme_id_check(&der, "www.example.org", digest, pool);
    FUZZ_MUST(ERR_peek_error() == 0);
    if (prob == NULL)
        fuzz_taken++;
    else
        FUZZ_MUST(prob->code == QW_E_UNAUTHORIZED);
}
