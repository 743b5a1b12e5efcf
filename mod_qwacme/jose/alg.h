/* alg.h -- the signature algorithms that are taken; there are no others.
 * Threads: any. */
#ifndef QW_JOSE_ALG_H
#define QW_JOSE_ALG_H

#include <apr.h>

#include <openssl/evp.h>

typedef struct {
    const char *name; /* "ES256" */
    const char *kty;
    const char *crv; /* NULL: any of that kty */
    const char *digest;
    apr_size_t half; /* bytes of r and of s; 0: the signature is as it is */
} qw_alg_t;

/* The row of NAME, or NULL. */
const qw_alg_t *qw_alg_find(const char *name);

/* The MAC algorithm of NAME ("HS256"): its digest, or NULL. For bindings. */
const char *qw_alg_mac_digest(const char *name);

#endif
