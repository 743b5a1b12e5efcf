/* Writing a TLS certificate binding. */
#include "jose/tls_binding.h"

#include "base/b64.h"
#include "base/text.h"
#include "jose/tls_binding_form.h"

#include <apr_strings.h>
#include <openssl/ecdsa.h>
#include <openssl/rsa.h>

#include <string.h>

/* The first that fits a key is what it signs with by default. */
static const qw_tls_binding_alg_t algs[] = {
    { "ES256", "EC", "prime256v1", 0 },
    { "PS256", "RSA", NULL, 1 },
    { "RS256", "RSA", NULL, 0 },
};

enum { ALGS = sizeof(algs) / sizeof(algs[0]) };

const qw_tls_binding_alg_t *qw_tls_binding_alg_row(const char *alg)
{
    int i;

    for (i = 0; i < ALGS; i++)
        if (strcmp(algs[i].alg, alg) == 0)
            return &algs[i];
    return NULL;
}

int qw_tls_binding_alg_fits(const qw_tls_binding_alg_t *row,
                            const EVP_PKEY *key)
{
    char group[32];

    if (!EVP_PKEY_is_a(key, row->type))
        return 0;
    return row->group == NULL
           || (EVP_PKEY_get_group_name(key, group, sizeof(group), NULL) == 1
               && strcmp(group, row->group) == 0);
}

int qw_tls_binding_alg_pad(const qw_tls_binding_alg_t *row, EVP_PKEY_CTX *ctx)
{
    if (!row->pss)
        return 1;
    /* RFC7518-3.5: the salt is as long as the hash */
    return EVP_PKEY_CTX_set_rsa_padding(ctx, RSA_PKCS1_PSS_PADDING) > 0
           && EVP_PKEY_CTX_set_rsa_pss_saltlen(ctx, RSA_PSS_SALTLEN_DIGEST) > 0;
}

qw_problem_t *qw_tls_binding_alg(const char **alg, EVP_PKEY *key,
                                 const char *wanted, apr_pool_t *pool)
{
    int i;

    for (i = 0; i < ALGS; i++) {
        if (wanted != NULL && strcmp(algs[i].alg, wanted) != 0)
            continue;
        if (qw_tls_binding_alg_fits(&algs[i], key)) {
            *alg = algs[i].alg;
            return NULL;
        }
    }
    if (wanted != NULL)
        return QW_FAIL(pool, INVALID_INPUT,
                       "algorithm '%s' does not fit the key; ES256 is for "
                       "P-256, PS256 and RS256 are for RSA",
                       qw_text_safe(wanted, 32, pool));
    return QW_FAIL(pool, INVALID_INPUT,
                   "the key is neither P-256 nor RSA, and browsers take no "
                   "binding by another; order a 2-QWAC for such a key");
}

/* ---- the header ---------------------------------------------------------- */

static json_t *texts(const apr_array_header_t *list)
{
    json_t *array = json_array();
    int i;

    for (i = 0; i < list->nelts; i++)
        json_array_append_new(array, json_string(
                                         APR_ARRAY_IDX(list, i, const char *)));
    return array;
}

/* Base64 with padding: RFC7515-4.1.6. */
static json_t *chain(const apr_array_header_t *x5c, apr_pool_t *pool)
{
    json_t *array = json_array();
    int i;

    for (i = 0; i < x5c->nelts; i++) {
        const qw_bytes_t *der = &APR_ARRAY_IDX(x5c, i, qw_bytes_t);
        char *text = apr_palloc(pool, (der->len + 2) / 3 * 4 + 1);

        EVP_EncodeBlock((unsigned char *)text, der->data, (int)der->len);
        json_array_append_new(array, json_string(text));
    }
    return array;
}

static void put_date(json_t *header, const char *name, apr_time_t when)
{
    if (when != 0)
        json_object_set_new(header, name, json_integer(apr_time_sec(when)));
}

/* json_string() of text that is not UTF-8 is NULL, and a setter says so. */
static qw_problem_t *write_header(const char **text, const qw_tls_binding_t *b,
                                  apr_pool_t *pool)
{
    json_t *header = qw_json_new_object(pool), *sigd = json_object();
    const qw_bytes_t *signer = &APR_ARRAY_IDX(b->x5c, 0, qw_bytes_t);
    int bad = 0;

    bad |= json_object_set_new(header, "alg", json_string(b->alg));
    if (b->kid != NULL)
        bad |= json_object_set_new(header, "kid", json_string(b->kid));
    bad |= json_object_set_new(header, "cty", json_string(QW_TLS_BINDING_CTY));
    bad |= json_object_set_new(header, "x5t#S256",
                               json_string(
                                   qw_tls_binding_thumbprint(signer, pool)));
    bad |= json_object_set_new(header, "x5c", chain(b->x5c, pool));
    put_date(header, "iat", b->iat);
    put_date(header, "exp", b->exp);
    bad |= json_object_set_new(sigd, "mId", json_string(QW_TLS_BINDING_MID));
    bad |= json_object_set_new(sigd, "pars", texts(b->pars));
    bad |= json_object_set_new(sigd, "hashM", json_string(b->hash_method));
    bad |= json_object_set_new(sigd, "hashV", texts(b->hashes));
    bad |= json_array_size(json_object_get(sigd, "pars"))
           != (apr_size_t)b->pars->nelts;
    bad |= json_object_set_new(header, "sigD", sigd);
    if (bad)
        return QW_FAIL(pool, INVALID_INPUT,
                       "a label or the kid is not UTF-8; choose others");
    *text = qw_json_dump(header, pool);
    return NULL;
}

/* ---- the signature ------------------------------------------------------- */

/* The DER of OpenSSL to r || s (RFC7518-3.4), in POOL. */
static int to_raw(qw_bytes_t *signature, apr_pool_t *pool)
{
    const unsigned char *at = signature->data;
    ECDSA_SIG *sig = d2i_ECDSA_SIG(NULL, &at, (long)signature->len);
    unsigned char *raw = apr_palloc(pool, QW_TLS_BINDING_RAW);
    int good = sig != NULL
               && BN_bn2binpad(ECDSA_SIG_get0_r(sig), raw, QW_TLS_BINDING_HALF)
                      == QW_TLS_BINDING_HALF
               && BN_bn2binpad(ECDSA_SIG_get0_s(sig), raw + QW_TLS_BINDING_HALF,
                               QW_TLS_BINDING_HALF)
                      == QW_TLS_BINDING_HALF;

    ECDSA_SIG_free(sig);
    signature->data = raw;
    signature->len = QW_TLS_BINDING_RAW;
    return good;
}

static qw_problem_t *sign(qw_bytes_t *signature,
                          const qw_tls_binding_alg_t *row, EVP_PKEY *key,
                          const char *input, apr_pool_t *pool)
{
    EVP_MD_CTX *ctx = qw_own_EVP_MD_CTX(pool, EVP_MD_CTX_new());
    size_t len = (size_t)EVP_PKEY_get_size(key);
    unsigned char *bytes = apr_palloc(pool, len);
    EVP_PKEY_CTX *pad = NULL;

    if (ctx == NULL
        || EVP_DigestSignInit_ex(ctx, &pad, "SHA256", NULL, NULL, key, NULL)
               != 1
        || !qw_tls_binding_alg_pad(row, pad)
        || EVP_DigestSign(ctx, bytes, &len, (const unsigned char *)input,
                          strlen(input))
               != 1)
        return QW_FAIL_BECAUSE(pool, UNAVAILABLE, qw_openssl_reasons(pool),
                               "the key of the 2-QWAC does not sign");
    signature->data = bytes;
    signature->len = len;
    if (row->group != NULL && !to_raw(signature, pool))
        return QW_FAIL_BECAUSE(pool, UNAVAILABLE, qw_openssl_reasons(pool),
                               "the key of the 2-QWAC signs badly");
    return NULL;
}

qw_problem_t *qw_tls_binding_make(const char **text,
                                  const qw_tls_binding_t *binding,
                                  EVP_PKEY *key, apr_pool_t *pool)
{
    const qw_tls_binding_alg_t *row = qw_tls_binding_alg_row(binding->alg);
    const char *json, *input;
    qw_bytes_t signature;

    if (row == NULL || !qw_tls_binding_alg_fits(row, key))
        return QW_FAIL(pool, INVALID_INPUT, "%s does not fit the key",
                       binding->alg);
    QW_TRY(write_header(&json, binding, pool));
    input = apr_pstrcat(pool,
                        qw_b64url_encode((const unsigned char *)json,
                                         strlen(json), pool),
                        ".", NULL);
    QW_TRY(sign(&signature, row, key, input, pool));
    *text = apr_pstrcat(pool, input, ".",
                        qw_b64url_encode(signature.data, signature.len, pool),
                        NULL);
    return NULL;
}
