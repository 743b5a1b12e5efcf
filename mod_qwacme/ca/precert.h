/* precert.h -- precertificates that have no certificate: a promise, to be revoked
 * like what it promises, BR-7.1.2.9. Threads: as qw_db_t. */
#ifndef QW_CA_PRECERT_H
#define QW_CA_PRECERT_H

#include "store/db_ledger.h"

/* *CERTIFICATE in POOL: what one of ATTEMPT, a precertificate with its DER, would
 * be, as far as a revocation needs it; its id is the attempt's. */
qw_problem_t *qw_precert_certificate(qw_certificate_t **certificate,
                                     qw_db_t *db, const qw_attempt_t *attempt,
                                     apr_pool_t *pool) QW_MUST_CHECK;

#endif
