/* EAB: the inner JWS of newAccount, by a fixed account key. */
#include "fuzz.h"

#include "base/json.h"
#include "jose/eab.h"

static const char url[] = "https://acme.example/new-account";
static const char outer_json[] =
    "{\"crv\":\"P-256\",\"kty\":\"EC\","
    "\"x\":\"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU\","
    "\"y\":\"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0\"}";

void fuzz_one(const unsigned char *data, size_t len, apr_pool_t *pool)
{
    qw_bytes_t key = {
        (const unsigned char *)"01234567890123456789012345678901", 32
    };
    json_t *binding, *object;
    qw_jwk_t *outer;
    qw_eab_t *eab;

    FUZZ_MUST(qw_json_parse_object(&object, outer_json, strlen(outer_json),
                                   "outer", pool)
              == NULL);
    FUZZ_MUST(qw_jwk_parse(&outer, object, pool) == NULL);
    if (qw_json_parse_object(&binding, (const char *)data, len, "input", pool)
            != NULL
        || qw_eab_parse(&eab, binding, url, outer, pool) != NULL)
        return;
    FUZZ_MUST(eab->kid != NULL && eab->alg != NULL);
    if (qw_eab_verify(eab, &key))
        fuzz_taken++;
}
