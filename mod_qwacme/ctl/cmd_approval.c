/* approval list | show | approve | reject */
#include "ctl/ctl.h"

#include "ca/approved.h"

#include <apr_strings.h>

static json_t *approval_json(const qw_approval_t *a, const qwc_call_t *call)
{
    json_t *object = qw_json_new_object(call->pool);

    qw_put_text(object, "id", a->id);
    qw_put_text(object, "status",
                qw_state_word(
                    qw_approval_status(a, qw_authority_now(call->authority))));
    qw_put_text(object, "action", a->action);
    qw_put_text(object, "kind", a->subject_kind);
    qw_put_text(object, "subject", a->subject_id);
    qw_put_text(object, "reason", a->reason);
    qw_put_text(object, "requestedBy", a->requested_by);
    qw_put_time(object, "requestedAt", a->requested_at, call->pool);
    qw_put_time(object, "expires", qw_approval_ends(a), call->pool);
    qw_put_text(object, "decidedBy", a->decided_by);
    qw_put_time(object, "decidedAt", a->decided_at, call->pool);
    return object;
}

static void show(qwc_call_t *call, const qw_approval_t *a)
{
    call->result = approval_json(a, call);
    json_object_set_new(call->result, "request",
                        json_loads(a->request, 0, NULL));
}

void qwc_asked(qwc_call_t *call, const qw_approval_t *a)
{
    show(call, a);
    qw_put_text(call->result, "next",
                apr_psprintf(call->pool,
                             "another person: qwacmectl approval approve %s",
                             a->id));
}

qw_problem_t *qwc_resume(int *asked, qwc_call_t *call, const char *subject,
                         const char *id)
{
    const char *reason = qwc_option(call, "reason");
    qw_approval_t *a;

    *asked = qw_authority_needs_two(call->authority, QW_ACTION_RESUME);
    if (!*asked)
        return qw_registry_resume(&call->registry, subject, id, reason);
    QW_TRY(qw_registry_ask_resume(&a, &call->registry, subject, id, reason));
    qwc_asked(call, a);
    return NULL;
}

qw_problem_t *qwc_approval_list(qwc_call_t *call)
{
    apr_array_header_t *list;
    int limit;

    QW_TRY(qwc_number(&limit, call, "limit", 1, 1000000, 100));
    QW_TRY(qw_approval_list(&list, call->registry.db, call->authority->name,
                            qwc_option(call, "all") != NULL ? limit : 0,
                            call->pool));
    call->result = qw_json_new_array(call->pool);
    for (int i = 0; i < list->nelts; i++)
        json_array_append(call->result,
                          approval_json(APR_ARRAY_IDX(list, i, qw_approval_t *),
                                        call));
    return NULL;
}

static qw_problem_t *find(qw_approval_t **approval, qwc_call_t *call)
{
    qw_problem_t *prob =
        qw_approval_get(approval, call->registry.db, call->authority->name,
                        qwc_arg(call, 0), call->pool);

    if (prob == NULL || prob->code != QW_E_NOT_FOUND)
        return prob;
    return QW_FAIL(call->pool, NOT_FOUND,
                   "authority %s has no such request for approval; 'qwacmectl "
                   "approval list' shows them",
                   call->authority->name);
}

qw_problem_t *qwc_approval_show(qwc_call_t *call)
{
    qw_approval_t *a;

    QW_TRY(find(&a, call));
    show(call, a);
    return NULL;
}

qw_problem_t *qwc_approval_approve(qwc_call_t *call)
{
    qw_invitation_t invitation = { 0 };
    qw_approval_t *a;

    QW_TRY(find(&a, call));
    QW_TRY(qw_approval_approve(&a, &call->registry, a->id, qw_approved,
                               &invitation));
    show(call, a);
    qwc_put_invitation(call, &invitation);
    return NULL;
}

qw_problem_t *qwc_approval_reject(qwc_call_t *call)
{
    qw_approval_t *a;

    QW_TRY(find(&a, call));
    QW_TRY(qw_approval_reject(&a, &call->registry, a->id,
                              qwc_option(call, "reason")));
    show(call, a);
    return NULL;
}
