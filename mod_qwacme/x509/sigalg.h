/* sigalg.h -- what a CA key signs with. Threads: any. */
#ifndef QW_X509_SIGALG_H
#define QW_X509_SIGALG_H

#include "base/bytes.h"

#include <openssl/evp.h>

/* 1, and the DER AlgorithmIdentifier (static) and OpenSSL digest name that go
 * with KEY: SHA-256 for RSA, and the hash of the curve's size for P-256, P-384
 * and P-521 (BR-7.1.3.2). 0 for any other key. */
int qw_sigalg_of_key(qw_bytes_t *alg, const char **digest, const EVP_PKEY *key);

/* OpenSSL digest name of the DER AlgorithmIdentifier ALG, exact bytes, and *RSA
 * whether it goes with RSA keys; NULL unless RSA PKCS#1 v1.5 or ECDSA with
 * SHA-256, SHA-384 or SHA-512. */
const char *qw_sigalg_digest(const qw_bytes_t *alg, int *rsa);

/* 1 if SIGNATURE over DATA is good under KEY with DIGEST. The error queue is
 * empty afterwards. */
int qw_sigalg_verify(EVP_PKEY *key, const char *digest, const qw_bytes_t *data,
                     const qw_bytes_t *signature);

/* The same from the hash of the data: HASH is as long as DIGEST's. */
int qw_sigalg_verify_digest(EVP_PKEY *key, const char *digest,
                            const qw_bytes_t *hash,
                            const qw_bytes_t *signature);

#endif
