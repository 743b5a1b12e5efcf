/* evidence.h -- whether certificate, bytes to be signed, issuer, request and SCTs
 * fit together, by their bytes alone. Threads: any. */
#ifndef QW_X509_EVIDENCE_H
#define QW_X509_EVIDENCE_H

#include "x509/sct.h"

/* NULL if DER is a certificate over exactly TBS with a good signature by the key
 * of the certificate ISSUER. UNAUTHORIZED, saying what is wrong. */
qw_problem_t *qw_evidence_certificate(const qw_bytes_t *der,
                                      const qw_bytes_t *tbs,
                                      const qw_bytes_t *issuer,
                                      apr_pool_t *pool) QW_MUST_CHECK;

/* NULL if the request CSR is signed by the key that the certificate DER is for.
 * UNAUTHORIZED. */
qw_problem_t *qw_evidence_request(const qw_bytes_t *csr, const qw_bytes_t *der,
                                  apr_pool_t *pool) QW_MUST_CHECK;

/* *SCTS (qw_bytes_t) in POOL, borrowed from DER: those in the certificate DER, in
 * their order; none if it has no list. MALFORMED. RFC6962-3.3 */
qw_problem_t *qw_evidence_scts(apr_array_header_t **scts, const qw_bytes_t *der,
                               apr_pool_t *pool) QW_MUST_CHECK;

#endif
