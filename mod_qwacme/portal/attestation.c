/* Registration of a passkey: the attestation object, taken apart by libcbor and
 * judged by libfido2. */
#include "portal/webauthn.h"

#include "base/b64.h"
#include "base/own.h"
#include "base/text.h"
#include "portal/cbor.h"
#include "x509/path.h"

#include <apr_strings.h>
#include <cbor.h>
#include <fido.h>
#include <fido/eddsa.h>
#include <fido/es256.h>
#include <fido/rs256.h>
#include <openssl/evp.h>

#include <string.h>

enum {
    HASH_BYTES = 32,
    AAGUID_BYTES = 16,
    ID_MOST = 1023, /* WEBAUTHN-7.1, step 24 of level 3 */
    CHAIN_MOST = 8,
    PRESENT = 0x01, /* flags of authenticator data */
    VERIFIED = 0x04,
    ATTESTED = 0x40
};

/* Members of an attestation object; bytes in the pool. */
typedef struct {
    const char *format;
    qw_bytes_t data, statement;
    apr_array_header_t *chain; /* of qw_bytes_t: x5c of the statement */
    int statement_members;
} object_t;

static int is_key(const cbor_item_t *key, const char *name)
{
    return cbor_isa_string(key) && cbor_string_is_definite(key)
           && cbor_string_length(key) == strlen(name)
           && strncmp((const char *)cbor_string_handle(key), name, strlen(name))
                  == 0;
}

static int take_bytes(qw_bytes_t *out, const cbor_item_t *item,
                      apr_pool_t *pool)
{
    if (!cbor_isa_bytestring(item) || !cbor_bytestring_is_definite(item))
        return 0;
    out->len = cbor_bytestring_length(item);
    out->data = apr_pmemdup(pool, cbor_bytestring_handle(item), out->len);
    return 1;
}

static int take_chain(apr_array_header_t *chain, const cbor_item_t *list,
                      apr_pool_t *pool)
{
    if (!cbor_isa_array(list) || cbor_array_size(list) > CHAIN_MOST)
        return 0;
    for (size_t i = 0; i < cbor_array_size(list); i++)
        if (!take_bytes(apr_array_push(chain), cbor_array_handle(list)[i],
                        pool))
            return 0;
    return 1;
}

/* The statement goes on to libfido2 as CBOR again, and its chain to us. */
static int take_statement(object_t *o, const cbor_item_t *item,
                          apr_pool_t *pool)
{
    unsigned char *bytes = NULL;
    size_t size, len;

    if (!cbor_isa_map(item))
        return 0;
    o->statement_members = (int)cbor_map_size(item);
    for (size_t i = 0; i < cbor_map_size(item); i++)
        if (is_key(cbor_map_handle(item)[i].key, "x5c")
            && !take_chain(o->chain, cbor_map_handle(item)[i].value, pool))
            return 0;
    len = cbor_serialize_alloc(item, &bytes, &size);
    o->statement.len = len;
    o->statement.data = len > 0 ? apr_pmemdup(pool, bytes, len) : NULL;
    free(bytes);
    return len > 0;
}

static int take_format(object_t *o, const cbor_item_t *item, apr_pool_t *pool)
{
    if (!cbor_isa_string(item) || !cbor_string_is_definite(item))
        return 0;
    o->format = apr_pstrmemdup(pool, (const char *)cbor_string_handle(item),
                               cbor_string_length(item));
    return 1;
}

/* 1 if MAP has fmt, attStmt and authData, each once, and nothing else. */
static int take_map(object_t *o, const cbor_item_t *map, apr_pool_t *pool)
{
    int seen = 0;

    if (!cbor_isa_map(map) || cbor_map_size(map) != 3)
        return 0;
    for (size_t i = 0; i < 3; i++) {
        const struct cbor_pair *pair = &cbor_map_handle(map)[i];

        if (is_key(pair->key, "fmt") && take_format(o, pair->value, pool))
            seen |= 1;
        else if (is_key(pair->key, "attStmt")
                 && take_statement(o, pair->value, pool))
            seen |= 2;
        else if (is_key(pair->key, "authData")
                 && take_bytes(&o->data, pair->value, pool))
            seen |= 4;
    }
    return seen == 7;
}

static qw_problem_t *take_apart(object_t *o, const char *text, apr_pool_t *pool)
{
    struct cbor_load_result result;
    cbor_item_t *map;
    qw_bytes_t bytes;
    int taken;

    if (!qw_b64url_decode(&bytes, text, pool) || bytes.len == 0)
        return QW_FAIL(pool, MALFORMED, "the attestation is not base64url");
    if (qw_cbor_skim(bytes.data, bytes.len) != bytes.len)
        return QW_FAIL(pool, MALFORMED, "this is no attestation object");
    o->chain = apr_array_make(pool, 2, sizeof(qw_bytes_t));
    map = cbor_load(bytes.data, bytes.len, &result);
    taken = map != NULL && result.read == bytes.len && take_map(o, map, pool);
    if (map != NULL)
        cbor_decref(&map);
    if (!taken)
        return QW_FAIL(pool, MALFORMED, "this is no attestation object");
    return NULL;
}

/* ---- judging -------------------------------------------------------------- */

/* WEBAUTHN-7.1, steps 13 to 15: libfido2 does so only where it verifies. */
static qw_problem_t *check_data(const object_t *o, const char *rp_id,
                                apr_pool_t *pool)
{
    const int wanted = PRESENT | VERIFIED | ATTESTED;
    unsigned char digest[HASH_BYTES];
    size_t len = 0;

    if (o->data.len < HASH_BYTES + 5)
        return QW_FAIL(pool, MALFORMED, "the authenticator data are too short");
    if (EVP_Q_digest(NULL, "SHA256", NULL, rp_id, strlen(rp_id), digest, &len)
            != 1
        || memcmp(digest, o->data.data, HASH_BYTES) != 0)
        return QW_FAIL(pool, UNAUTHORIZED, "the passkey is for another site");
    if ((o->data.data[HASH_BYTES] & ATTESTED) != 0
        && !qw_authenticator_data_is_plain(&o->data, 1))
        return QW_FAIL(pool, MALFORMED,
                       "the authenticator data are not in form");
    if ((o->data.data[HASH_BYTES] & wanted) != wanted)
        return QW_FAIL(pool, UNAUTHORIZED,
                       "the passkey did not verify its user: it needs a PIN or "
                       "a fingerprint");
    return NULL;
}

/* FIDO_OK if the key in CRED is one. */
static int check_key(const fido_cred_t *cred, int algorithm)
{
    const void *ptr = fido_cred_pubkey_ptr(cred);
    size_t len = fido_cred_pubkey_len(cred);
    int rc = FIDO_ERR_INTERNAL;

    if (ptr == NULL)
        return rc;
    if (algorithm == COSE_ES256) {
        es256_pk_t *pk = es256_pk_new();

        rc = pk != NULL ? es256_pk_from_ptr(pk, ptr, len) : rc;
        es256_pk_free(&pk);
    }
    else if (algorithm == COSE_EDDSA) {
        eddsa_pk_t *pk = eddsa_pk_new();

        rc = pk != NULL ? eddsa_pk_from_ptr(pk, ptr, len) : rc;
        eddsa_pk_free(&pk);
    }
    else {
        rs256_pk_t *pk = rs256_pk_new();

        rc = pk != NULL ? rs256_pk_from_ptr(pk, ptr, len) : rc;
        rs256_pk_free(&pk);
    }
    return rc;
}

/* A statement that is there has to be right: by the certificate in it, or by
 * the new key itself. */
static int check_statement(fido_cred_t *cred, const object_t *o)
{
    int rc;

    if (strcmp(o->format, "none") == 0)
        return o->statement_members == 0 ? FIDO_OK : FIDO_ERR_INVALID_ARGUMENT;
    rc = fido_cred_set_attstmt(cred, o->statement.data, o->statement.len);
    if (rc != FIDO_OK)
        return rc;
    return o->chain->nelts > 0 ? fido_cred_verify(cred)
                               : fido_cred_verify_self(cred);
}

static int read_cred(fido_cred_t *cred, const object_t *o, int algorithm,
                     const char *rp_id, const unsigned char *digest)
{
    int rc = fido_cred_set_type(cred, algorithm);

    if (rc == FIDO_OK)
        rc = fido_cred_set_clientdata_hash(cred, digest, HASH_BYTES);
    if (rc == FIDO_OK)
        rc = fido_cred_set_rp(cred, rp_id, NULL);
    if (rc == FIDO_OK)
        rc = fido_cred_set_uv(cred, FIDO_OPT_TRUE);
    if (rc == FIDO_OK)
        rc = fido_cred_set_fmt(cred, o->format);
    if (rc == FIDO_OK)
        rc = fido_cred_set_authdata_raw(cred, o->data.data, o->data.len);
    if (rc == FIDO_OK)
        rc = check_key(cred, algorithm);
    if (rc == FIDO_OK)
        rc = check_statement(cred, o);
    return rc;
}

static const char *aaguid_text(const unsigned char *b, apr_pool_t *pool)
{
    const char *hex = qw_hex_encode(b, AAGUID_BYTES, pool);

    return apr_psprintf(pool, "%.8s-%.4s-%.4s-%.4s-%s", hex, hex + 8, hex + 12,
                        hex + 16, hex + 20);
}

static qw_authenticator_t *made_of(const fido_cred_t *cred, const object_t *o,
                                   int algorithm, apr_pool_t *pool)
{
    qw_authenticator_t *made = apr_pcalloc(pool, sizeof(*made));

    made->credential_id =
        qw_b64url_encode(fido_cred_id_ptr(cred), fido_cred_id_len(cred), pool);
    made->algorithm = algorithm;
    made->public_key = qw_b64url_encode(fido_cred_pubkey_ptr(cred),
                                        fido_cred_pubkey_len(cred), pool);
    made->sign_count = fido_cred_sigcount(cred);
    made->aaguid = aaguid_text(fido_cred_aaguid_ptr(cred), pool);
    made->attestation = o->format;
    return made;
}

/* *MADE, or NULL and why not. What a key is for, it says itself; libfido2 wants
 * to be told, so each kind is tried. */
static int judge(qw_authenticator_t **made, const object_t *o,
                 const char *rp_id, const unsigned char *digest,
                 apr_pool_t *pool)
{
    static const int algorithms[] = { COSE_ES256, COSE_EDDSA, COSE_RS256 };
    int rc = FIDO_ERR_UNSUPPORTED_ALGORITHM;

    *made = NULL;
    for (unsigned i = 0; *made == NULL && i < 3; i++) {
        fido_cred_t *cred = fido_cred_new();
        int one = cred != NULL
                      ? read_cred(cred, o, algorithms[i], rp_id, digest)
                      : FIDO_ERR_INTERNAL;

        if (one == FIDO_OK && fido_cred_id_len(cred) <= ID_MOST)
            *made = made_of(cred, o, algorithms[i], pool);
        else if (cred != NULL && fido_cred_pubkey_ptr(cred) != NULL)
            rc = one; /* the kind was right, something else was not */
        fido_cred_free(&cred);
    }
    return rc;
}

/* WEBAUTHN-8.2: a certificate that is of one model attests to no other. The
 * extension id-fido-gen-ce-aaguid holds an OCTET STRING. */
static qw_problem_t *check_certificate(const qw_authenticator_t *made,
                                       const object_t *o, apr_pool_t *pool)
{
    static const char oid[] = "1.3.6.1.4.1.45724.1.1.4";
    qw_bytes_t value;

    QW_TRY(qw_path_extension(&value, o->chain, oid, pool));
    if (value.data == NULL)
        return NULL;
    if (value.len != 2 + AAGUID_BYTES || value.data[0] != 0x04
        || value.data[1] != AAGUID_BYTES
        || strcmp(aaguid_text(value.data + 2, pool), made->aaguid) != 0)
        return QW_FAIL(pool, UNAUTHORIZED,
                       "the authenticator's certificate is of another model");
    return NULL;
}

/* Models on the list only, and only if their maker says that it is one. */
static qw_problem_t *check_model(const qw_authenticator_t *made,
                                 const object_t *o,
                                 const qw_relying_party_t *rp, apr_time_t now,
                                 apr_pool_t *pool)
{
    qw_problem_t *prob;

    if (rp->aaguids == NULL || rp->aaguids->nelts == 0)
        return NULL;
    if (!qw_text_in(rp->aaguids, made->aaguid))
        return QW_FAIL(pool, UNAUTHORIZED,
                       "authenticators of the model %s may not be used here",
                       made->aaguid);
    if (o->chain->nelts == 0)
        return QW_FAIL(pool, UNAUTHORIZED,
                       "the authenticator does not prove its model");
    QW_TRY(check_certificate(made, o, pool));
    prob = qw_path_leads(o->chain, rp->roots, now, pool);
    if (prob != NULL)
        return QW_FAIL_BECAUSE(pool, UNAUTHORIZED, prob->detail,
                               "nobody who is trusted says what model the "
                               "authenticator is");
    return NULL;
}

qw_problem_t *qw_webauthn_register(qw_authenticator_t **made,
                                   const qw_relying_party_t *rp,
                                   const qw_registration_answer_t *answer,
                                   const char *challenge, apr_time_t now,
                                   apr_pool_t *pool)
{
    unsigned char digest[HASH_BYTES];
    object_t o = { 0 };
    qw_authenticator_t *a;
    int rc;

    QW_TRY(qw_client_data_check(digest, rp, answer->client_data,
                                "webauthn.create", challenge, pool));
    QW_TRY(take_apart(&o, answer->attestation, pool));
    if (strcmp(o.format, "none") != 0 && strcmp(o.format, "packed") != 0)
        return QW_FAIL(pool, UNAUTHORIZED,
                       "attestations of the form '%s' are not taken",
                       qw_text_safe(o.format, 32, pool));
    QW_TRY(check_data(&o, rp->rp_id, pool));
    rc = judge(&a, &o, rp->rp_id, digest, pool);
    if (a == NULL)
        return QW_FAIL_BECAUSE(pool, UNAUTHORIZED,
                               apr_pstrcat(pool, "registration: ",
                                           fido_strerr(rc), "; ",
                                           qw_openssl_reasons(pool), NULL),
                               "the passkey's attestation does not verify, or "
                               "its key is of no kind that is taken");
    QW_TRY(check_model(a, &o, rp, now, pool));
    a->transports = qw_text_safe(answer->transports, 128, pool);
    *made = a;
    return NULL;
}
