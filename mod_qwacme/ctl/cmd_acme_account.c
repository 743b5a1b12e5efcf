/* acme-account list | suspend | resume */
#include "ctl/ctl.h"

#include "base/text.h"

#include <apr_strings.h>

/* The CAA record, RFC8657, that lets this authority issue for ACCOUNT_URL alone,
 * by its challenge types alone: what a subscriber should publish. */
static const char *caa_record(const qwc_call_t *call, const char *account_url)
{
    const qw_authority_t *a = call->authority;

    if (a->caa_identities->nelts == 0 || a->base_url == NULL)
        return NULL;
    return apr_psprintf(call->pool,
                        "0 issue \"%s; accounturi=%s; validationmethods=%s\"",
                        APR_ARRAY_IDX(a->caa_identities, 0, const char *),
                        account_url,
                        qw_text_join(a->challenges, ",", call->pool));
}

static json_t *member_json(const qw_account_t *a, const qwc_call_t *call)
{
    apr_pool_t *pool = call->pool;
    json_t *object = qw_json_new_object(pool);

    qw_put_text(object, "id", a->id);
    qw_put_text(object, "status",
                a->suspended ? "suspended" : qw_state_word(a->status));
    qw_put_text(object, "account", a->external_id);
    qw_put_text(object, "keyId", a->binding_id);
    qw_put_text(object, "thumbprint", a->thumbprint);
    qw_put_text(object, "contact", a->contacts);
    qw_put_text(object, "termsVersion", a->terms_version);
    qw_put_time(object, "created", a->created, pool);
    qw_put_text(object, "caa",
                caa_record(call, qw_authority_url(call->authority, "acct",
                                                  a->id, pool)));
    if (call->authority->caa_parent_account)
        qw_put_text(object, "caaOfAccount",
                    caa_record(call,
                               qw_authority_url(call->authority, "external",
                                                a->external_id, pool)));
    return object;
}

qw_problem_t *qwc_acme_account_list(qwc_call_t *call)
{
    qw_external_t *external = NULL;
    apr_array_header_t *list;
    int i;

    if (call->args->nelts > 0)
        QW_TRY(qwc_external(&external, call, 0));
    QW_TRY(qw_account_list(&list, call->registry.db, call->authority->name,
                           external != NULL ? external->id : NULL, call->pool));
    call->result = qw_json_new_array(call->pool);
    for (i = 0; i < list->nelts; i++)
        json_array_append(call->result,
                          member_json(APR_ARRAY_IDX(list, i, qw_account_t *),
                                      call));
    return NULL;
}

static qw_problem_t *show(qwc_call_t *call)
{
    qw_account_t *account;

    QW_TRY(qw_account_get(&account, call->registry.db, call->authority->name,
                          qwc_arg(call, 0), call->pool));
    call->result = member_json(account, call);
    return NULL;
}

qw_problem_t *qwc_acme_account_suspend(qwc_call_t *call)
{
    QW_TRY(qw_registry_suspend(&call->registry, QW_SUBJECT_ACCOUNT,
                               qwc_arg(call, 0), qwc_option(call, "reason")));
    return show(call);
}

qw_problem_t *qwc_acme_account_resume(qwc_call_t *call)
{
    int asked;

    QW_TRY(qwc_resume(&asked, call, QW_SUBJECT_ACCOUNT, qwc_arg(call, 0)));
    return asked ? NULL : show(call);
}
