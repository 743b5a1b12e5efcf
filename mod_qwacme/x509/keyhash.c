#include "x509/keyhash.h"

#include "x509/spki.h"

#include <apr_lib.h>
#include <apr_strings.h>
#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/sha.h>
#include <string.h>

enum { ED25519_BYTES = 32 };

static const struct {
    int width;
    const char *name;
} kinds[QW_KEYHASH_KINDS] = {
    { 10, "modulus-sha1" },
    { 15, "number-sha256" },
    { SHA256_DIGEST_LENGTH, "spki-sha256" },
};

int qw_keyhash_width(qw_keyhash_e kind)
{
    return kinds[kind].width;
}

const char *qw_keyhash_name(qw_keyhash_e kind)
{
    return kinds[kind].name;
}

static qw_bytes_t without_zeros(const qw_bytes_t *number)
{
    qw_bytes_t n = *number;

    while (n.len > 0 && n.data[0] == 0) {
        n.data++;
        n.len--;
    }
    return n;
}

static void hash_modulus(unsigned char *hash, const qw_bytes_t *n,
                         apr_pool_t *pool)
{
    static const char digits[] = "0123456789ABCDEF", head[] = "Modulus=";
    unsigned char sha1[SHA_DIGEST_LENGTH];
    char *line = apr_palloc(pool, sizeof(head) + 2 * n->len + 1);
    char *at = apr_cpystrn(line, head, sizeof(head));
    apr_size_t i;

    for (i = 0; i < n->len; i++) {
        *at++ = digits[n->data[i] >> 4];
        *at++ = digits[n->data[i] & 0x0f];
    }
    *at++ = '\n';
    SHA1((unsigned char *)line, (size_t)(at - line), sha1);
    memcpy(hash, sha1 + 10, 10);
}

void qw_keyhash_number(unsigned char hash[QW_KEYHASH_MOST], qw_keyhash_e kind,
                       const qw_bytes_t *number, apr_pool_t *pool)
{
    qw_bytes_t n = without_zeros(number);

    if (kind == QW_KEYHASH_MODULUS_SHA1)
        hash_modulus(hash, &n, pool);
    else
        SHA256(n.data, n.len, hash); /* its first octets count */
}

static int number_of(qw_bytes_t *number, EVP_PKEY *key, const char *param,
                     apr_pool_t *pool)
{
    BIGNUM *n = NULL;
    unsigned char *data;

    if (EVP_PKEY_get_bn_param(key, param, &n) != 1) {
        ERR_clear_error();
        return 0;
    }
    data = apr_palloc(pool, (apr_size_t)BN_num_bytes(n) + 1);
    number->len = (apr_size_t)BN_bn2bin(n, data);
    number->data = data;
    BN_free(n);
    return 1;
}

static int raw_of(qw_bytes_t *number, EVP_PKEY *key, apr_pool_t *pool)
{
    unsigned char *data = apr_palloc(pool, ED25519_BYTES);
    size_t len = ED25519_BYTES;

    number->data = data;
    if (EVP_PKEY_get_raw_public_key(key, data, &len) != 1) {
        ERR_clear_error();
        return 0;
    }
    number->len = len;
    return 1;
}

static int characteristic(qw_bytes_t *number, EVP_PKEY *key, apr_pool_t *pool)
{
    if (EVP_PKEY_is_a(key, "RSA"))
        return number_of(number, key, OSSL_PKEY_PARAM_RSA_N, pool);
    if (EVP_PKEY_is_a(key, "EC"))
        return number_of(number, key, OSSL_PKEY_PARAM_EC_PUB_X, pool);
    return EVP_PKEY_is_a(key, "ED25519") && raw_of(number, key, pool);
}

int qw_keyhash(unsigned char hash[QW_KEYHASH_MOST], qw_keyhash_e kind,
               EVP_PKEY *key, apr_pool_t *pool)
{
    qw_bytes_t bytes;

    if (kind == QW_KEYHASH_SPKI_SHA256) {
        if (!qw_spki_encode(&bytes, key, pool))
            return 0;
        SHA256(bytes.data, bytes.len, hash);
        return 1;
    }
    if (kind == QW_KEYHASH_MODULUS_SHA1 && !EVP_PKEY_is_a(key, "RSA"))
        return 0;
    if (!characteristic(&bytes, key, pool))
        return 0;
    qw_keyhash_number(hash, kind, &bytes, pool);
    return 1;
}
