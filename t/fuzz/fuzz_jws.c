/* JWS: the way of a request body, up to a verified signature. */
#include "fuzz.h"

#include "jose/jwk.h"
#include "jose/jws.h"

void fuzz_one(const unsigned char *data, size_t len, apr_pool_t *pool)
{
    json_t *payload;
    qw_jwk_t *jwk;
    qw_jws_t *jws;

    if (qw_jws_parse(&jws, (const char *)data, len, pool) != NULL)
        return;
    FUZZ_MUST(jws->alg != NULL && jws->input.len > 0);
    if (qw_jws_check_alg(jws, pool) != NULL || jws->jwk == NULL
        || qw_jwk_parse(&jwk, jws->jwk, pool) != NULL
        || qw_jws_verify(jws, jwk, pool) != NULL)
        return;
    fuzz_taken++;
    if (qw_jws_payload_object(&payload, jws, pool) == NULL)
        FUZZ_MUST(json_is_object(payload));
}
