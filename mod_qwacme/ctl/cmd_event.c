/* event list */
#include "ctl/ctl.h"

#include "store/db_ledger.h"

static json_t *event_json(const qw_event_t *e, apr_pool_t *pool)
{
    json_t *object = qw_json_new_object(pool);

    qw_put_time(object, "at", e->at, pool);
    qw_put_text(object, "event", e->event);
    qw_put_text(object, "actor", e->actor);
    qw_put_text(object, "kind", e->subject_kind);
    qw_put_text(object, "subject", e->subject_id);
    json_object_set_new(object, "detail", json_loads(e->detail, 0, NULL));
    return object;
}

qw_problem_t *qwc_event_list(qwc_call_t *call)
{
    apr_array_header_t *list;
    int limit, i;

    QW_TRY(qwc_number(&limit, call, "limit", 1, 1000000, 100));
    QW_TRY(qw_event_list(&list, call->registry.db, call->authority->name,
                         qwc_option(call, "subject"), limit, call->pool));
    call->result = qw_json_new_array(call->pool);
    for (i = 0; i < list->nelts; i++)
        json_array_append(call->result,
                          event_json(APR_ARRAY_IDX(list, i, qw_event_t *),
                                     call->pool));
    return NULL;
}
