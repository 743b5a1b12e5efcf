/* jwk.h -- public keys as JWK (RFC 7517). Threads: any; a qw_jwk_t may be
 * shared for verifying. */
#ifndef QW_JOSE_JWK_H
#define QW_JOSE_JWK_H

#include "base/bytes.h"
#include "base/json.h"

typedef struct {
    EVP_PKEY *key;          /* owned by the pool of the jwk */
    const char *kty;        /* "EC", "RSA", "OKP" */
    const char *crv;        /* "P-256" ..., NULL for RSA */
    const char *thumbprint; /* RFC 7638, 43 characters of base64url */
    const char *json;       /* the required members only, sorted, compact */
} qw_jwk_t;

/* *JWK in POOL from OBJECT. MALFORMED if its form is wrong (a private member
 * "d" included, coordinates of another length than the curve's), BAD_PUBLIC_KEY
 * if it is no key we take: kty oct, other curves, point not on the curve, RSA
 * below 2048 or above 8192 bits, even, exponent even, 1 or beyond 33 bits.
 * Takes microseconds: whether the key is a good one, qw_keycheck() tells, after
 * the signature. */
qw_problem_t *qw_jwk_parse(qw_jwk_t **jwk, const json_t *object,
                           apr_pool_t *pool) QW_MUST_CHECK;

/* *JWK in POOL of a DER SubjectPublicKeyInfo: to compare a certificate's key
 * with account keys by thumbprint. */
qw_problem_t *qw_jwk_from_spki(qw_jwk_t **jwk, const qw_bytes_t *spki,
                               apr_pool_t *pool) QW_MUST_CHECK;

/* *THUMBPRINT in POOL of any public KEY, without making a JWK of it.
 * BAD_PUBLIC_KEY if it is of a kind that is not taken. */
qw_problem_t *qw_jwk_thumbprint(const char **thumbprint, EVP_PKEY *key,
                                apr_pool_t *pool) QW_MUST_CHECK;

/* DER SubjectPublicKeyInfo of KEY in POOL; data NULL if it cannot be encoded. */
qw_bytes_t qw_jwk_spki(const qw_jwk_t *jwk, apr_pool_t *pool);

#endif
