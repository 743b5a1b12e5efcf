/* qcstatements.h -- the statements of EN 319 412-5. Threads: any. */
#ifndef QW_X509_QCSTATEMENTS_H
#define QW_X509_QCSTATEMENTS_H

#include "x509/der.h"
#include "x509/tbs.h"

/* NULL if PDS (qw_tbs_pds_t) can stand in QcPDS: https locations, one per
 * two-letter lower-case language, one of them "en". INVALID_INPUT naming the
 * entry else. Called when the configuration is read and before each use. */
qw_problem_t *qw_qcstatements_check_pds(const apr_array_header_t *pds,
                                        apr_pool_t *pool) QW_MUST_CHECK;

/* The value of the extension, what the profile of IN states: QcCompliance,
 * QcType web, QcPDS, the semantics of the subject, PSD2 roles. */
void qw_qcstatements_put(qw_der_t *der, const qw_tbs_in_t *in);

#endif
