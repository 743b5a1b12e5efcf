/* The orders of an account, page by page. RFC8555-7.1.2.1 */
#include "acme/render.h"
#include "base/world.h"
#include "store/db_order.h"

#include <apr_strings.h>

#include <string.h>

typedef struct {
    const qw_call_t *call;
    apr_array_header_t *orders;
} page_t;

static qw_problem_t *read_page(qw_db_t *db, void *baton, apr_pool_t *pool)
{
    page_t *p = baton;

    return qw_order_page(&p->orders, db, p->call->account->id, p->call->rest,
                         p->call->authority->orders_page + 1, pool);
}

static const char *next_url(const qw_call_t *call, const qw_order_t *last)
{
    return apr_pstrcat(call->pool,
                       qw_authority_url(call->authority, "acct",
                                        call->account->id, call->pool),
                       "/orders/", last->id, NULL);
}

/* Orders that came to nothing are left out, as the RFC allows. */
qw_problem_t *qw_verb_orders(const qw_call_t *call, qw_reply_t *reply)
{
    json_t *object = qw_json_new_object(call->pool), *list = json_array();
    int most = call->authority->orders_page, i;
    page_t page = { call, NULL };

    if (strcmp(call->id, call->account->id) != 0)
        return QW_FAIL(call->pool, UNAUTHORIZED,
                       "the account is not the one that signed");
    if (call->rest != NULL && !qw_id_is(call->rest))
        return QW_FAIL(call->pool, NOT_FOUND, "no such resource");
    QW_TRY(qw_store_read(call->site->store, read_page, &page, call->pool));
    for (i = 0; i < page.orders->nelts && i < most; i++) {
        const qw_order_t *o = APR_ARRAY_IDX(page.orders, i, qw_order_t *);

        if (qw_order_status(o, call->now) != QW_order_INVALID)
            json_array_append_new(list,
                                  json_string(qw_authority_url(call->authority,
                                                               "order", o->id,
                                                               call->pool)));
    }
    json_object_set_new(object, "orders", list);
    qw_reply_json(reply, 200, object, call->pool);
    if (page.orders->nelts > most)
        qw_reply_link(reply,
                      next_url(call, APR_ARRAY_IDX(page.orders, most - 1,
                                                   qw_order_t *)),
                      "next", call->pool);
    return NULL;
}
