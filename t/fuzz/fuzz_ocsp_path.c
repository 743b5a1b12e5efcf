/* The path of a GET for the status of a certificate. */
#include "fuzz.h"

#include "base/b64.h"
#include "x509/ocsp_request.h"

void fuzz_one(const unsigned char *data, size_t len, apr_pool_t *pool)
{
    const char *path = fuzz_text(data, len, pool);
    qw_bytes_t der, again;

    if (path == NULL || !qw_ocsp_request_of_path(&der, path, pool))
        return;
    fuzz_taken++;
    FUZZ_MUST(der.len >= 1 && der.len <= QW_OCSP_MOST_OCTETS);
    /* what it says, said plainly, is the same */
    path = qw_b64_encode(der.data, der.len, pool);
    if (path[0] == '/')
        return;
    FUZZ_MUST(qw_ocsp_request_of_path(&again, path, pool));
    FUZZ_MUST(again.len == der.len
              && memcmp(again.data, der.data, der.len) == 0);
}
