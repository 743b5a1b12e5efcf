#include "work/seal.h"

#include "base/log.h"

qw_problem_t *qw_seal_chore(void *baton, apr_pool_t *pool)
{
    const qw_seal_chore_t *c = baton;
    qw_problem_t *prob;
    int n;

    QW_TRY(qw_audit_seal(&n, c->sealer, c->store, pool));
    prob = qw_audit_timestamp(c->sealer, c->store, pool);
    if (prob != NULL)
        qw_log(QW_LOG_WARNING, 0, pool,
               "QW0452: audit: no timestamp yet, asking again later: %s",
               qw_problem_for_log(prob, pool));
    return NULL;
}
