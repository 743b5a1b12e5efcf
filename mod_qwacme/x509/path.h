/* path.h -- a chain of certificates, up to somebody who is trusted.
 * Threads: any. */
#ifndef QW_X509_PATH_H
#define QW_X509_PATH_H

#include "base/bytes.h"
#include "base/problem.h"

/* NULL if each certificate of CHAIN (qw_bytes_t: DER, leaf first) is issued by
 * the next, all are valid at WHEN, and TRUSTED (the same, any order) holds one
 * of its issuers or the issuer of its last. TRUSTED NULL: nobody is asked who
 * the last of CHAIN is. A trusted certificate may be an issuing CA, as those of
 * trusted lists are. MALFORMED, saying what is wrong and the cure; UNAUTHORIZED
 * if it ends at nobody who is trusted. Purposes are not looked at. */
qw_problem_t *qw_path_check(const apr_array_header_t *chain,
                            const apr_array_header_t *trusted, apr_time_t when,
                            apr_pool_t *pool) QW_MUST_CHECK;

/* The same of a CHAIN, one certificate or more, whose order does not matter
 * behind the first: it leads to one of TRUSTED. */
qw_problem_t *qw_path_leads(const apr_array_header_t *chain,
                            const apr_array_header_t *trusted, apr_time_t when,
                            apr_pool_t *pool) QW_MUST_CHECK;

/* *VALUE in POOL: what the extension OID ("2.5.29.37") of the first certificate of
 * CHAIN holds; its data are NULL if there is none. MALFORMED if that is no
 * certificate, or has the extension twice. */
qw_problem_t *qw_path_extension(qw_bytes_t *value,
                                const apr_array_header_t *chain,
                                const char *oid,
                                apr_pool_t *pool) QW_MUST_CHECK;

#endif
