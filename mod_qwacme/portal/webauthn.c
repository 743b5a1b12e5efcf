#include "portal/webauthn.h"

#include "base/b64.h"
#include "base/json.h"
#include "portal/cbor.h"

#include <apr_strings.h>
#include <fido.h>
#include <fido/eddsa.h>
#include <fido/es256.h>
#include <fido/rs256.h>
#include <openssl/evp.h>

#include <string.h>

enum { HASH_BYTES = 32 };

static qw_problem_t *hash(unsigned char out[HASH_BYTES], const void *data,
                          apr_size_t len, apr_pool_t *pool)
{
    size_t got = 0;

    if (EVP_Q_digest(NULL, "SHA256", NULL, data, len, out, &got) != 1
        || got != HASH_BYTES)
        return QW_FAIL_BECAUSE(pool, SERVER_INTERNAL, qw_openssl_reasons(pool),
                               "no SHA-256");
    return NULL;
}

/* The nonce has no '{' in it, an action begins with one: no other pair gives
 * the same bytes. */
qw_problem_t *qw_webauthn_challenge(const char **challenge, const char *nonce,
                                    const char *action, apr_pool_t *pool)
{
    const char *text = apr_pstrcat(pool, nonce, action, NULL);
    unsigned char digest[HASH_BYTES];

    QW_TRY(hash(digest, text, strlen(text), pool));
    *challenge = qw_b64url_encode(digest, sizeof digest, pool);
    return NULL;
}

/* WEBAUTHN-7.1, steps 7 to 10; WEBAUTHN-7.2, steps 11 to 14. */
static qw_problem_t *check_members(const json_t *object,
                                   const qw_relying_party_t *rp,
                                   const char *type, const char *challenge,
                                   apr_pool_t *pool)
{
    const char *its_type, *its_challenge, *its_origin;
    int cross_origin;

    QW_TRY(qw_json_text(&its_type, object, "type", QW_REQUIRED, pool));
    QW_TRY(
        qw_json_text(&its_challenge, object, "challenge", QW_REQUIRED, pool));
    QW_TRY(qw_json_text(&its_origin, object, "origin", QW_REQUIRED, pool));
    QW_TRY(
        qw_json_bool(&cross_origin, object, "crossOrigin", QW_OPTIONAL, pool));
    if (strcmp(its_type, type) != 0)
        return QW_FAIL(pool, UNAUTHORIZED, "the passkey did something else");
    if (strcmp(its_challenge, challenge) != 0)
        return QW_FAIL(pool, UNAUTHORIZED, "the passkey signed something else");
    if (strcmp(its_origin, rp->origin) != 0)
        return QW_FAIL(pool, UNAUTHORIZED,
                       "the passkey was used on another site than %s",
                       rp->origin);
    if (cross_origin || json_object_get(object, "topOrigin") != NULL)
        return QW_FAIL(pool, UNAUTHORIZED,
                       "the passkey was used within another site");
    return NULL;
}

qw_problem_t *qw_client_data_check(unsigned char digest[HASH_BYTES],
                                   const qw_relying_party_t *rp,
                                   const char *client_data, const char *type,
                                   const char *challenge, apr_pool_t *pool)
{
    qw_bytes_t bytes;
    json_t *object;

    if (!qw_b64url_decode(&bytes, client_data, pool))
        return QW_FAIL(pool, MALFORMED, "the client data are not base64url");
    QW_TRY(qw_json_parse_object(&object, (const char *)bytes.data, bytes.len,
                                "client data", pool));
    QW_TRY(check_members(object, rp, type, challenge, pool));
    return hash(digest, bytes.data, bytes.len, pool);
}

/* ---- assertions ---------------------------------------------------------- */

/* What libfido2 verifies with: a key of one of three kinds. */
typedef union {
    void *any;
    es256_pk_t *es256;
    eddsa_pk_t *eddsa;
    rs256_pk_t *rs256;
} verify_key_t;

/* FIDO_OK, or why PK is no key of ALGORITHM. */
static int make_key(verify_key_t *key, apr_int64_t algorithm,
                    const qw_bytes_t *pk)
{
    key->any = NULL;
    if (algorithm == COSE_ES256 && (key->es256 = es256_pk_new()) != NULL)
        return es256_pk_from_ptr(key->es256, pk->data, pk->len);
    if (algorithm == COSE_EDDSA && (key->eddsa = eddsa_pk_new()) != NULL)
        return eddsa_pk_from_ptr(key->eddsa, pk->data, pk->len);
    if (algorithm == COSE_RS256 && (key->rs256 = rs256_pk_new()) != NULL)
        return rs256_pk_from_ptr(key->rs256, pk->data, pk->len);
    return FIDO_ERR_UNSUPPORTED_ALGORITHM;
}

static void free_key(verify_key_t *key, apr_int64_t algorithm)
{
    if (algorithm == COSE_ES256)
        es256_pk_free(&key->es256);
    else if (algorithm == COSE_EDDSA)
        eddsa_pk_free(&key->eddsa);
    else if (algorithm == COSE_RS256)
        rs256_pk_free(&key->rs256);
}

/* Everything of an assertion, decoded. */
typedef struct {
    unsigned char digest[HASH_BYTES]; /* of the client data */
    qw_bytes_t data, signature, key;
} parts_t;

/* FIDO_OK if KEY signed PARTS for RP with the user present and verified. */
static int verify(fido_assert_t *a, const parts_t *parts, const char *rp_id,
                  apr_int64_t algorithm, const void *key)
{
    int rc = fido_assert_set_rp(a, rp_id);

    if (rc == FIDO_OK)
        rc = fido_assert_set_clientdata_hash(a, parts->digest, HASH_BYTES);
    if (rc == FIDO_OK)
        rc = fido_assert_set_count(a, 1);
    if (rc == FIDO_OK)
        rc = fido_assert_set_authdata_raw(a, 0, parts->data.data,
                                          parts->data.len);
    if (rc == FIDO_OK)
        rc = fido_assert_set_sig(a, 0, parts->signature.data,
                                 parts->signature.len);
    if (rc == FIDO_OK)
        rc = fido_assert_set_up(a, FIDO_OPT_TRUE);
    if (rc == FIDO_OK)
        rc = fido_assert_set_uv(a, FIDO_OPT_TRUE);
    if (rc == FIDO_OK)
        rc = fido_assert_verify(a, 0, (int)algorithm, key);
    return rc;
}

static int run(apr_int64_t *sign_count, const parts_t *parts, const char *rp_id,
               apr_int64_t algorithm)
{
    fido_assert_t *a = fido_assert_new();
    verify_key_t key;
    int rc = make_key(&key, algorithm, &parts->key);

    if (a == NULL)
        rc = FIDO_ERR_INTERNAL;
    if (rc == FIDO_OK)
        rc = verify(a, parts, rp_id, algorithm, key.any);
    if (rc == FIDO_OK)
        *sign_count = fido_assert_sigcount(a, 0);
    free_key(&key, algorithm);
    fido_assert_free(&a);
    return rc;
}

qw_problem_t *qw_webauthn_verify(apr_int64_t *sign_count,
                                 const qw_relying_party_t *rp,
                                 const qw_assertion_t *assertion,
                                 const qw_authenticator_t *authenticator,
                                 const char *challenge, apr_pool_t *pool)
{
    parts_t parts;
    int rc;

    if (strcmp(assertion->credential_id, authenticator->credential_id) != 0)
        return QW_FAIL(pool, UNAUTHORIZED, "another passkey was used");
    QW_TRY(qw_client_data_check(parts.digest, rp, assertion->client_data,
                                "webauthn.get", challenge, pool));
    if (!qw_b64url_decode(&parts.data, assertion->authenticator_data, pool)
        || !qw_b64url_decode(&parts.signature, assertion->signature, pool)
        || !qw_b64url_decode(&parts.key, authenticator->public_key, pool))
        return QW_FAIL(pool, MALFORMED, "the assertion is not base64url");
    if (!qw_authenticator_data_is_plain(&parts.data, 0))
        return QW_FAIL(pool, MALFORMED,
                       "the authenticator data are not in form");
    rc = run(sign_count, &parts, rp->rp_id, authenticator->algorithm);
    if (rc != FIDO_OK)
        return QW_FAIL_BECAUSE(pool, UNAUTHORIZED,
                               apr_pstrcat(pool, "assertion: ", fido_strerr(rc),
                                           "; ", qw_openssl_reasons(pool),
                                           NULL),
                               "the passkey's signature does not verify, or "
                               "its user was not verified");
    return NULL;
}
