/* subject.h -- the DER Name of a subject. Threads: any. */
#ifndef QW_X509_SUBJECT_H
#define QW_X509_SUBJECT_H

#include "x509/der.h"
#include "x509/profile.h"

/* Write IDENTITY, which qw_profile_check_identity() passed, as a Name of one
 * attribute per RDN in the order of attr.def, with COMMON_NAME unless NULL. */
void qw_subject_put(qw_der_t *der, const qw_identity_t *identity,
                    const char *common_name);

/* *NAME: the commonName that PROFILE wants, one of NAMES exactly (BR-7.1.4.3),
 * borrowed, NULL if it wants none. INVALID_INPUT if all are longer than 64
 * characters or wildcards. */
qw_problem_t *qw_subject_common_name(const char **name,
                                     const qw_profile_t *profile,
                                     const apr_array_header_t *names,
                                     apr_pool_t *pool) QW_MUST_CHECK;

#endif
