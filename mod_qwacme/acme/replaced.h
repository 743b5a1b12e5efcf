/* replaced.h -- the certificate that a newOrder renews. Threads: as qw_db_t. */
#ifndef QW_ACME_REPLACED_H
#define QW_ACME_REPLACED_H

#include "acme/call.h"
#include "store/db_ledger.h"

/* *CERTIFICATE, in POOL, that CERT_ID ("replaces") of a newOrder for NAMES means.
 * MALFORMED if it is no certID, or the certificate has none of NAMES; NOT_FOUND
 * if there is none, or it is of another account: who asks must not learn the
 * difference. RFC9773-5 */
qw_problem_t *qw_replaced_find(qw_certificate_t **certificate, qw_db_t *db,
                               const qw_call_t *call, const char *cert_id,
                               const apr_array_header_t *names,
                               apr_pool_t *pool) QW_MUST_CHECK;

#endif
