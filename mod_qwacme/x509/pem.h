/* pem.h -- certificates and keys in PEM files. Threads: any. */
#ifndef QW_X509_PEM_H
#define QW_X509_PEM_H

#include "base/bytes.h"
#include "base/own.h"
#include "base/problem.h"

/* *DER in POOL of the first certificate in the text PEM. INVALID_INPUT, naming
 * WHERE, if there is none. */
qw_problem_t *qw_pem_certificate(qw_bytes_t *der, const char *pem,
                                 const char *where,
                                 apr_pool_t *pool) QW_MUST_CHECK;

/* *DERS in POOL, of qw_bytes_t: every certificate in the text PEM, in order.
 * INVALID_INPUT, naming WHERE, if there is none or one does not decode. */
qw_problem_t *qw_pem_certificates(apr_array_header_t **ders, const char *pem,
                                  const char *where,
                                  apr_pool_t *pool) QW_MUST_CHECK;

/* The private key in the PEM file at PATH, owned by POOL, opened by PIN (NULL:
 * none) if it is encrypted; a terminal is never asked. NULL if there is none:
 * qw_openssl_reasons() says why. */
EVP_PKEY *qw_pem_private_key(const char *path, const char *pin,
                             apr_pool_t *pool);

#endif
