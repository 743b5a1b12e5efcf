/* JWK: a key that is taken has one thumbprint, whichever way it comes. */
#include "fuzz.h"

#include "base/json.h"
#include "jose/jwk.h"

void fuzz_one(const unsigned char *data, size_t len, apr_pool_t *pool)
{
    json_t *object;
    qw_jwk_t *jwk, *again;

    if (qw_json_parse_object(&object, (const char *)data, len, "input", pool)
            != NULL
        || qw_jwk_parse(&jwk, object, pool) != NULL)
        return;
    fuzz_taken++;
    FUZZ_MUST(strlen(jwk->thumbprint) == 43);
    FUZZ_MUST(qw_json_parse_object(&object, jwk->json, strlen(jwk->json),
                                   "again", pool)
              == NULL);
    FUZZ_MUST(qw_jwk_parse(&again, object, pool) == NULL);
    FUZZ_MUST(strcmp(jwk->thumbprint, again->thumbprint) == 0);
}
