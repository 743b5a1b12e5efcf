#include "acme/find_order.h"

#include "base/world.h"
#include "store/db_order.h"

static qw_problem_t *read_order(qw_db_t *db, void *baton, apr_pool_t *pool)
{
    qw_found_order_t *f = baton;

    QW_TRY(qw_order_get(&f->order, db, f->call->authority->name,
                        f->call->account->id, f->call->id, pool));
    return qw_order_authz_ids(&f->authz_ids, db, f->order->id, pool);
}

qw_problem_t *qw_find_order(qw_found_order_t *found, const qw_call_t *call)
{
    found->call = call;
    if (!qw_id_is(call->id))
        return QW_FAIL(call->pool, NOT_FOUND, "no such resource");
    return qw_store_read(call->site->store, read_order, found, call->pool);
}
