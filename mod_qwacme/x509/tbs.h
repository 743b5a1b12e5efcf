/* tbs.h -- the certificate to be signed, and its assembly. Threads: any. */
#ifndef QW_X509_TBS_H
#define QW_X509_TBS_H

#include "x509/issuer.h"
#include "x509/profile.h"

typedef struct {
    const char *language;
    const char *url;
} qw_tbs_pds_t;

typedef struct {
    const qw_profile_t *profile;
    const qw_identity_t *identity;
    const apr_array_header_t *names; /* of const char *: A-labels, "*." allowed
                                        where the profile does; order kept */
    qw_bytes_t spki;
    qw_bytes_t serial; /* 16 bytes, positive, first byte not 0 */
    apr_time_t not_before;
    int days; /* notAfter = notBefore + days*86400 - 1 s, cut at the
                          issuer's notAfter */
    const qw_issuer_t *issuer;
    const char *ocsp_url; /* NULL: left out; then crl_url is needed */
    const char *issuer_url;
    const char *crl_url;
    const apr_array_header_t *pds; /* of qw_tbs_pds_t, one must be "en" */
    int precert; /* with the poison of RFC6962-3.1: for CT logs only */
} qw_tbs_in_t;

/* What IN comes to, in whole seconds. */
void qw_tbs_validity(apr_time_t *not_before, apr_time_t *not_after,
                     const qw_tbs_in_t *in);

/* *TBS: DER TBSCertificate in POOL, byte-exact to the fact sheet section 3.
 * Fails as qw_profile_check_identity() does, or SERVER_INTERNAL. */
qw_problem_t *qw_tbs_make(qw_bytes_t *tbs, const qw_tbs_in_t *in,
                          apr_pool_t *pool) QW_MUST_CHECK;

/* SERVER_INTERNAL with the finding as cause unless TBS, parsed anew, says what
 * IN says and nothing else: the internal lint before each signature. */
qw_problem_t *qw_tbs_lint(const qw_bytes_t *tbs, const qw_tbs_in_t *in,
                          apr_pool_t *pool) QW_MUST_CHECK;

/* *DER: Certificate of TBS and SIGNATURE in POOL. */
qw_problem_t *qw_cert_assemble(qw_bytes_t *der, const qw_bytes_t *tbs,
                               const qw_issuer_t *issuer,
                               const qw_bytes_t *signature,
                               apr_pool_t *pool) QW_MUST_CHECK;

/* SERVER_INTERNAL unless DER is a certificate over exactly TBS with a good
 * signature by ISSUER: after signing, and before a spool record is adopted. */
qw_problem_t *qw_cert_verify(const qw_bytes_t *der, const qw_bytes_t *tbs,
                             const qw_issuer_t *issuer,
                             apr_pool_t *pool) QW_MUST_CHECK;

#endif
