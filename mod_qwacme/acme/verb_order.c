/* An order, RFC8555-7.4 */
#include "acme/find_order.h"
#include "acme/render.h"

qw_problem_t *qw_verb_order(const qw_call_t *call, qw_reply_t *reply)
{
    qw_found_order_t found;

    QW_TRY(qw_find_order(&found, call));
    qw_reply_order(reply, 200, call, found.order, found.authz_ids);
    return NULL;
}
