/* dry_run.h -- where an order ends that asked for every check and no signature.
 * Threads: one; the signer's. */
#ifndef QW_CA_DRY_RUN_H
#define QW_CA_DRY_RUN_H

#include "ca/issue.h"
#include "store/db.h"

/* The order of ITEM, whose draft passed everything, becomes invalid with a problem
 * that says so; an event keeps the hash of what would have been signed. Nothing is
 * written down for signing. ORDER_NOT_READY if the order is not ready. */
qw_problem_t *qw_dry_run_end(qw_db_t *db, qw_issue_t *item) QW_MUST_CHECK;

#endif
