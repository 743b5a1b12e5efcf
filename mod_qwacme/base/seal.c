#include "base/seal.h"

#include "base/b64.h"
#include "base/file.h"
#include "base/own.h"
#include "base/world.h"

#include <apr_file_io.h>
#include <apr_strings.h>
#include <openssl/core_names.h>
#include <openssl/kdf.h>
#include <openssl/params.h>

#include <ctype.h>
#include <string.h>

enum { KEY_BYTES = 32, NONCE_BYTES = 12, TAG_BYTES = 16, MOST_FILE = 16384 };

typedef struct {
    const char *id;
    const unsigned char *bytes; /* KEY_BYTES of them, wiped with the pool */
} ring_key_t;

struct qw_seal_ring_t {
    apr_array_header_t *keys; /* of ring_key_t; the first one seals */
};

static int is_key_id(const char *id)
{
    const char *c;

    for (c = id; *c != '\0'; c++)
        if (!isalnum((unsigned char)*c) && *c != '-' && *c != '_')
            return 0;
    return c != id && c - id <= 64;
}

static qw_problem_t *check_mode(const char *path, apr_pool_t *pool)
{
    apr_finfo_t info;
    apr_status_t rv =
        apr_stat(&info, path, APR_FINFO_PROT | APR_FINFO_TYPE, pool);
    char buf[120];

    if (rv != APR_SUCCESS)
        return QW_FAIL(pool, INVALID_INPUT, "seal key file %s: %s", path,
                       apr_strerror(rv, buf, sizeof(buf)));
    if (info.filetype != APR_REG)
        return QW_FAIL(pool, INVALID_INPUT,
                       "seal key file %s: not a file; name the file that "
                       "'qwacmectl seal-key create' made",
                       path);
    if (info.protection
        & (APR_FPROT_GWRITE | APR_FPROT_GEXECUTE | APR_FPROT_WREAD
           | APR_FPROT_WWRITE | APR_FPROT_WEXECUTE))
        return QW_FAIL(pool, INVALID_INPUT,
                       "seal key file %s: others may read or change it; "
                       "chmod 0640 or stricter",
                       path);
    return NULL;
}

static qw_problem_t *read_key(qw_seal_ring_t *ring, const char *line,
                              const char *path, int n, apr_pool_t *pool)
{
    apr_size_t len = strcspn(line, " \t");
    const char *id = apr_pstrmemdup(pool, line, len);
    const char *value = line + len + strspn(line + len, " \t");
    qw_bytes_t raw;
    unsigned char *bytes;
    ring_key_t *key;

    if (!is_key_id(id) || !qw_b64url_decode(&raw, value, pool)
        || raw.len != KEY_BYTES)
        return QW_FAIL(pool, INVALID_INPUT,
                       "seal key file %s, line %d: not 'keyid base64url(32 "
                       "bytes)'; make one with 'qwacmectl seal-key create'",
                       path, n);
    bytes = qw_own_secret(pool, KEY_BYTES);
    memcpy(bytes, raw.data, KEY_BYTES);
    OPENSSL_cleanse((unsigned char *)raw.data, raw.len);
    key = apr_array_push(ring->keys);
    key->id = id;
    key->bytes = bytes;
    return NULL;
}

static qw_problem_t *read_lines(qw_seal_ring_t *ring, char *text,
                                const char *path, apr_pool_t *pool)
{
    int n = 0;

    while (*text != '\0') {
        apr_size_t len = strcspn(text, "\r\n");
        int more = text[len] != '\0';

        text[len] = '\0';
        n++;
        if (*text != '#' && *text != '\0')
            QW_TRY(read_key(ring, text, path, n, pool));
        text += len + (more ? 1 : 0);
    }
    return NULL;
}

qw_problem_t *qw_seal_ring_load(qw_seal_ring_t **ring, const char *path,
                                apr_pool_t *pool)
{
    qw_seal_ring_t *loaded = apr_pcalloc(pool, sizeof(*loaded));
    char *text = (char *)qw_own_secret(pool, MOST_FILE + 1), buf[120];
    apr_size_t len = MOST_FILE;
    apr_status_t rv;

    QW_TRY(check_mode(path, pool));
    rv = qw_file_read(text, &len, path, pool);
    if (rv != APR_SUCCESS && rv != APR_EOF)
        return QW_FAIL(pool, INVALID_INPUT, "seal key file %s: %s", path,
                       apr_strerror(rv, buf, sizeof(buf)));
    loaded->keys = apr_array_make(pool, 2, sizeof(ring_key_t));
    QW_TRY(read_lines(loaded, text, path, pool));
    if (loaded->keys->nelts == 0)
        return QW_FAIL(pool, INVALID_INPUT,
                       "seal key file %s: no key in it; make one with "
                       "'qwacmectl seal-key create'",
                       path);
    *ring = loaded;
    return NULL;
}

qw_problem_t *qw_seal_ring_create(const char *path, apr_pool_t *pool)
{
    unsigned char *bytes = qw_own_secret(pool, KEY_BYTES);
    apr_time_exp_t now;
    apr_file_t *file;
    apr_status_t rv;
    char buf[120];

    QW_TRY(qw_random(bytes, KEY_BYTES, pool));
    rv = apr_file_open(&file, path,
                       APR_FOPEN_WRITE | APR_FOPEN_CREATE | APR_FOPEN_EXCL,
                       APR_FPROT_UREAD | APR_FPROT_UWRITE, pool);
    if (rv == APR_SUCCESS) {
        apr_time_exp_gmt(&now, qw_world()->now());
        apr_file_printf(file, "k%04d%02d%02d %s\n", now.tm_year + 1900,
                        now.tm_mon + 1, now.tm_mday,
                        qw_b64url_encode(bytes, KEY_BYTES, pool));
        rv = apr_file_datasync(file);
        apr_file_close(file);
    }
    if (rv != APR_SUCCESS)
        return QW_FAIL(pool, INVALID_INPUT, "seal key file %s: %s", path,
                       apr_strerror(rv, buf, sizeof(buf)));
    return NULL;
}

static const ring_key_t *first_key(const qw_seal_ring_t *ring)
{
    return &APR_ARRAY_IDX(ring->keys, 0, ring_key_t);
}

static const ring_key_t *key_by_id(const qw_seal_ring_t *ring, const char *id,
                                   apr_size_t len)
{
    int i;

    for (i = 0; i < ring->keys->nelts; i++) {
        const ring_key_t *key = &APR_ARRAY_IDX(ring->keys, i, ring_key_t);

        if (strlen(key->id) == len && strncmp(key->id, id, len) == 0)
            return key;
    }
    return NULL;
}

static int encrypt(unsigned char *box, const ring_key_t *key,
                   const qw_bytes_t *secret, const char *aad)
{
    EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
    unsigned char *text = box + NONCE_BYTES;
    int n, good;

    good = ctx != NULL
           && EVP_EncryptInit_ex(ctx, EVP_aes_256_gcm(), NULL, key->bytes, box)
           && EVP_EncryptUpdate(ctx, NULL, &n, (const unsigned char *)aad,
                                (int)strlen(aad))
           && EVP_EncryptUpdate(ctx, text, &n, secret->data, (int)secret->len)
           && EVP_EncryptFinal_ex(ctx, text + n, &n)
           && EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_GCM_GET_TAG, TAG_BYTES,
                                  text + secret->len);
    EVP_CIPHER_CTX_free(ctx);
    return good;
}

static int decrypt(unsigned char *out, const ring_key_t *key,
                   const qw_bytes_t *box, const char *aad)
{
    EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
    const unsigned char *text = box->data + NONCE_BYTES;
    int len = (int)(box->len - NONCE_BYTES - TAG_BYTES), n, good;

    good = ctx != NULL
           && EVP_DecryptInit_ex(ctx, EVP_aes_256_gcm(), NULL, key->bytes,
                                 box->data)
           && EVP_DecryptUpdate(ctx, NULL, &n, (const unsigned char *)aad,
                                (int)strlen(aad))
           && EVP_DecryptUpdate(ctx, out, &n, text, len)
           && EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_GCM_SET_TAG, TAG_BYTES,
                                  (void *)(text + len))
           && EVP_DecryptFinal_ex(ctx, out + n, &n);
    EVP_CIPHER_CTX_free(ctx);
    return good;
}

qw_problem_t *qw_seal(const char **sealed, const qw_seal_ring_t *ring,
                      const qw_bytes_t *secret, const char *aad,
                      apr_pool_t *pool)
{
    const ring_key_t *key = first_key(ring);
    apr_size_t len = NONCE_BYTES + secret->len + TAG_BYTES;
    unsigned char *box = apr_palloc(pool, len);

    QW_TRY(qw_random(box, NONCE_BYTES, pool));
    if (!encrypt(box, key, secret, aad))
        return QW_FAIL_BECAUSE(pool, SERVER_INTERNAL, qw_openssl_reasons(pool),
                               "sealing failed");
    *sealed =
        apr_pstrcat(pool, key->id, ".", qw_b64url_encode(box, len, pool), NULL);
    return NULL;
}

qw_problem_t *qw_unseal(qw_bytes_t *secret, const qw_seal_ring_t *ring,
                        const char *sealed, const char *aad, apr_pool_t *pool)
{
    apr_size_t id_len = strcspn(sealed, ".");
    const ring_key_t *key = key_by_id(ring, sealed, id_len);
    unsigned char *out;
    qw_bytes_t box;

    if (key == NULL)
        return QW_FAIL_BECAUSE(pool, SERVER_INTERNAL,
                               apr_pstrcat(pool,
                                           "the seal key file has no key '",
                                           apr_pstrmemdup(pool, sealed, id_len),
                                           "'", NULL),
                               "a sealed secret does not open");
    if (sealed[id_len] != '.'
        || !qw_b64url_decode(&box, sealed + id_len + 1, pool)
        || box.len < NONCE_BYTES + TAG_BYTES)
        return QW_FAIL_BECAUSE(pool, SERVER_INTERNAL, "not in sealed form",
                               "a sealed secret does not open");
    out = qw_own_secret(pool, box.len);
    if (!decrypt(out, key, &box, aad)) {
        (void)qw_openssl_reasons(pool);
        return QW_FAIL_BECAUSE(pool, SERVER_INTERNAL,
                               "it was changed, or belongs elsewhere",
                               "a sealed secret does not open");
    }
    secret->data = out;
    secret->len = box.len - NONCE_BYTES - TAG_BYTES;
    return NULL;
}

qw_problem_t *qw_seal_derive(unsigned char out[32], const qw_seal_ring_t *ring,
                             const char *purpose, apr_pool_t *pool)
{
    EVP_KDF *kdf = EVP_KDF_fetch(NULL, "HKDF", NULL);
    EVP_KDF_CTX *ctx = kdf != NULL ? EVP_KDF_CTX_new(kdf) : NULL;
    OSSL_PARAM params[] = {
        OSSL_PARAM_construct_utf8_string(OSSL_KDF_PARAM_DIGEST,
                                         (char *)"SHA256", 0),
        OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_KEY,
                                          (void *)first_key(ring)->bytes,
                                          KEY_BYTES),
        OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_INFO, (void *)purpose,
                                          strlen(purpose)),
        OSSL_PARAM_construct_end(),
    };
    int good = ctx != NULL && EVP_KDF_derive(ctx, out, 32, params) == 1;

    EVP_KDF_CTX_free(ctx);
    EVP_KDF_free(kdf);
    if (!good)
        return QW_FAIL_BECAUSE(pool, SERVER_INTERNAL, qw_openssl_reasons(pool),
                               "deriving a key failed");
    return NULL;
}
