#include "jose/jwk.h"

#include "base/b64.h"
#include "base/text.h"

#include <apr_strings.h>
#include <openssl/core_names.h>
#include <openssl/param_build.h>

#include <string.h>

enum {
    RSA_LEAST = 2048,
    RSA_MOST = 8192,
    EXPONENT_BYTES = 5, /* 33 bits and some */
    EXPONENT_BITS = 33,
    POINT_MOST = 1 + 2 * 66
};

static const struct {
    const char *crv;
    const char *group; /* as OpenSSL reports it */
    apr_size_t bytes;
} curves[] = {
    { "P-256", "prime256v1", 32 },
    { "P-384", "secp384r1", 48 },
    { "P-521", "secp521r1", 66 },
};

enum { CURVES = sizeof(curves) / sizeof(curves[0]), ED25519_BYTES = 32 };

static const char *const private_members[] = { "d",  "p",  "q", "dp",
                                               "dq", "qi", "k", "oth" };

static qw_problem_t *member(qw_bytes_t *bytes, const json_t *object,
                            const char *name, apr_pool_t *pool)
{
    const char *text;

    QW_TRY(qw_json_text(&text, object, name, QW_REQUIRED, pool));
    if (!qw_b64url_decode(bytes, text, pool))
        return QW_FAIL(pool, MALFORMED, "jwk: %s is not base64url", name);
    return NULL;
}

static qw_problem_t *refuse(apr_pool_t *pool)
{
    return QW_FAIL_BECAUSE(pool, BAD_PUBLIC_KEY, qw_openssl_reasons(pool),
                           "jwk: not a valid public key");
}

/* Key of TYPE from PARAMS, which it takes. OpenSSL takes no point that is not on
 * its curve. */
static EVP_PKEY *from_params(const char *type, OSSL_PARAM *params)
{
    EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_name(NULL, type, NULL);
    EVP_PKEY *key = NULL;

    if (ctx != NULL && params != NULL && EVP_PKEY_fromdata_init(ctx) == 1)
        (void)EVP_PKEY_fromdata(ctx, &key, EVP_PKEY_PUBLIC_KEY, params);
    EVP_PKEY_CTX_free(ctx);
    OSSL_PARAM_free(params);
    return key;
}

static OSSL_PARAM *point_params(const char *group, const unsigned char *point,
                                apr_size_t len)
{
    OSSL_PARAM_BLD *bld = OSSL_PARAM_BLD_new();
    OSSL_PARAM *params = NULL;

    if (bld != NULL
        && OSSL_PARAM_BLD_push_utf8_string(bld, OSSL_PKEY_PARAM_GROUP_NAME,
                                           group, 0)
        && OSSL_PARAM_BLD_push_octet_string(bld, OSSL_PKEY_PARAM_PUB_KEY, point,
                                            len))
        params = OSSL_PARAM_BLD_to_param(bld);
    OSSL_PARAM_BLD_free(bld);
    return params;
}

static qw_problem_t *parse_ec(qw_jwk_t *jwk, const json_t *object,
                              apr_pool_t *pool)
{
    unsigned char point[POINT_MOST] = { 4 };
    qw_bytes_t x, y;
    int i;

    QW_TRY(qw_json_text(&jwk->crv, object, "crv", QW_REQUIRED, pool));
    for (i = 0; i < CURVES && strcmp(curves[i].crv, jwk->crv) != 0; i++)
        ;
    if (i == CURVES)
        return QW_FAIL(pool, BAD_PUBLIC_KEY,
                       "jwk: curve %s is not P-256, P-384 or P-521",
                       qw_text_safe(jwk->crv, 32, pool));
    QW_TRY(member(&x, object, "x", pool));
    QW_TRY(member(&y, object, "y", pool));
    if (x.len != curves[i].bytes || y.len != curves[i].bytes)
        return QW_FAIL(pool, MALFORMED, "jwk: x and y of %s are %d bytes each",
                       jwk->crv, (int)curves[i].bytes);
    memcpy(point + 1, x.data, x.len);
    memcpy(point + 1 + x.len, y.data, y.len);
    jwk->crv = curves[i].crv;
    jwk->kty = "EC";
    jwk->json = apr_psprintf(
        pool, "{\"crv\":\"%s\",\"kty\":\"EC\",\"x\":\"%s\",\"y\":\"%s\"}",
        jwk->crv, qw_b64url_encode(x.data, x.len, pool),
        qw_b64url_encode(y.data, y.len, pool));
    jwk->key =
        qw_own_EVP_PKEY(pool,
                        from_params("EC", point_params(curves[i].group, point,
                                                       1 + x.len + y.len)));
    return jwk->key != NULL ? NULL : refuse(pool);
}

static OSSL_PARAM *rsa_params(const BIGNUM *n, const BIGNUM *e)
{
    OSSL_PARAM_BLD *bld = OSSL_PARAM_BLD_new();
    OSSL_PARAM *params = NULL;

    if (bld != NULL && OSSL_PARAM_BLD_push_BN(bld, OSSL_PKEY_PARAM_RSA_N, n)
        && OSSL_PARAM_BLD_push_BN(bld, OSSL_PKEY_PARAM_RSA_E, e))
        params = OSSL_PARAM_BLD_to_param(bld);
    OSSL_PARAM_BLD_free(bld);
    return params;
}

/* Judged before any arithmetic on numbers of the client's choice. Whether the
 * modulus is a good one takes milliseconds that a stranger is not given:
 * qw_keycheck() asks after the signature. */
static qw_problem_t *check_rsa(const qw_bytes_t *n, const qw_bytes_t *e,
                               apr_pool_t *pool)
{
    if (n->len == 0 || e->len == 0 || n->data[0] == 0 || e->data[0] == 0)
        return QW_FAIL(pool, MALFORMED,
                       "jwk: n and e have no leading zero byte");
    if (n->len < RSA_LEAST / 8 || n->len > RSA_MOST / 8
        || (n->len == RSA_LEAST / 8 && n->data[0] < 0x80))
        return QW_FAIL(pool, BAD_PUBLIC_KEY, "jwk: RSA keys have %d to %d bits",
                       RSA_LEAST, RSA_MOST);
    if (e->len > EXPONENT_BYTES || (e->len == EXPONENT_BYTES && e->data[0] > 1))
        return QW_FAIL(pool, BAD_PUBLIC_KEY,
                       "jwk: the RSA exponent is longer than %d bits",
                       EXPONENT_BITS);
    if (n->data[n->len - 1] % 2 == 0 || e->data[e->len - 1] % 2 == 0
        || (e->len == 1 && e->data[0] == 1))
        return QW_FAIL(pool, BAD_PUBLIC_KEY,
                       "jwk: the RSA modulus and exponent are odd, and the "
                       "exponent is not 1");
    return NULL;
}

static qw_problem_t *parse_rsa(qw_jwk_t *jwk, const json_t *object,
                               apr_pool_t *pool)
{
    BIGNUM *bn, *be;
    qw_bytes_t n, e;

    QW_TRY(member(&n, object, "n", pool));
    QW_TRY(member(&e, object, "e", pool));
    QW_TRY(check_rsa(&n, &e, pool));
    bn = qw_own_BIGNUM(pool, BN_bin2bn(n.data, (int)n.len, NULL));
    be = qw_own_BIGNUM(pool, BN_bin2bn(e.data, (int)e.len, NULL));
    jwk->kty = "RSA";
    jwk->json =
        apr_psprintf(pool, "{\"e\":\"%s\",\"kty\":\"RSA\",\"n\":\"%s\"}",
                     qw_b64url_encode(e.data, e.len, pool),
                     qw_b64url_encode(n.data, n.len, pool));
    if (bn != NULL && be != NULL)
        jwk->key =
            qw_own_EVP_PKEY(pool, from_params("RSA", rsa_params(bn, be)));
    return jwk->key != NULL ? NULL : refuse(pool);
}

static qw_problem_t *parse_okp(qw_jwk_t *jwk, const json_t *object,
                               apr_pool_t *pool)
{
    const char *crv;
    qw_bytes_t x;

    QW_TRY(qw_json_text(&crv, object, "crv", QW_REQUIRED, pool));
    if (strcmp(crv, "Ed25519") != 0)
        return QW_FAIL(pool, BAD_PUBLIC_KEY, "jwk: curve %s is not Ed25519",
                       qw_text_safe(crv, 32, pool));
    QW_TRY(member(&x, object, "x", pool));
    if (x.len != ED25519_BYTES)
        return QW_FAIL(pool, MALFORMED, "jwk: x of Ed25519 is %d bytes",
                       ED25519_BYTES);
    jwk->kty = "OKP";
    jwk->crv = "Ed25519";
    jwk->json =
        apr_psprintf(pool, "{\"crv\":\"Ed25519\",\"kty\":\"OKP\",\"x\":\"%s\"}",
                     qw_b64url_encode(x.data, x.len, pool));
    jwk->key =
        qw_own_EVP_PKEY(pool,
                        EVP_PKEY_new_raw_public_key_ex(NULL, "ED25519", NULL,
                                                       x.data, x.len));
    return jwk->key != NULL ? NULL : refuse(pool);
}

static qw_problem_t *check_public(const json_t *object, apr_pool_t *pool)
{
    unsigned i;

    for (i = 0; i < sizeof(private_members) / sizeof(private_members[0]); i++)
        if (json_object_get(object, private_members[i]) != NULL)
            return QW_FAIL(pool, MALFORMED,
                           "jwk: has the private member %s; send the public "
                           "key, and give this one up",
                           private_members[i]);
    return NULL;
}

/* RFC 7638: over the required members, sorted, without white space. */
static qw_problem_t *add_thumbprint(qw_jwk_t *jwk, apr_pool_t *pool)
{
    unsigned char hash[32];

    if (EVP_Q_digest(NULL, "SHA256", NULL, jwk->json, strlen(jwk->json), hash,
                     NULL)
        != 1)
        return QW_FAIL_BECAUSE(pool, SERVER_INTERNAL, qw_openssl_reasons(pool),
                               "hashing failed");
    jwk->thumbprint = qw_b64url_encode(hash, sizeof(hash), pool);
    return NULL;
}

qw_problem_t *qw_jwk_parse(qw_jwk_t **jwk, const json_t *object,
                           apr_pool_t *pool)
{
    static const struct {
        const char *kty;
        qw_problem_t *(*parse)(qw_jwk_t *, const json_t *, apr_pool_t *);
    } types[] = { { "EC", parse_ec },
                  { "RSA", parse_rsa },
                  { "OKP", parse_okp } };
    qw_jwk_t *parsed = apr_pcalloc(pool, sizeof(*parsed));
    const char *kty;
    unsigned i;

    if (!json_is_object(object))
        return QW_FAIL(pool, MALFORMED, "jwk: not an object");
    QW_TRY(qw_json_text(&kty, object, "kty", QW_REQUIRED, pool));
    for (i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
        if (strcmp(kty, types[i].kty) != 0)
            continue;
        QW_TRY(check_public(object, pool));
        QW_TRY(types[i].parse(parsed, object, pool));
        QW_TRY(add_thumbprint(parsed, pool));
        *jwk = parsed;
        return NULL;
    }
    return QW_FAIL(pool, BAD_PUBLIC_KEY, "jwk: kty %s is not EC, RSA or OKP",
                   qw_text_safe(kty, 32, pool));
}

static json_t *rsa_jwk(EVP_PKEY *key, apr_pool_t *pool)
{
    static const char *const names[] = { OSSL_PKEY_PARAM_RSA_N,
                                         OSSL_PKEY_PARAM_RSA_E };
    json_t *object = qw_json_new_object(pool);
    int i;

    json_object_set_new(object, "kty", json_string("RSA"));
    for (i = 0; i < 2; i++) {
        BIGNUM *bn = NULL;
        unsigned char *bytes;

        if (EVP_PKEY_get_bn_param(key, names[i], &bn) != 1)
            return NULL;
        bytes = apr_palloc(pool, (apr_size_t)BN_num_bytes(bn) + 1);
        json_object_set_new(object, names[i],
                            json_string(qw_b64url_encode(
                                bytes, (apr_size_t)BN_bn2bin(bn, bytes),
                                pool)));
        BN_free(bn);
    }
    return object;
}

static json_t *ec_jwk(EVP_PKEY *key, apr_pool_t *pool)
{
    unsigned char point[POINT_MOST];
    char group[32];
    size_t len = 0;
    int i;

    if (EVP_PKEY_get_group_name(key, group, sizeof(group), NULL) != 1
        || EVP_PKEY_get_octet_string_param(key, OSSL_PKEY_PARAM_PUB_KEY, point,
                                           sizeof(point), &len)
               != 1)
        return NULL;
    for (i = 0; i < CURVES; i++)
        if (strcmp(group, curves[i].group) == 0
            && len == 1 + 2 * curves[i].bytes)
            return qw_own_json_t(
                pool,
                json_pack("{s:s,s:s,s:s,s:s}", "kty", "EC", "crv",
                          curves[i].crv, "x",
                          qw_b64url_encode(point + 1, curves[i].bytes, pool),
                          "y",
                          qw_b64url_encode(point + 1 + curves[i].bytes,
                                           curves[i].bytes, pool)));
    return NULL;
}

static json_t *ed25519_jwk(EVP_PKEY *key, apr_pool_t *pool)
{
    unsigned char x[ED25519_BYTES];
    size_t len = sizeof(x);

    if (EVP_PKEY_get_raw_public_key(key, x, &len) != 1)
        return NULL;
    return qw_own_json_t(pool, json_pack("{s:s,s:s,s:s}", "kty", "OKP", "crv",
                                         "Ed25519", "x",
                                         qw_b64url_encode(x, len, pool)));
}

/* The required members of KEY, or NULL if it is of another kind. */
static json_t *members_of(EVP_PKEY *key, apr_pool_t *pool)
{
    if (EVP_PKEY_is_a(key, "RSA"))
        return rsa_jwk(key, pool);
    if (EVP_PKEY_is_a(key, "EC"))
        return ec_jwk(key, pool);
    return EVP_PKEY_is_a(key, "ED25519") ? ed25519_jwk(key, pool) : NULL;
}

static qw_problem_t *refuse_kind(apr_pool_t *pool)
{
    return QW_FAIL_BECAUSE(pool, BAD_PUBLIC_KEY, qw_openssl_reasons(pool),
                           "the public key is of a kind that is not taken");
}

qw_problem_t *qw_jwk_thumbprint(const char **thumbprint, EVP_PKEY *key,
                                apr_pool_t *pool)
{
    json_t *object = members_of(key, pool);
    qw_jwk_t jwk = { 0 };

    if (object == NULL)
        return refuse_kind(pool);
    jwk.json = qw_json_dump(object, pool);
    QW_TRY(add_thumbprint(&jwk, pool));
    *thumbprint = jwk.thumbprint;
    return NULL;
}

qw_problem_t *qw_jwk_from_spki(qw_jwk_t **jwk, const qw_bytes_t *spki,
                               apr_pool_t *pool)
{
    const unsigned char *end = spki->data;
    EVP_PKEY *key =
        qw_own_EVP_PKEY(pool, d2i_PUBKEY(NULL, &end, (long)spki->len));
    json_t *object = key != NULL ? members_of(key, pool) : NULL;

    if (object == NULL)
        return refuse_kind(pool);
    return qw_jwk_parse(jwk, object, pool);
}

qw_bytes_t qw_jwk_spki(const qw_jwk_t *jwk, apr_pool_t *pool)
{
    qw_bytes_t spki = { NULL, 0 };
    unsigned char *der = NULL;
    int len = i2d_PUBKEY(jwk->key, &der);

    if (len > 0) {
        spki.data = apr_pmemdup(pool, der, (apr_size_t)len);
        spki.len = (apr_size_t)len;
    }
    OPENSSL_free(der);
    return spki;
}
