/* record.h -- the end of a signature in the database: attempt issued, and if it
 * has an order, that valid and its certificate there. The signer does it with fresh signatures, reconcile
 * with those it finds in the spool. Threads: as qw_db_t. */
#ifndef QW_CA_RECORD_H
#define QW_CA_RECORD_H

#include "ca/issuing.h"
#include "model/ledger.h"

/* How long an attempt may be left alone before reconcile looks at it. */
#define QW_ATTEMPT_LEASE (apr_time_from_sec(60))

typedef struct {
    const qw_issuing_t *issuing;
    const qw_attempt_t *attempt;
    qw_bytes_t der;    /* of a CRL the signature */
    const char *actor; /* "signer" or "reconcile" */
} qw_record_t;

/* *ATTEMPT in POOL for a signature by ISSUING on NODE: with an id, and a lease
 * from now. What will be signed is for the caller to fill in. */
qw_problem_t *qw_record_start(qw_attempt_t **attempt,
                              const qw_issuing_t *issuing, const char *node,
                              apr_pool_t *pool) QW_MUST_CHECK;

/* SERVER_INTERNAL unless DER is a good signature of ISSUER over what ATTEMPT
 * wrote down: a certificate; of a CRL the signature alone. */
qw_problem_t *qw_record_check(const qw_attempt_t *attempt,
                              const qw_bytes_t *der, const qw_issuer_t *issuer,
                              apr_pool_t *pool) QW_MUST_CHECK;

/* 1 if STORE has the attempt: what became of a COMMIT whose answer was lost. */
qw_problem_t *qw_record_is_there(int *there, qw_store_t *store,
                                 const char *attempt_id,
                                 apr_pool_t *pool) QW_MUST_CHECK;

/* Inside the caller's transaction. A precertificate is issued too, and leaves a
 * job that has it logged; its order stays processing. CONFLICT if the attempt is not signing any
 * more: its serial is revoked, the certificate must not be given out. */
qw_problem_t *qw_record_issued(qw_db_t *db, const qw_record_t *record,
                               apr_pool_t *pool) QW_MUST_CHECK;

/* Attempt becomes orphan, its serial (not the number of a CRL) revoked, its order
 * ready again; if it was the certificate of a precertificate, that leads nowhere
 * any more. CONFLICT if it is not signing any more. */
qw_problem_t *qw_record_orphan(qw_db_t *db, const qw_record_t *record,
                               apr_pool_t *pool) QW_MUST_CHECK;

#endif
