/* finalize, RFC8555-7.4: the child asks the signer; everything is decided
 * there, from what the database says. */
#include "base/document.h"
#include "acme/caa_again.h"
#include "acme/find_order.h"
#include "acme/render.h"
#include "base/b64.h"
#include "store/db_order.h"

typedef struct {
    const qw_call_t *call;
    const char *error;
} refusal_t;

static qw_problem_t *read_csr(qw_bytes_t *csr, const qw_call_t *call)
{
    const char *text;

    QW_TRY(qw_json_text(&text, call->payload, "csr", QW_REQUIRED, call->pool));
    if (!qw_b64url_decode(csr, text, call->pool))
        return QW_FAIL(call->pool, MALFORMED,
                       "csr: not base64url of DER without padding");
    return NULL;
}

static qw_problem_t *check_ready(const qw_call_t *call, const qw_order_t *order)
{
    qw_state_e status = qw_order_status(order, call->now);

    if (status == QW_order_READY)
        return NULL;
    return QW_FAIL(call->pool, ORDER_NOT_READY, "the order is %s",
                   qw_state_word(status));
}

static qw_problem_t *invalidate(qw_db_t *db, void *baton, apr_pool_t *pool)
{
    const refusal_t *r = baton;

    QW_TRY(qw_order_move(db, r->call->id, QW_order_READY, QW_order_INVALID,
                         r->error, pool));
    return qw_call_audit(r->call, db, "order.refuse", "order", r->call->id,
                         NULL);
}

/* What no other CSR can cure ends the order. */
static qw_problem_t *refused(const qw_call_t *call, qw_problem_t *why)
{
    refusal_t r = { call, qw_problem_document(why, call->pool) };
    qw_problem_t *prob;

    if (why->code != QW_E_UNAUTHORIZED && why->code != QW_E_CAA
        && why->code != QW_E_INVALID_PROFILE)
        return why;
    prob = qw_store_write(call->site->store, invalidate, &r, call->pool);
    return prob != NULL && prob->code != QW_E_CONFLICT ? prob : why;
}

static int is_under_way(const qw_order_t *order)
{
    return order->status == QW_order_PROCESSING
           || order->status == QW_order_VALID;
}

qw_problem_t *qw_verb_finalize(const qw_call_t *call, qw_reply_t *reply)
{
    qw_found_order_t found;
    qw_problem_t *prob;
    qw_bytes_t csr;

    QW_TRY(read_csr(&csr, call));
    QW_TRY(qw_find_order(&found, call));
    QW_TRY(check_ready(call, found.order));
    prob = qw_caa_again(call);
    if (prob != NULL)
        return refused(call, prob);
    prob = qw_signer_issue(call->site->signer, call->authority,
                           call->account->id, call->id, &csr, call->pool);
    if (prob != NULL && qw_problem_http(prob->code) != 503)
        return refused(call, prob);
    QW_TRY(qw_find_order(&found, call));
    if (prob != NULL && !is_under_way(found.order))
        return prob;
    if (found.order->status == QW_order_PROCESSING)
        call->site->wake(call->site->wake_baton); /* it is to be logged */
    qw_reply_order(reply, 200, call, found.order, found.authz_ids);
    return NULL;
}
