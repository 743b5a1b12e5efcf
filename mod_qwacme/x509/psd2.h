/* psd2.h -- payment service providers: their roles and the authority that
 * licensed them (TS 119 495). Threads: any. */
#ifndef QW_X509_PSD2_H
#define QW_X509_PSD2_H

#include "x509/der.h"
#include "x509/identity.h"

/* NULL if roles, nca_name and nca_id of IDENTITY are well formed, those that
 * are there, and organization_identifier, if it is a PSD one, names the same
 * authority (TS119495-5.2.1). INVALID_INPUT else. */
qw_problem_t *qw_psd2_check(const qw_identity_t *identity,
                            apr_pool_t *pool) QW_MUST_CHECK;

/* The whole statement of IDENTITY, which qw_psd2_check() passed. */
void qw_psd2_put(qw_der_t *der, const qw_identity_t *identity);

#endif
