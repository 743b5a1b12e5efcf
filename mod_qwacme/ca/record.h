/* record.h -- the end of an issuance in the database: attempt issued, order
 * valid, certificate there. The signer does it with fresh signatures, reconcile
 * with those it finds in the spool. Threads: as qw_db_t. */
#ifndef QW_CA_RECORD_H
#define QW_CA_RECORD_H

#include "ca/issuing.h"
#include "model/ledger.h"

typedef struct {
    const qw_issuing_t *issuing;
    const qw_attempt_t *attempt;
    qw_bytes_t der;
    const char *actor; /* "signer" or "reconcile" */
} qw_record_t;

/* Inside the caller's transaction. A precertificate is issued too, and leaves a
 * job that has it logged; its order stays processing. CONFLICT if the attempt is not signing any
 * more: its serial is revoked, the certificate must not be given out. */
qw_problem_t *qw_record_issued(qw_db_t *db, const qw_record_t *record,
                               apr_pool_t *pool) QW_MUST_CHECK;

/* Attempt becomes orphan, its serial revoked, its order ready again; if it was
 * the certificate of a precertificate, that leads nowhere any more. CONFLICT
 * if it is not signing any more. */
qw_problem_t *qw_record_orphan(qw_db_t *db, const qw_record_t *record,
                               apr_pool_t *pool) QW_MUST_CHECK;

#endif
