/* tls_binding_form.h -- the words of a TLS certificate binding. For
 * tls_binding.c and tls_binding_make.c. Threads: any. */
#ifndef QW_JOSE_TLS_BINDING_FORM_H
#define QW_JOSE_TLS_BINDING_FORM_H

#include "base/bytes.h"

#include <apr_pools.h>
#include <openssl/evp.h>

#define QW_TLS_BINDING_CTY "TLS-Certificate-Binding-v1"
#define QW_TLS_BINDING_MID "http://uri.etsi.org/19182/ObjectIdByURIHash"

/* Bytes of a signature by ES256, and of r and of s in it. */
enum { QW_TLS_BINDING_RAW = 64, QW_TLS_BINDING_HALF = 32 };

/* What browsers take: all with SHA-256. */
typedef struct {
    const char *alg;
    const char *type;  /* of the key, as OpenSSL calls it */
    const char *group; /* of an EC key, as OpenSSL calls it; else NULL */
    int pss;
} qw_tls_binding_alg_t;

/* The row of ALG, or NULL. */
const qw_tls_binding_alg_t *qw_tls_binding_alg_row(const char *alg);

/* 1 if KEY is of the type and group of ROW. */
int qw_tls_binding_alg_fits(const qw_tls_binding_alg_t *row,
                            const EVP_PKEY *key);

/* Set padding and salt of CTX, with which an operation was begun. 0 if that
 * fails. */
int qw_tls_binding_alg_pad(const qw_tls_binding_alg_t *row, EVP_PKEY_CTX *ctx);

/* base64url of the SHA-256 of DER in POOL: x5t#S256. NULL if hashing fails. */
const char *qw_tls_binding_thumbprint(const qw_bytes_t *der, apr_pool_t *pool);

#endif
