/* csr.h -- PKCS#10, strict DER; only the key and the names are ever read.
 * Threads: any. */
#ifndef QW_X509_CSR_H
#define QW_X509_CSR_H

#include "base/bytes.h"
#include "base/own.h"
#include "base/problem.h"
#include "x509/keycheck.h"

typedef struct {
    qw_bytes_t spki;           /* DER SubjectPublicKeyInfo, a copy */
    EVP_PKEY *key;             /* owned by the pool */
    apr_array_header_t *names; /* of const char *: dNSNames of the SAN and the
                                  CN if any, lower case, sorted, unique */
} qw_csr_t;

/* *CSR in POOL. BAD_CSR: not DER (read by a strict reader), trailing bytes,
 * wrong self-signature, SHA-1 or MD5, more than one CN, CN not in the SAN (if
 * there is one), SAN with anything but dNSName, doubled extension, two
 * extensionRequest attributes, unknown critical extension, CA:TRUE is ignored
 * like every other request for content; key refused by qw_keycheck(), which
 * is told KNOWN. */
qw_problem_t *qw_csr_parse(qw_csr_t **csr, const qw_bytes_t *der,
                           const qw_known_keys_t *known,
                           apr_pool_t *pool) QW_MUST_CHECK;

/* BAD_CSR, naming the difference, unless the CSR names exactly NAMES (const
 * char *, lower case, any order, unique). RFC8555-7.4 */
qw_problem_t *qw_csr_check_names(const qw_csr_t *csr,
                                 const apr_array_header_t *names,
                                 apr_pool_t *pool) QW_MUST_CHECK;

#endif
