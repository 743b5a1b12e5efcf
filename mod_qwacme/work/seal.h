/* seal.h -- events are sealed every so often. Threads: one. */
#ifndef QW_WORK_SEAL_H
#define QW_WORK_SEAL_H

#include "audit/sealer.h"

/* Made in a child, of what its parent has loaded. */
typedef struct {
    const qw_sealer_t *sealer;
    qw_store_t *store;
} qw_seal_chore_t;

/* One round, as a qw_chore_t's: BATON is a qw_seal_chore_t. Chain and checkpoint;
 * then the timestamp, whose failure is logged and is none of the round. */
qw_problem_t *qw_seal_chore(void *baton, apr_pool_t *pool) QW_MUST_CHECK;

#endif
