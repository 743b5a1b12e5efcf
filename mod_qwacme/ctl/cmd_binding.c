/* binding create | list | suspend | resume | revoke */
#include "ctl/ctl.h"

#include "base/text.h"
#include "registry/clients.h"

#include <apr_strings.h>

qw_problem_t *qwc_ring(qw_seal_ring_t **ring, const qwc_call_t *call)
{
    if (call->conf->seal_key == NULL)
        return QW_FAIL(call->pool, INVALID_INPUT,
                       "the configuration names no QwacmeSealKey; make a file "
                       "with 'qwacmectl seal-key create FILE'");
    return qw_seal_ring_load(ring, call->conf->seal_key, call->pool);
}

static json_t *client_lines(const qwc_call_t *call, const char *kid,
                            const char *mac_key)
{
    apr_array_header_t *hints =
        qw_client_hints(call->authority, kid, mac_key, call->pool);
    json_t *lines = json_array();

    for (int i = 0; i < hints->nelts; i++)
        json_array_append_new(
            lines,
            json_string(APR_ARRAY_IDX(hints, i, qw_client_hint_t).lines));
    return lines;
}

qw_problem_t *qwc_binding_create(qwc_call_t *call)
{
    const char *algs = qwc_option(call, "algorithms"), *kid, *mac_key;
    qw_binding_spec_t spec = { 0 };
    qw_external_t *external;
    qw_seal_ring_t *ring;

    QW_TRY(qwc_external(&external, call, 0));
    QW_TRY(qwc_ring(&ring, call));
    QW_TRY(qwc_number(&spec.max_uses, call, "uses", 1, 10000, 1));
    QW_TRY(qwc_time(&spec.expires, call, "expires", "30d"));
    spec.algs = algs != NULL ? qw_text_join(qw_text_words(algs, call->pool),
                                            " ", call->pool)
                             : "HS256 HS384 HS512";
    spec.thumbprint = qwc_option(call, "thumbprint");
    QW_TRY(qw_registry_create_binding(&kid, &mac_key, &call->registry, external,
                                      &spec, ring));
    call->result = qw_json_new_object(call->pool);
    qw_put_text(call->result, "keyId", kid);
    qw_put_text(call->result, "macKey", mac_key);
    json_object_set_new(call->result, "uses", json_integer(spec.max_uses));
    qw_put_time(call->result, "expires", spec.expires, call->pool);
    qw_put_text(call->result, "directory",
                qw_authority_url(call->authority, "directory", NULL,
                                 call->pool));
    json_object_set_new(call->result, "clients",
                        client_lines(call, kid, mac_key));
    return NULL;
}

static json_t *binding_json(const qw_binding_t *b, apr_pool_t *pool)
{
    json_t *object = qw_json_new_object(pool);

    qw_put_text(object, "keyId", b->id);
    if (*b->label != '\0')
        qw_put_text(object, "label", b->label);
    qw_put_text(object, "status", qw_state_word(b->status));
    json_object_set_new(object, "uses", json_integer(b->uses));
    json_object_set_new(object, "maxUses", json_integer(b->max_uses));
    qw_put_text(object, "algorithms", b->algs);
    qw_put_time(object, "created", b->created, pool);
    qw_put_text(object, "createdBy", b->created_by);
    qw_put_time(object, "expires", b->expires, pool);
    qw_put_text(object, "thumbprint", b->thumbprint);
    return object;
}

qw_problem_t *qwc_binding_list(qwc_call_t *call)
{
    apr_array_header_t *list;
    qw_external_t *external;
    int i;

    QW_TRY(qwc_external(&external, call, 0));
    QW_TRY(qw_binding_list(&list, call->registry.db, external->id, call->pool));
    call->result = qw_json_new_array(call->pool);
    for (i = 0; i < list->nelts; i++)
        json_array_append(call->result,
                          binding_json(APR_ARRAY_IDX(list, i, qw_binding_t *),
                                       call->pool));
    return NULL;
}

static qw_problem_t *show(qwc_call_t *call)
{
    qw_binding_t *binding;

    QW_TRY(qw_binding_get(&binding, call->registry.db, call->authority->name,
                          qwc_arg(call, 0), call->pool));
    call->result = binding_json(binding, call->pool);
    return NULL;
}

qw_problem_t *qwc_binding_revoke(qwc_call_t *call)
{
    QW_TRY(qw_registry_revoke_binding(&call->registry, qwc_arg(call, 0),
                                      qwc_option(call, "cascade") != NULL));
    return show(call);
}

qw_problem_t *qwc_binding_suspend(qwc_call_t *call)
{
    QW_TRY(qw_registry_suspend(&call->registry, QW_SUBJECT_BINDING,
                               qwc_arg(call, 0), qwc_option(call, "reason")));
    return show(call);
}

qw_problem_t *qwc_binding_resume(qwc_call_t *call)
{
    int asked;

    QW_TRY(qwc_resume(&asked, call, QW_SUBJECT_BINDING, qwc_arg(call, 0)));
    return asked ? NULL : show(call);
}

qw_problem_t *qwc_binding_rename(qwc_call_t *call)
{
    QW_TRY(qw_registry_rename_binding(&call->registry, qwc_arg(call, 0),
                                      qwc_arg(call, 1)));
    return show(call);
}

qw_problem_t *qwc_binding_expire(qwc_call_t *call)
{
    QW_TRY(qw_registry_expire_binding(&call->registry, qwc_arg(call, 0)));
    return show(call);
}
