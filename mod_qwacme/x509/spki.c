#include "x509/spki.h"

#include "base/b64.h"
#include "x509/der.h"
#include "x509/keycheck.h"

#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/param_build.h>
#include <openssl/sha.h>
#include <string.h>

/* Exact AlgorithmIdentifiers: BR-7.1.3.1. */
typedef struct {
    const char *type;  /* what people call it */
    const char *group; /* OpenSSL's name, NULL for RSA */
    int bits;
    const char *alg;
    apr_size_t len;
    apr_size_t point; /* octets of an uncompressed point */
} row_t;

#define ROW(type, group, bits, alg, point)                                     \
    {                                                                          \
        type, group, bits, alg, sizeof(alg) - 1, point                         \
    }

static const row_t rows[] = {
    ROW("RSA", NULL, 0,
        "\x30\x0d\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x01\x01\x05\x00", 0),
    ROW("P-256", "prime256v1", 256,
        "\x30\x13\x06\x07\x2a\x86\x48\xce\x3d\x02\x01\x06\x08\x2a\x86\x48\xce"
        "\x3d\x03\x01\x07",
        65),
    ROW("P-384", "secp384r1", 384,
        "\x30\x10\x06\x07\x2a\x86\x48\xce\x3d\x02\x01\x06\x05\x2b\x81\x04\x00"
        "\x22",
        97),
    ROW("P-521", "secp521r1", 521,
        "\x30\x10\x06\x07\x2a\x86\x48\xce\x3d\x02\x01\x06\x05\x2b\x81\x04\x00"
        "\x23",
        133),
};

const char *qw_spki_hash(const unsigned char *spki, apr_size_t len,
                         apr_pool_t *pool)
{
    return qw_hex_sha256(spki, len, pool);
}

/* Row and the key's octets of SPKI; NULL if it is none of ours. */
static const row_t *split(const qw_bytes_t *spki, qw_bytes_t *octets)
{
    qw_der_in_t in = *spki, body;
    qw_bytes_t alg;
    apr_size_t i;

    if (!qw_der_enter(&in, QW_DER_SEQUENCE, &body) || in.len > 0
        || !qw_der_next(&body, QW_DER_SEQUENCE, &alg, NULL)
        || !qw_der_next(&body, QW_DER_BIT_STRING, NULL, octets) || body.len > 0
        || octets->len < 2 || octets->data[0] != 0)
        return NULL;
    octets->data++;
    octets->len--;
    for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        if (alg.len == rows[i].len
            && memcmp(alg.data, rows[i].alg, alg.len) == 0)
            return &rows[i];
    }
    return NULL;
}

/* RSAPublicKey: two positive integers and nothing else. */
static int split_rsa(const qw_bytes_t *octets, qw_bytes_t *n, qw_bytes_t *e)
{
    qw_der_in_t in = *octets, body;

    return qw_der_is_strict(octets) && qw_der_enter(&in, QW_DER_SEQUENCE, &body)
           && in.len == 0 && qw_der_next(&body, QW_DER_INTEGER, NULL, n)
           && qw_der_next(&body, QW_DER_INTEGER, NULL, e) && body.len == 0
           && n->data[0] < 0x80 && e->data[0] < 0x80;
}

static int bits_of(const qw_bytes_t *number)
{
    apr_size_t i = 0;
    int bits;
    unsigned char top;

    while (i < number->len && number->data[i] == 0)
        i++;
    if (i == number->len)
        return 0;
    bits = (int)(number->len - i - 1) * 8;
    for (top = number->data[i]; top > 0; top >>= 1)
        bits++;
    return bits;
}

const char *qw_spki_type(const qw_bytes_t *spki, int *bits)
{
    qw_bytes_t octets, n, e;
    const row_t *row = split(spki, &octets);

    if (row == NULL || (row->group == NULL && !split_rsa(&octets, &n, &e)))
        return NULL;
    if (bits != NULL)
        *bits = row->group != NULL ? row->bits : bits_of(&n);
    return row->type;
}

static EVP_PKEY *from_params(const char *type, OSSL_PARAM *params)
{
    EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_name(NULL, type, NULL);
    EVP_PKEY *key = NULL;

    if (ctx == NULL || params == NULL || EVP_PKEY_fromdata_init(ctx) != 1
        || EVP_PKEY_fromdata(ctx, &key, EVP_PKEY_PUBLIC_KEY, params) != 1)
        key = NULL;
    EVP_PKEY_CTX_free(ctx);
    return key;
}

static EVP_PKEY *make_ec(const row_t *row, const qw_bytes_t *point)
{
    OSSL_PARAM params[3];

    if (point->len != row->point || point->data[0] != 0x04)
        return NULL;
    /* OpenSSL's parameters are not const, and not written here */
    params[0] = OSSL_PARAM_construct_utf8_string(OSSL_PKEY_PARAM_GROUP_NAME,
                                                 (char *)row->group, 0);
    params[1] = OSSL_PARAM_construct_octet_string(OSSL_PKEY_PARAM_PUB_KEY,
                                                  (unsigned char *)point->data,
                                                  point->len);
    params[2] = OSSL_PARAM_construct_end();
    return from_params("EC", params);
}

static EVP_PKEY *make_rsa(const qw_bytes_t *n, const qw_bytes_t *e)
{
    OSSL_PARAM_BLD *build = OSSL_PARAM_BLD_new();
    BIGNUM *modulus = BN_bin2bn(n->data, (int)n->len, NULL);
    BIGNUM *exponent = BN_bin2bn(e->data, (int)e->len, NULL);
    OSSL_PARAM *params = NULL;
    EVP_PKEY *key = NULL;

    if (build != NULL && modulus != NULL && exponent != NULL
        && OSSL_PARAM_BLD_push_BN(build, OSSL_PKEY_PARAM_RSA_N, modulus)
        && OSSL_PARAM_BLD_push_BN(build, OSSL_PKEY_PARAM_RSA_E, exponent))
        params = OSSL_PARAM_BLD_to_param(build);
    key = from_params("RSA", params);
    OSSL_PARAM_free(params);
    OSSL_PARAM_BLD_free(build);
    BN_free(modulus);
    BN_free(exponent);
    return key;
}

qw_problem_t *qw_spki_key(EVP_PKEY **key, const qw_bytes_t *spki,
                          apr_pool_t *pool)
{
    qw_bytes_t octets, n, e;
    const row_t *row = split(spki, &octets);
    EVP_PKEY *made = NULL;

    if (row == NULL)
        return QW_FAIL(pool, BAD_PUBLIC_KEY,
                       "the key is not RSA, P-256, P-384 or P-521 in the "
                       "form that certificates use");
    if (row->group != NULL)
        made = make_ec(row, &octets);
    else if (split_rsa(&octets, &n, &e))
        made = make_rsa(&n, &e);
    made = qw_own_EVP_PKEY(pool, made);
    if (made == NULL)
        return QW_FAIL_BECAUSE(pool, BAD_PUBLIC_KEY, qw_openssl_reasons(pool),
                               row->group != NULL
                                   ? "the %s key is not an uncompressed point "
                                     "of the curve"
                                   : "the %s key is not DER of a modulus and "
                                     "an exponent",
                               row->type);
    *key = made;
    return NULL;
}

/* Content of a BIT STRING of whole octets. */
static void put_octets(qw_der_t *d, const qw_bytes_t *octets)
{
    qw_bytes_t no_spare_bits = { (const unsigned char *)"", 1 };
    apr_size_t mark = qw_der_open(d, QW_DER_BIT_STRING);

    qw_der_raw(d, &no_spare_bits);
    qw_der_raw(d, octets);
    qw_der_close(d, mark);
}

static int put_number(qw_der_t *d, EVP_PKEY *key, const char *param)
{
    BIGNUM *n = NULL;
    unsigned char *octets;
    apr_size_t len;

    if (EVP_PKEY_get_bn_param(key, param, &n) != 1)
        return 0;
    len = (apr_size_t)BN_num_bits(n) / 8 + 1; /* a clear bit leads */
    octets = apr_palloc(d->pool, len);
    BN_bn2binpad(n, octets, (int)len);
    BN_free(n);
    qw_der_put(d, QW_DER_INTEGER, octets, len);
    return 1;
}

static int rsa_octets(qw_bytes_t *octets, EVP_PKEY *key, apr_pool_t *pool)
{
    apr_size_t mark;
    qw_der_t d;

    qw_der_start(&d, pool);
    mark = qw_der_open(&d, QW_DER_SEQUENCE);
    if (!put_number(&d, key, OSSL_PKEY_PARAM_RSA_N)
        || !put_number(&d, key, OSSL_PKEY_PARAM_RSA_E))
        return 0;
    qw_der_close(&d, mark);
    *octets = qw_der_bytes(&d);
    return 1;
}

enum { POINT_MOST = 133 };

static int public_octets(qw_bytes_t *octets, EVP_PKEY *key, apr_pool_t *pool)
{
    unsigned char *data = apr_palloc(pool, POINT_MOST);
    size_t len = 0;

    if (EVP_PKEY_get_octet_string_param(key, OSSL_PKEY_PARAM_PUB_KEY, data,
                                        POINT_MOST, &len)
        != 1)
        return 0;
    octets->data = data;
    octets->len = len;
    return 1;
}

static const row_t *row_of(EVP_PKEY *key)
{
    static const row_t ed25519 =
        ROW("Ed25519", NULL, 256, "\x30\x05\x06\x03\x2b\x65\x70", 32);
    char group[32] = "";
    apr_size_t i;

    if (EVP_PKEY_is_a(key, "RSA"))
        return &rows[0];
    if (EVP_PKEY_is_a(key, "ED25519"))
        return &ed25519;
    if (!EVP_PKEY_is_a(key, "EC")
        || EVP_PKEY_get_group_name(key, group, sizeof(group), NULL) != 1)
        return NULL;
    for (i = 1; i < sizeof(rows) / sizeof(rows[0]); i++)
        if (strcmp(group, rows[i].group) == 0)
            return &rows[i];
    return NULL;
}

int qw_spki_encode(qw_bytes_t *spki, EVP_PKEY *key, apr_pool_t *pool)
{
    const row_t *row = row_of(key);
    qw_bytes_t alg, octets;
    apr_size_t mark;
    qw_der_t d;
    int good;

    good = row == &rows[0] ? rsa_octets(&octets, key, pool)
                           : row != NULL && public_octets(&octets, key, pool)
                                 && octets.len == row->point;
    ERR_clear_error();
    if (!good)
        return 0;
    alg.data = (const unsigned char *)row->alg;
    alg.len = row->len;
    qw_der_start(&d, pool);
    mark = qw_der_open(&d, QW_DER_SEQUENCE);
    qw_der_raw(&d, &alg);
    put_octets(&d, &octets);
    qw_der_close(&d, mark);
    *spki = qw_der_bytes(&d);
    return 1;
}
