#include "jose/jws.h"

#include "base/b64.h"
#include "base/text.h"
#include "jose/alg.h"

#include <apr_strings.h>

#include <string.h>

enum { HALF_MOST = 66, DER_MOST = 3 + 2 * (2 + 1 + HALF_MOST) };

/* RFC8555-6.2: header parameters that change how the rest is to be read. */
static const char *const refused_params[] = { "crit", "b64", "zip" };

static qw_problem_t *check_members(const json_t *object, apr_pool_t *pool)
{
    static const char *const names[] = { "protected", "payload", "signature" };
    unsigned i;

    for (i = 0; i < 3; i++)
        if (!json_is_string(json_object_get(object, names[i])))
            return QW_FAIL(pool, MALFORMED, "JWS: %s is missing or no string",
                           names[i]);
    if (json_object_size(object) != 3)
        return QW_FAIL(pool, MALFORMED,
                       "JWS: has other members than protected, payload and "
                       "signature (flattened JSON only)");
    return NULL;
}

static qw_problem_t *read_header(qw_jws_t *jws, const char *protected64,
                                 apr_pool_t *pool)
{
    qw_bytes_t text;
    unsigned i;

    if (*protected64 == '\0' || !qw_b64url_decode(&text, protected64, pool))
        return QW_FAIL(pool, MALFORMED, "JWS: protected is not base64url");
    QW_TRY(qw_json_parse_object(&jws->header, (const char *)text.data, text.len,
                                "protected header", pool));
    for (i = 0; i < sizeof(refused_params) / sizeof(refused_params[0]); i++)
        if (json_object_get(jws->header, refused_params[i]) != NULL)
            return QW_FAIL(pool, MALFORMED,
                           "protected header: %s is not supported",
                           refused_params[i]);
    QW_TRY(qw_json_text(&jws->alg, jws->header, "alg", QW_REQUIRED, pool));
    QW_TRY(qw_json_text(&jws->nonce, jws->header, "nonce", QW_OPTIONAL, pool));
    QW_TRY(qw_json_text(&jws->url, jws->header, "url", QW_OPTIONAL, pool));
    QW_TRY(qw_json_text(&jws->kid, jws->header, "kid", QW_OPTIONAL, pool));
    return qw_json_object(&jws->jwk, jws->header, "jwk", QW_OPTIONAL, pool);
}

qw_problem_t *qw_jws_from_object(qw_jws_t **jws, const json_t *object,
                                 apr_pool_t *pool)
{
    qw_jws_t *parsed = apr_pcalloc(pool, sizeof(*parsed));
    const char *protected64, *payload64, *signature64, *input;

    QW_TRY(check_members(object, pool));
    protected64 = json_string_value(json_object_get(object, "protected"));
    payload64 = json_string_value(json_object_get(object, "payload"));
    signature64 = json_string_value(json_object_get(object, "signature"));
    QW_TRY(read_header(parsed, protected64, pool));
    if (!qw_b64url_decode(&parsed->payload, payload64, pool))
        return QW_FAIL(pool, MALFORMED, "JWS: payload is not base64url");
    if (!qw_b64url_decode(&parsed->signature, signature64, pool))
        return QW_FAIL(pool, MALFORMED, "JWS: signature is not base64url");
    input = apr_pstrcat(pool, protected64, ".", payload64, NULL);
    parsed->input.data = (const unsigned char *)input;
    parsed->input.len = strlen(input);
    *jws = parsed;
    return NULL;
}

qw_problem_t *qw_jws_parse(qw_jws_t **jws, const char *body, apr_size_t len,
                           apr_pool_t *pool)
{
    json_t *object;

    QW_TRY(qw_json_parse_object(&object, body, len, "JWS", pool));
    return qw_jws_from_object(jws, object, pool);
}

qw_problem_t *qw_jws_check_alg(const qw_jws_t *jws, apr_pool_t *pool)
{
    if (qw_alg_find(jws->alg) != NULL)
        return NULL;
    return QW_FAIL(pool, BAD_SIGNATURE_ALGORITHM,
                   "alg %s is not one of ES256, ES384, ES512, RS256, EdDSA",
                   qw_text_safe(jws->alg, 32, pool));
}

static unsigned char *put_integer(unsigned char *out, const unsigned char *n,
                                  apr_size_t len)
{
    while (len > 1 && *n == 0) {
        n++;
        len--;
    }
    *out++ = 0x02;
    *out++ = (unsigned char)(len + (*n >> 7));
    if (*n >> 7)
        *out++ = 0;
    memcpy(out, n, len);
    return out + len;
}

/* r || s (RFC 7518 section 3.4) to the DER that OpenSSL takes. */
static apr_size_t to_der(unsigned char der[DER_MOST], const qw_bytes_t *raw,
                         apr_size_t half)
{
    unsigned char body[DER_MOST];
    unsigned char *end = put_integer(body, raw->data, half);
    apr_size_t len, head;

    end = put_integer(end, raw->data + half, half);
    len = (apr_size_t)(end - body);
    der[0] = 0x30;
    head = len < 128 ? 2 : 3;
    der[1] = head == 2 ? (unsigned char)len : 0x81;
    if (head == 3)
        der[2] = (unsigned char)len;
    memcpy(der + head, body, len);
    return head + len;
}

static int verifies(const qw_alg_t *alg, const qw_jwk_t *jwk,
                    const qw_bytes_t *signature, const qw_bytes_t *input)
{
    EVP_MD_CTX *ctx = EVP_MD_CTX_new();
    int good = ctx != NULL
               && EVP_DigestVerifyInit_ex(ctx, NULL, alg->digest, NULL, NULL,
                                          jwk->key, NULL)
                      == 1
               && EVP_DigestVerify(ctx, signature->data, signature->len,
                                   input->data, input->len)
                      == 1;

    EVP_MD_CTX_free(ctx);
    return good;
}

qw_problem_t *qw_jws_verify(const qw_jws_t *jws, const qw_jwk_t *jwk,
                            apr_pool_t *pool)
{
    const qw_alg_t *alg = qw_alg_find(jws->alg);
    unsigned char der[DER_MOST];
    qw_bytes_t signature = jws->signature;

    if (alg == NULL || strcmp(alg->kty, jwk->kty) != 0
        || (alg->crv != NULL && strcmp(alg->crv, jwk->crv) != 0))
        return QW_FAIL(pool, BAD_SIGNATURE_ALGORITHM,
                       "alg %s does not fit the key (%s %s)",
                       qw_text_safe(jws->alg, 32, pool), jwk->kty,
                       jwk->crv != NULL ? jwk->crv : "");
    if (alg->half != 0) {
        if (signature.len != 2 * alg->half)
            return QW_FAIL(pool, MALFORMED,
                           "JWS: a signature by %s is %d bytes (r and s, not "
                           "DER)",
                           alg->name, (int)(2 * alg->half));
        signature.len = to_der(der, &jws->signature, alg->half);
        signature.data = der;
    }
    if (verifies(alg, jwk, &signature, &jws->input))
        return NULL;
    return QW_FAIL_BECAUSE(pool, MALFORMED, qw_openssl_reasons(pool),
                           "JWS: the signature does not verify");
}

qw_problem_t *qw_jws_payload_object(json_t **object, const qw_jws_t *jws,
                                    apr_pool_t *pool)
{
    return qw_json_parse_object(object, (const char *)jws->payload.data,
                                jws->payload.len, "payload", pool);
}
