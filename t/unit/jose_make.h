/* jose_make.h -- keys and JWS of a test's own making: any field can be wrong. */
#ifndef JOSE_MAKE_H
#define JOSE_MAKE_H

#include "base/b64.h"
#include "base/json.h"
#include "jose/jwk.h"

#include <apr_general.h>
#include <apr_strings.h>
#include <openssl/ec.h>
#include <openssl/ecdsa.h>
#include <openssl/rsa.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* One signer: its private key and the public JWK as text. */
typedef struct {
    const char *alg;
    EVP_PKEY *key;
    const char *jwk;
    apr_size_t half; /* bytes of r and of s; 0 if not ECDSA */
} maker_t;

static inline void make_must(int good, const char *what)
{
    if (!good) {
        printf("Bail out! %s\n", what);
        exit(1);
    }
}

static inline const char *make_jwk(EVP_PKEY *key, apr_pool_t *pool)
{
    unsigned char *der = NULL;
    int len = i2d_PUBKEY(key, &der);
    qw_bytes_t spki = { der, (apr_size_t)len };
    qw_jwk_t *jwk = NULL;

    make_must(len > 0 && qw_jwk_from_spki(&jwk, &spki, pool) == NULL, "a JWK");
    OPENSSL_free(der);
    return jwk->json;
}

/* A new key for ALG. */
static inline maker_t make_key(const char *alg, apr_pool_t *pool)
{
    maker_t maker = { alg, NULL, NULL, 0 };

    if (strcmp(alg, "RS256") == 0)
        maker.key = EVP_RSA_gen(2048);
    else if (strcmp(alg, "EdDSA") == 0)
        maker.key = EVP_PKEY_Q_keygen(NULL, NULL, "ED25519");
    else {
        maker.key = EVP_EC_gen(strcmp(alg, "ES256") == 0   ? "P-256"
                               : strcmp(alg, "ES384") == 0 ? "P-384"
                                                           : "P-521");
        maker.half = strcmp(alg, "ES256") == 0   ? 32
                     : strcmp(alg, "ES384") == 0 ? 48
                                                 : 66;
    }
    make_must(qw_own_EVP_PKEY(pool, maker.key) != NULL, "a key");
    maker.jwk = make_jwk(maker.key, pool);
    return maker;
}

static inline const char *make_digest(const maker_t *maker)
{
    return maker->half == 48             ? "SHA384"
           : maker->half == 66           ? "SHA512"
           : strcmp(maker->alg, "EdDSA") ? "SHA256"
                                         : NULL;
}

/* As OpenSSL makes it: DER for ECDSA. */
static inline qw_bytes_t make_der_signature(const maker_t *maker,
                                            const char *input, apr_pool_t *pool)
{
    EVP_MD_CTX *ctx = EVP_MD_CTX_new();
    unsigned char *out = apr_palloc(pool, 1024);
    size_t len = 1024;
    qw_bytes_t signature;

    make_must(EVP_DigestSignInit_ex(ctx, NULL, make_digest(maker), NULL, NULL,
                                    maker->key, NULL)
                      == 1
                  && EVP_DigestSign(ctx, out, &len,
                                    (const unsigned char *)input, strlen(input))
                         == 1,
              "a signature");
    EVP_MD_CTX_free(ctx);
    signature.data = out;
    signature.len = len;
    return signature;
}

/* As JWS has it: r || s for ECDSA. */
static inline qw_bytes_t make_signature(const maker_t *maker, const char *input,
                                        apr_pool_t *pool)
{
    qw_bytes_t signature = make_der_signature(maker, input, pool);
    const unsigned char *at = signature.data;
    unsigned char *raw;
    ECDSA_SIG *sig;

    if (maker->half == 0)
        return signature;
    raw = apr_palloc(pool, 2 * maker->half);
    sig = d2i_ECDSA_SIG(NULL, &at, (long)signature.len);
    BN_bn2binpad(ECDSA_SIG_get0_r(sig), raw, (int)maker->half);
    BN_bn2binpad(ECDSA_SIG_get0_s(sig), raw + maker->half, (int)maker->half);
    ECDSA_SIG_free(sig);
    signature.data = raw;
    signature.len = 2 * maker->half;
    return signature;
}

static inline const char *make_b64(const char *text, apr_pool_t *pool)
{
    return qw_b64url_encode((const unsigned char *)text, strlen(text), pool);
}

/* The three members as text, whatever they are. */
static inline const char *make_flat(const char *protected64,
                                    const char *payload64,
                                    const qw_bytes_t *signature,
                                    apr_pool_t *pool)
{
    return apr_psprintf(
        pool, "{\"protected\":\"%s\",\"payload\":\"%s\",\"signature\":\"%s\"}",
        protected64, payload64,
        qw_b64url_encode(signature->data, signature->len, pool));
}

/* A JWS by MAKER over HEADER and PAYLOAD, both plain JSON text. */
static inline const char *make_jws(const maker_t *maker, const char *header,
                                   const char *payload, apr_pool_t *pool)
{
    const char *protected64 = make_b64(header, pool);
    const char *payload64 = make_b64(payload, pool);
    qw_bytes_t signature =
        make_signature(maker,
                       apr_pstrcat(pool, protected64, ".", payload64, NULL),
                       pool);

    return make_flat(protected64, payload64, &signature, pool);
}

/* A JWS by HMAC. */
static inline const char *make_mac(const char *digest, const qw_bytes_t *key,
                                   const char *header, const char *payload,
                                   apr_pool_t *pool)
{
    const char *protected64 = make_b64(header, pool);
    const char *payload64 = make_b64(payload, pool);
    const char *input = apr_pstrcat(pool, protected64, ".", payload64, NULL);
    unsigned char mac[64];
    size_t len = 0;
    qw_bytes_t signature;

    make_must(EVP_Q_mac(NULL, "HMAC", NULL, digest, NULL, key->data, key->len,
                        (const unsigned char *)input, strlen(input), mac,
                        sizeof(mac), &len)
                  != NULL,
              "a MAC");
    signature.data = mac;
    signature.len = len;
    return make_flat(protected64, payload64, &signature, pool);
}

static inline json_t *make_object(const char *text, apr_pool_t *pool)
{
    json_t *object = NULL;

    make_must(qw_json_parse_object(&object, text, strlen(text), "test", pool)
                  == NULL,
              text);
    return object;
}

static inline qw_jwk_t *make_parsed(const maker_t *maker, apr_pool_t *pool)
{
    qw_jwk_t *jwk = NULL;

    make_must(qw_jwk_parse(&jwk, make_object(maker->jwk, pool), pool) == NULL,
              "the maker's JWK");
    return jwk;
}

#endif
