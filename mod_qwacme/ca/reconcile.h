/* reconcile.h -- after a crash: every attempt that was written down and not
 * closed is adopted from the spool or written off. Idempotent.
 * Threads: one; beside a running signer only for attempts past their lease. */
#ifndef QW_CA_RECONCILE_H
#define QW_CA_RECONCILE_H

#include "ca/issuing.h"

typedef struct {
    int adopted;  /* signature in the spool: issued */
    int orphaned; /* none: serial revoked, order ready again */
    int attached; /* signature of an orphan that turned up late */
    int freed;    /* orders processing without an attempt: ready again */
} qw_reconciled_t;

/* Settle the attempts of CA whose lease has ended; with OWN also every open one
 * of this node (only by its signer, while it signs nothing). Each is one
 * transaction. */
qw_problem_t *qw_reconcile(qw_reconciled_t *done, qw_ca_t *ca, int own,
                           apr_pool_t *pool) QW_MUST_CHECK;

#endif
