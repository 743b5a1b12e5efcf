#include "x509/sigalg.h"

#include "x509/der.h"

#include <openssl/err.h>
#include <string.h>

typedef struct {
    const char *key;    /* "RSA", or the group of an EC key */
    const char *digest; /* OpenSSL's name */
    const char *der;
    apr_size_t len;
} row_t;

#define ROW(key, digest, der)                                                  \
    {                                                                          \
        key, digest, der, sizeof(der) - 1                                      \
    }

/* The first row of a key is what we sign with. */
static const row_t rows[] = {
    ROW("RSA", "SHA256",
        "\x30\x0d\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x01\x0b\x05\x00"),
    ROW("RSA", "SHA384",
        "\x30\x0d\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x01\x0c\x05\x00"),
    ROW("RSA", "SHA512",
        "\x30\x0d\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x01\x0d\x05\x00"),
    ROW("prime256v1", "SHA256",
        "\x30\x0a\x06\x08\x2a\x86\x48\xce\x3d\x04\x03\x02"),
    ROW("secp384r1", "SHA384",
        "\x30\x0a\x06\x08\x2a\x86\x48\xce\x3d\x04\x03\x03"),
    ROW("secp521r1", "SHA512",
        "\x30\x0a\x06\x08\x2a\x86\x48\xce\x3d\x04\x03\x04"),
};

enum { ROWS = sizeof(rows) / sizeof(rows[0]) };

static qw_bytes_t der_of(const row_t *row)
{
    qw_bytes_t der = { (const unsigned char *)row->der, row->len };

    return der;
}

int qw_sigalg_of_key(qw_bytes_t *alg, const char **digest, const EVP_PKEY *key)
{
    char group[32] = "RSA";
    int i;

    if (!EVP_PKEY_is_a(key, "RSA")
        && (!EVP_PKEY_is_a(key, "EC")
            || !EVP_PKEY_get_group_name(key, group, sizeof(group), NULL)))
        return 0;
    for (i = 0; i < ROWS; i++) {
        if (strcmp(rows[i].key, group) == 0) {
            *alg = der_of(&rows[i]);
            *digest = rows[i].digest;
            return 1;
        }
    }
    return 0;
}

const char *qw_sigalg_digest(const qw_bytes_t *alg, int *rsa)
{
    int i;

    for (i = 0; i < ROWS; i++) {
        qw_bytes_t der = der_of(&rows[i]);

        if (qw_bytes_equal(&der, alg)) {
            *rsa = strcmp(rows[i].key, "RSA") == 0;
            return rows[i].digest;
        }
    }
    return NULL;
}

int qw_sigalg_verify(EVP_PKEY *key, const char *digest, const qw_bytes_t *data,
                     const qw_bytes_t *signature)
{
    EVP_MD_CTX *ctx = EVP_MD_CTX_new();
    int good;

    good = ctx != NULL
           && EVP_DigestVerifyInit_ex(ctx, NULL, digest, NULL, NULL, key, NULL)
                  == 1
           && EVP_DigestVerify(ctx, signature->data, signature->len, data->data,
                               data->len)
                  == 1;
    EVP_MD_CTX_free(ctx);
    ERR_clear_error();
    return good;
}

int qw_sigalg_verify_digest(EVP_PKEY *key, const char *digest,
                            const qw_bytes_t *hash, const qw_bytes_t *signature)
{
    EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_pkey(NULL, key, NULL);
    const EVP_MD *md = EVP_get_digestbyname(digest);
    int good;

    good = ctx != NULL && md != NULL
           && hash->len == (apr_size_t)EVP_MD_get_size(md)
           && EVP_PKEY_verify_init(ctx) == 1
           && EVP_PKEY_CTX_set_signature_md(ctx, md) == 1
           && EVP_PKEY_verify(ctx, signature->data, signature->len, hash->data,
                              hash->len)
                  == 1;
    EVP_PKEY_CTX_free(ctx);
    ERR_clear_error();
    return good;
}
