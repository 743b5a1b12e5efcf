#include "portal/signature.h"

#include "base/b64.h"
#include "base/json.h"
#include "portal/portal.h"

#include <string.h>

/* WebAuthn-6.1: SHA-256 of the site, flags, counter. */
enum { HASH_BYTES = 32, HEAD_BYTES = 37, PRESENT = 1, VERIFIED = 4 };

/* Which of these it is libfido2 does not say. */
static qw_problem_t *check_data(const qw_action_t *action,
                                const qw_relying_party_t *rp, apr_pool_t *pool)
{
    qw_bytes_t data;

    if (!qw_b64url_decode(&data, action->authenticator_data, pool)
        || data.len < HEAD_BYTES)
        return QW_FAIL(pool, MALFORMED,
                       "the authenticator data are cut short or damaged");
    if (strcmp(qw_hex_encode(data.data, HASH_BYTES, pool),
               qw_hex_sha256(rp->rp_id, strlen(rp->rp_id), pool))
        != 0)
        return QW_FAIL(pool, UNAUTHORIZED,
                       "the passkey signed for another site than %s",
                       rp->rp_id);
    if ((data.data[HASH_BYTES] & PRESENT) == 0
        || (data.data[HASH_BYTES] & VERIFIED) == 0)
        return QW_FAIL(pool, UNAUTHORIZED,
                       "the passkey's user was not verified");
    return NULL;
}

/* No other bytes say the same. */
static qw_problem_t *check_text(const char *text, apr_pool_t *pool)
{
    json_t *object;

    QW_TRY(qw_json_parse_object(&object, text, strlen(text), "action", pool));
    return strcmp(qw_json_dump(object, pool), text) == 0
               ? NULL
               : QW_FAIL(pool, MALFORMED, "the action is not canonical");
}

qw_problem_t *qw_signature_check(const qw_action_t *action,
                                 const qw_authenticator_t *key,
                                 const char *portal_url, apr_pool_t *pool)
{
    qw_assertion_t assertion = { key->credential_id, action->client_data,
                                 action->authenticator_data,
                                 action->signature };
    qw_relying_party_t rp = { NULL, NULL, NULL, NULL };
    unsigned char digest[HASH_BYTES];
    const char *path, *challenge;
    apr_int64_t count;

    if (strncmp(portal_url, "https://", strlen("https://")) != 0)
        return QW_FAIL(pool, MALFORMED, "the portal has no https URL");
    qw_portal_split(&rp.origin, &rp.rp_id, &path, portal_url, pool);
    QW_TRY(check_text(action->action, pool));
    QW_TRY(
        qw_webauthn_challenge(&challenge, action->nonce, action->action, pool));
    QW_TRY(qw_client_data_check(digest, &rp, action->client_data,
                                "webauthn.get", challenge, pool));
    QW_TRY(check_data(action, &rp, pool));
    return qw_webauthn_verify(&count, &rp, &assertion, key, challenge, pool);
}
