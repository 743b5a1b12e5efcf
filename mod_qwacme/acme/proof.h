/* proof.h -- authorizations and their challenges, made or found again.
 * Threads: as qw_db_t. */
#ifndef QW_ACME_PROOF_H
#define QW_ACME_PROOF_H

#include "acme/call.h"
#include "model/order.h"

/* *AUTHZ for NAME ("*." for a wildcard one) of the caller: one that the
 * authority's policy lets be used again, or a new pending one with a challenge
 * of each type offered. *FOUND: it was there. */
qw_problem_t *qw_proof_for(qw_authz_t **authz, int *found,
                           const qw_call_t *call, qw_db_t *db,
                           const char *name) QW_MUST_CHECK;

#endif
