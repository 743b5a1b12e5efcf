/* csr_names.h -- the names in a CSR. For csr.c. Threads: any. */
#ifndef QW_X509_CSR_NAMES_H
#define QW_X509_CSR_NAMES_H

#include "base/problem.h"
#include "x509/der.h"

/* Add the commonName of the DER Name SUBJECT, lower case, to NAMES. BAD_CSR if
 * there are two, or it is no text that could be a domain name. */
qw_problem_t *qw_csr_add_common_name(apr_array_header_t *names,
                                     qw_der_in_t subject,
                                     apr_pool_t *pool) QW_MUST_CHECK;

/* Add the dNSNames of the SubjectAltName VALUE, lower case, to NAMES. BAD_CSR
 * if another kind of name is there, a name twice, or none. */
qw_problem_t *qw_csr_add_alt_names(apr_array_header_t *names,
                                   const qw_bytes_t *value,
                                   apr_pool_t *pool) QW_MUST_CHECK;

/* Sort NAMES and keep each once. 1 if one was there twice. */
int qw_csr_sort_names(apr_array_header_t *names);

#endif
