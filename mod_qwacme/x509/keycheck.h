/* keycheck.h -- is this public key fit to be trusted? One function for every
 * path: account keys, keyChange, CSR, revocation. Threads: any. */
#ifndef QW_X509_KEYCHECK_H
#define QW_X509_KEYCHECK_H

#include "base/own.h"
#include "base/problem.h"
#include "x509/keylist.h"

typedef enum {
    QW_KEY_FOR_ACCOUNT,    /* RSA, P-256, P-384, P-521, Ed25519 */
    QW_KEY_FOR_CERTIFICATE /* RSA, P-256, P-384, P-521 (BR-6.1.5) */
} qw_key_use_e;

/* Keys that may serve nobody, as configured. Read-only. */
typedef struct {
    const qw_keylist_t *list; /* QwacmeWeakKeys, or NULL */
    apr_array_header_t *own;  /* of const char *: SPKI hashes of all our CAs */
} qw_known_keys_t;

/* NULL, or BAD_PUBLIC_KEY with the reason: listed by KNOWN (NULL: nothing is
 * known), type, size (RSA 2048..8192 and a multiple of 8), exponent (odd,
 * 2^16+1 .. 2^64), even or prime modulus, factor below 752, ROCA, close primes
 * (100 Fermat rounds), point not on the curve. EC costs some microseconds,
 * RSA-2048 about two milliseconds. */
qw_problem_t *qw_keycheck(EVP_PKEY *key, qw_key_use_e use,
                          const qw_known_keys_t *known,
                          apr_pool_t *pool) QW_MUST_CHECK;

/* Hex SHA-256 of a DER SubjectPublicKeyInfo, in POOL: what the blocked-key
 * table holds. */
const char *qw_spki_hash(const unsigned char *spki, apr_size_t len,
                         apr_pool_t *pool);

#endif
