/* domain add | remove | list */
#include "ctl/ctl.h"

static json_t *domain_json(const qw_domain_t *d, apr_pool_t *pool)
{
    json_t *object = qw_json_new_object(pool);

    qw_put_text(object, "name", d->name);
    json_object_set_new(object, "subtree", json_boolean(d->subtree));
    json_object_set_new(object, "wildcard", json_boolean(d->wildcard));
    qw_put_text(object, "confirmedBy", d->confirmed_by);
    qw_put_time(object, "confirmedAt", d->confirmed_at, pool);
    qw_put_text(object, "reviewedBy", d->reviewed_by);
    qw_put_text(object, "removedBy", d->removed_by);
    qw_put_time(object, "removedAt", d->removed_at, pool);
    return object;
}

/* Who asks has confirmed the names, and who approves looks into them. */
static qw_problem_t *ask(qwc_call_t *call, const qw_external_t *external,
                         qw_domain_t *entry)
{
    json_t *asked = qw_json_new_array(call->pool);

    if (entry->confirmed_by != NULL || entry->reviewed_by != NULL
        || entry->confirmed_at != 0)
        return QW_FAIL(call->pool, INVALID_INPUT,
                       "confirmed-by, confirmed-at, reviewed-by: another "
                       "person has to approve this (QwacmeFourEyes); leave "
                       "them out: who asks confirms, who approves reviews");
    entry->confirmed_by = call->registry.actor;
    for (int i = 1; i < call->args->nelts; i++) {
        qw_approval_t *approval;

        entry->name = qwc_arg(call, i);
        QW_TRY(qw_registry_ask_domain(&approval, &call->registry, external,
                                      entry,
                                      qwc_option(call, "shared") != NULL));
        qwc_asked(call, approval);
        json_array_append(asked, call->result);
    }
    call->result = asked;
    return NULL;
}

qw_problem_t *qwc_domain_add(qwc_call_t *call)
{
    qw_domain_t entry = { 0 }, *domain;
    qw_external_t *external;
    json_t *added = qw_json_new_array(call->pool);
    int i;

    QW_TRY(qwc_external(&external, call, 0));
    entry.subtree = qwc_option(call, "subtree") != NULL;
    entry.wildcard = qwc_option(call, "wildcard") != NULL;
    entry.confirmed_by = qwc_option(call, "confirmed-by");
    entry.reviewed_by = qwc_option(call, "reviewed-by");
    QW_TRY(qwc_time(&entry.confirmed_at, call, "confirmed-at", NULL));
    if (qw_authority_needs_two(call->authority, QW_ACTION_DOMAIN))
        return ask(call, external, &entry);
    for (i = 1; i < call->args->nelts; i++) {
        entry.name = qwc_arg(call, i);
        QW_TRY(qw_registry_add_domain(&domain, &call->registry, external,
                                      &entry,
                                      qwc_option(call, "shared") != NULL));
        json_array_append(added, domain_json(domain, call->pool));
    }
    call->result = added;
    return NULL;
}

qw_problem_t *qwc_domain_remove(qwc_call_t *call)
{
    qw_external_t *external;
    int i;

    QW_TRY(qwc_external(&external, call, 0));
    for (i = 1; i < call->args->nelts; i++)
        QW_TRY(qw_registry_remove_domain(&call->registry, external,
                                         qwc_arg(call, i)));
    return qwc_domain_list(call);
}

qw_problem_t *qwc_domain_list(qwc_call_t *call)
{
    apr_array_header_t *list;
    qw_external_t *external;
    int i;

    QW_TRY(qwc_external(&external, call, 0));
    QW_TRY(qw_domain_list(&list, call->registry.db, external->id,
                          qwc_option(call, "all") != NULL, call->pool));
    call->result = qw_json_new_array(call->pool);
    for (i = 0; i < list->nelts; i++)
        json_array_append(call->result,
                          domain_json(APR_ARRAY_IDX(list, i, qw_domain_t *),
                                      call->pool));
    return NULL;
}
