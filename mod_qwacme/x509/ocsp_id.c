#include "x509/ocsp_id.h"

#include "base/b64.h"
#include "x509/oid.h"

#include <openssl/err.h>
#include <openssl/evp.h>
#include <string.h>

enum { MOST_SERIAL = 20 };

static const struct {
    const char *name;
    qw_oid_e oid;
    apr_size_t size;
} hashes[QW_OCSP_HASHES] = { { "sha1", QW_OID_SHA1, 20 },
                             { "sha256", QW_OID_SHA256, 32 } };

int qw_ocsp_hash_of(const char *digest)
{
    int i;

    for (i = 0; digest != NULL && i < QW_OCSP_HASHES; i++) {
        if (strcmp(digest, hashes[i].name) == 0)
            return i;
    }
    return -1;
}

apr_size_t qw_ocsp_hash_size(int hash)
{
    return hashes[hash].size;
}

int qw_ocsp_digest(qw_bytes_t *out, int hash, const qw_bytes_t *bytes,
                   apr_pool_t *pool)
{
    unsigned char *digest = apr_palloc(pool, hashes[hash].size);

    if (!EVP_Q_digest(NULL, hashes[hash].name, NULL, bytes->data, bytes->len,
                      digest, NULL)) {
        ERR_clear_error();
        return 0;
    }
    out->data = digest;
    out->len = hashes[hash].size;
    return 1;
}

int qw_ocsp_key_hash(qw_bytes_t *out, int hash, const qw_bytes_t *spki,
                     apr_pool_t *pool)
{
    qw_der_in_t all = *spki, info;
    qw_bytes_t bits;

    if (!qw_der_enter(&all, QW_DER_SEQUENCE, &info) || all.len > 0
        || !qw_der_next(&info, QW_DER_SEQUENCE, NULL, NULL)
        || !qw_der_next(&info, QW_DER_BIT_STRING, NULL, &bits) || info.len > 0
        || bits.len < 2)
        return 0;
    bits.data++;
    bits.len--;
    return qw_ocsp_digest(out, hash, &bits, pool);
}

static void put_algorithm(qw_der_t *der, int hash)
{
    qw_bytes_t oid = qw_oid_der(hashes[hash].oid);
    apr_size_t seq = qw_der_open(der, QW_DER_SEQUENCE);

    qw_der_raw(der, &oid);
    qw_der_put(der, QW_DER_NULL, NULL, 0);
    qw_der_close(der, seq);
}

int qw_ocsp_id_put(qw_der_t *der, const qw_ocsp_id_t *id)
{
    int hash = qw_ocsp_hash_of(id->digest);
    qw_bytes_t serial;
    apr_size_t seq;

    if (hash < 0 || id->name_hash.len != hashes[hash].size
        || id->key_hash.len != hashes[hash].size
        || !qw_hex_decode(&serial, id->serial, der->pool) || serial.len == 0
        || serial.len > MOST_SERIAL)
        return 0;
    seq = qw_der_open(der, QW_DER_SEQUENCE);
    put_algorithm(der, hash);
    qw_der_put(der, QW_DER_OCTET_STRING, id->name_hash.data, id->name_hash.len);
    qw_der_put(der, QW_DER_OCTET_STRING, id->key_hash.data, id->key_hash.len);
    qw_der_put(der, QW_DER_INTEGER, serial.data, serial.len);
    qw_der_close(der, seq);
    return 1;
}

/* RFC4055-2.1: the parameters of a hash are NULL or left out. */
static int next_algorithm(int *hash, qw_der_in_t *in)
{
    qw_der_in_t algorithm;
    qw_bytes_t oid;
    int i;

    if (!qw_der_enter(in, QW_DER_SEQUENCE, &algorithm)
        || !qw_der_next(&algorithm, QW_DER_OID, &oid, NULL))
        return 0;
    (void)qw_der_next(&algorithm, QW_DER_NULL, NULL, NULL);
    *hash = -1;
    for (i = 0; i < QW_OCSP_HASHES; i++) {
        qw_bytes_t known = qw_oid_der(hashes[i].oid);

        if (qw_bytes_equal(&oid, &known))
            *hash = i;
    }
    return algorithm.len == 0;
}

int qw_ocsp_id_next(qw_ocsp_id_t *id, qw_der_in_t *in, apr_pool_t *pool)
{
    qw_bytes_t serial;
    qw_der_in_t body;
    int hash;

    if (!qw_der_enter(in, QW_DER_SEQUENCE, &body)
        || !next_algorithm(&hash, &body)
        || !qw_der_next(&body, QW_DER_OCTET_STRING, NULL, &id->name_hash)
        || !qw_der_next(&body, QW_DER_OCTET_STRING, NULL, &id->key_hash)
        || !qw_der_next(&body, QW_DER_INTEGER, NULL, &serial) || body.len > 0
        || serial.len == 0 || serial.len > MOST_SERIAL)
        return 0;
    if (hash >= 0
        && (id->name_hash.len != hashes[hash].size
            || id->key_hash.len != hashes[hash].size))
        return 0;
    id->digest = hash >= 0 ? hashes[hash].name : NULL;
    id->serial = qw_hex_encode(serial.data, serial.len, pool);
    return 1;
}
