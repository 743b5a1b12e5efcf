/* spki.h -- SubjectPublicKeyInfo, the four forms we take. Threads: any. */
#ifndef QW_X509_SPKI_H
#define QW_X509_SPKI_H

#include "base/bytes.h"
#include "base/own.h"
#include "base/problem.h"

/* *KEY, owned by POOL, of the DER SPKI. BAD_PUBLIC_KEY unless it is RSA or an
 * uncompressed point of P-256, P-384 or P-521 on the curve, with exactly the
 * AlgorithmIdentifier of BR-7.1.3.1: no named curve by its parameters, no
 * compressed or hybrid point. Several times faster than OpenSSL's decoder. */
qw_problem_t *qw_spki_key(EVP_PKEY **key, const qw_bytes_t *spki,
                          apr_pool_t *pool) QW_MUST_CHECK;

/* 1 and *SPKI in POOL of KEY, which is RSA, Ed25519 or on one of the three
 * curves; 0 for any other. Several times faster than OpenSSL's encoder. */
int qw_spki_encode(qw_bytes_t *spki, EVP_PKEY *key, apr_pool_t *pool);

/* "RSA", "P-256", "P-384", "P-521" by the bytes of SPKI, NULL for another, and
 * *BITS its size if BITS is not NULL. Checks no value. */
const char *qw_spki_type(const qw_bytes_t *spki, int *bits);

#endif
