/* Attestation objects, client data and authenticator data as browsers send
 * them. */
#include "fuzz.h"

#include "base/b64.h"
#include "portal/webauthn.h"

#include <apr_strings.h>

static const char challenge[] = "ccccccccccccccccccccccccccccccccccccccccccc";
static const char created[] =
    "{\"type\":\"webauthn.create\",\"challenge\":"
    "\"ccccccccccccccccccccccccccccccccccccccccccc\","
    "\"origin\":\"https://portal.exemple.fr\",\"crossOrigin\":false}";

static const qw_relying_party_t rp = { "https://portal.exemple.fr",
                                       "portal.exemple.fr", NULL, NULL };

static const char *b64(const void *data, size_t len, apr_pool_t *pool)
{
    return qw_b64url_encode(data, len, pool);
}

void fuzz_one(const unsigned char *data, size_t len, apr_pool_t *pool)
{
    qw_registration_answer_t answer = { b64(created, strlen(created), pool),
                                        b64(data, len, pool), "" };
    qw_authenticator_t *made, key = { .credential_id = "AAAA",
                                      .algorithm = -7,
                                      .public_key = b64(data, len, pool) };
    qw_assertion_t assertion = { "AAAA", answer.client_data,
                                 b64(data, len, pool), b64(data, len, pool) };
    unsigned char hash[32];
    apr_int64_t count;

    if (qw_webauthn_register(&made, &rp, &answer, challenge, 1, pool) == NULL) {
        FUZZ_MUST(made->credential_id != NULL && made->public_key != NULL);
        fuzz_taken++;
    }
    if (qw_client_data_check(hash, &rp, b64(data, len, pool), "webauthn.create",
                             challenge, pool)
        == NULL)
        fuzz_taken++;
    FUZZ_MUST(qw_webauthn_verify(&count, &rp, &assertion, &key, challenge, pool)
              != NULL);
}
