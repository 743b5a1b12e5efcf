#include "base/b64.h"

#include <apr_strings.h>
#include <openssl/evp.h>
#include <openssl/sha.h>

#include <string.h>

static const char alphabet[] =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

const char *qw_b64url_encode(const unsigned char *data, apr_size_t len,
                             apr_pool_t *pool)
{
    char *out = apr_palloc(pool, (len + 2) / 3 * 4 + 1), *o = out;
    unsigned bits = 0, acc = 0;
    apr_size_t i;

    for (i = 0; i < len; i++) {
        acc = acc << 8 | data[i];
        for (bits += 8; bits >= 6; bits -= 6)
            *o++ = alphabet[acc >> (bits - 6) & 63];
    }
    if (bits > 0)
        *o++ = alphabet[acc << (6 - bits) & 63];
    *o = '\0';
    return out;
}

static int value_of(char c)
{
    if (c >= 'A' && c <= 'Z')
        return c - 'A';
    if (c >= 'a' && c <= 'z')
        return c - 'a' + 26;
    if (c >= '0' && c <= '9')
        return c - '0' + 52;
    return c == '-' ? 62 : c == '_' ? 63 : -1;
}

int qw_b64url_decode(qw_bytes_t *out, const char *text, apr_pool_t *pool)
{
    apr_size_t len = strlen(text), i;
    unsigned char *data = apr_palloc(pool, len * 3 / 4 + 1), *d = data;
    unsigned bits = 0, acc = 0;

    if (len % 4 == 1)
        return 0;
    for (i = 0; i < len; i++) {
        int v = value_of(text[i]);

        if (v < 0)
            return 0;
        acc = (acc << 6 | (unsigned)v) & 0xffff;
        bits += 6;
        if (bits >= 8) {
            bits -= 8;
            *d++ = (unsigned char)(acc >> bits);
        }
    }
    if ((acc & ((1u << bits) - 1)) != 0)
        return 0; /* stray bits: a second spelling of the same bytes */
    *d = '\0';
    out->data = data;
    out->len = (apr_size_t)(d - data);
    return 1;
}

const char *qw_hex_encode(const unsigned char *data, apr_size_t len,
                          apr_pool_t *pool)
{
    static const char digits[] = "0123456789abcdef";
    char *out = apr_palloc(pool, len * 2 + 1);
    apr_size_t i;

    for (i = 0; i < len; i++) {
        out[2 * i] = digits[data[i] >> 4];
        out[2 * i + 1] = digits[data[i] & 15];
    }
    out[2 * len] = '\0';
    return out;
}

static int nibble(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

const char *qw_hex_sha256(const void *data, apr_size_t len, apr_pool_t *pool)
{
    unsigned char hash[SHA256_DIGEST_LENGTH];

    if (EVP_Q_digest(NULL, "SHA256", NULL, data, len, hash, NULL) != 1)
        return NULL;
    return qw_hex_encode(hash, sizeof(hash), pool);
}

int qw_hex_decode(qw_bytes_t *out, const char *text, apr_pool_t *pool)
{
    apr_size_t len = strlen(text), i;
    unsigned char *data = apr_palloc(pool, len / 2 + 1);

    if (len % 2 != 0)
        return 0;
    for (i = 0; i < len; i += 2) {
        int high = nibble(text[i]), low = nibble(text[i + 1]);

        if (high < 0 || low < 0)
            return 0;
        data[i / 2] = (unsigned char)(high << 4 | low);
    }
    data[len / 2] = '\0';
    out->data = data;
    out->len = len / 2;
    return 1;
}

static const char *b64_lines(const unsigned char *der, apr_size_t len,
                             apr_pool_t *pool)
{
    static const char standard[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    apr_size_t chars = (len + 2) / 3 * 4, i;
    char *out = apr_palloc(pool, chars + chars / 64 + 2), *o = out;

    for (i = 0; i < len; i += 3) {
        unsigned n = (unsigned)der[i] << 16
                     | (i + 1 < len ? (unsigned)der[i + 1] << 8 : 0)
                     | (i + 2 < len ? der[i + 2] : 0);

        *o++ = standard[n >> 18];
        *o++ = standard[n >> 12 & 63];
        *o++ = i + 1 < len ? standard[n >> 6 & 63] : '=';
        *o++ = i + 2 < len ? standard[n & 63] : '=';
        if (i % 48 == 45)
            *o++ = '\n';
    }
    if (o != out && o[-1] != '\n')
        *o++ = '\n';
    *o = '\0';
    return out;
}

const char *qw_pem_encode(const char *label, const unsigned char *der,
                          apr_size_t len, apr_pool_t *pool)
{
    return apr_pstrcat(pool, "-----BEGIN ", label, "-----\n",
                       b64_lines(der, len, pool), "-----END ", label, "-----\n",
                       NULL);
}

/* TEXT with two of its characters changed for two others. */
static void translate(char *text, const char *from, const char *to)
{
    for (; *text != '\0'; text++) {
        if (*text == from[0])
            *text = to[0];
        else if (*text == from[1])
            *text = to[1];
    }
}

const char *qw_b64_encode(const unsigned char *data, apr_size_t len,
                          apr_pool_t *pool)
{
    static const char *const padding[] = { "", "", "==", "=" };
    const char *bare = qw_b64url_encode(data, len, pool);
    char *text = apr_pstrcat(pool, bare, padding[strlen(bare) % 4], NULL);

    translate(text, "-_", "+/");
    return text;
}

int qw_b64_decode(qw_bytes_t *out, const char *text, apr_pool_t *pool)
{
    apr_size_t len = strlen(text), padded = len;
    char *bare;

    if (len % 4 != 0 || strpbrk(text, "-_") != NULL)
        return 0;
    while (len > 0 && padded - len < 2 && text[len - 1] == '=')
        len--;
    bare = apr_pstrmemdup(pool, text, len);
    translate(bare, "+/", "-_");
    return qw_b64url_decode(out, bare, pool);
}
