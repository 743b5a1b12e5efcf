/* limit set | remove | list | paused | unpause */
#include "ctl/ctl.h"

#include <apr_strings.h>

#include <string.h>

/* An external account is shown by the name that people know. */
static const char *subject_shown(const char *subject, const qwc_call_t *call)
{
    static const char prefix[] = "external:";
    qw_external_t *external;

    if (strncmp(subject, prefix, sizeof prefix - 1) != 0
        || qw_registry_find(&external, &call->registry,
                            subject + sizeof prefix - 1)
               != NULL)
        return subject;
    return apr_pstrcat(call->pool, "account:", external->name, NULL);
}

static json_t *override_json(const qw_override_t *o, const qwc_call_t *call)
{
    json_t *object = qw_json_new_object(call->pool);

    qw_put_text(object, "limit", o->name);
    qw_put_text(object, "subject", subject_shown(o->subject, call));
    qw_put_text(object, "rate", o->rate);
    if (*o->burst != '\0')
        qw_put_text(object, "burst", o->burst);
    qw_put_text(object, "comment", o->comment);
    qw_put_text(object, "createdBy", o->created_by);
    qw_put_time(object, "created", o->created, call->pool);
    qw_put_time(object, "expires", o->expires, call->pool);
    return object;
}

qw_problem_t *qwc_limit_list(qwc_call_t *call)
{
    apr_array_header_t *list;

    QW_TRY(qw_override_list(&list, call->registry.db, call->authority->name,
                            qw_authority_now(call->authority), call->pool));
    call->result = qw_json_new_array(call->pool);
    for (int i = 0; i < list->nelts; i++)
        json_array_append(call->result,
                          override_json(APR_ARRAY_IDX(list, i, qw_override_t *),
                                        call));
    return NULL;
}

qw_problem_t *qwc_limit_set(qwc_call_t *call)
{
    qw_override_t o = { 0 };

    o.name = qwc_arg(call, 0);
    o.subject = qwc_arg(call, 1);
    o.rate = qwc_arg(call, 2);
    o.burst = qwc_option(call, "burst");
    o.comment = qwc_option(call, "comment");
    QW_TRY(qwc_time(&o.expires, call, "expires", NULL));
    QW_TRY(qw_registry_set_limit(&call->registry, &o));
    return qwc_limit_list(call);
}

qw_problem_t *qwc_limit_remove(qwc_call_t *call)
{
    QW_TRY(qw_registry_remove_limit(&call->registry, qwc_arg(call, 0),
                                    qwc_arg(call, 1)));
    return qwc_limit_list(call);
}

static json_t *failure_json(const qw_failure_t *f, apr_pool_t *pool)
{
    json_t *object = qw_json_new_object(pool);

    qw_put_text(object, "acmeAccount", f->account_id);
    qw_put_text(object, "name", f->name);
    json_object_set_new(object, "failures", json_integer(f->failures));
    qw_put_time(object, "failedAt", f->failed_at, pool);
    return object;
}

qw_problem_t *qwc_limit_paused(qwc_call_t *call)
{
    int least = call->authority->pause_after;
    apr_array_header_t *list;

    call->result = qw_json_new_array(call->pool);
    if (least == 0)
        return NULL;
    QW_TRY(qw_failure_of_authority(&list, call->registry.db,
                                   call->authority->name, least, call->pool));
    for (int i = 0; i < list->nelts; i++)
        json_array_append(call->result,
                          failure_json(APR_ARRAY_IDX(list, i, qw_failure_t *),
                                       call->pool));
    return NULL;
}

qw_problem_t *qwc_limit_unpause(qwc_call_t *call)
{
    for (int i = 1; i < call->args->nelts; i++)
        QW_TRY(qw_registry_unpause(&call->registry, qwc_arg(call, 0),
                                   qwc_arg(call, i)));
    return qwc_limit_paused(call);
}
