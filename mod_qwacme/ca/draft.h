/* draft.h -- what will be signed: the certificate of an order, its
 * precertificate where logs are named, the certificate of a precertificate.
 * Threads: one; the signer's. */
#ifndef QW_CA_DRAFT_H
#define QW_CA_DRAFT_H

#include "ca/issue.h"
#include "gate/gate.h"

enum { QW_SERIAL_BYTES = 16 };

/* *SERIAL: QW_SERIAL_BYTES fresh ones in POOL. */
qw_problem_t *qw_draft_serial(unsigned char **serial,
                              apr_pool_t *pool) QW_MUST_CHECK;

/* ITEM->tbs and ITEM->draft of an order with PERMIT, checked by the internal
 * lint. If linters saw a draft before, it has the same serial and time, and
 * ORDER_NOT_READY says that it came out otherwise. */
qw_problem_t *qw_draft_order(qw_issue_t *item,
                             const qw_permit_t *permit) QW_MUST_CHECK;

/* The same of the certificate of ITEM->precert_id, for which the logs' promises
 * are there; sets ITEM->order_id. Everything that may have changed since is
 * checked by the gate. NOT_FOUND, ORDER_NOT_READY, UNAVAILABLE if too few SCTs
 * are good, UNAUTHORIZED if its serial was revoked. */
qw_problem_t *qw_draft_completion(qw_issue_t *item, qw_db_t *db) QW_MUST_CHECK;

/* SHA-256 of ITEM's draft, in hex, in its pool. */
const char *qw_draft_hash(const qw_issue_t *item);

/* ITEM->attempt for the draft: what the ledger will say. */
qw_problem_t *qw_draft_attempt(qw_issue_t *item,
                               const char *node) QW_MUST_CHECK;

#endif
