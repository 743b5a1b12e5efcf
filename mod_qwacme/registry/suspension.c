/* Who is stopped at once, and let go on again. Certificates are not touched:
 * BR-4.9.13 */
#include "registry/approval.h"
#include "registry/note.h"

#include <apr_strings.h>

#include <string.h>

/* One kind of what can be suspended. */
typedef struct {
    const char *subject;
    qw_problem_t *(*suspend)(const qw_registry_t *r, const char *id,
                             const char *reason);
    qw_problem_t *(*resume)(const qw_registry_t *r, const char *id,
                            const char *reason);
    /* *SINCE when it is suspended; 0 if it is not */
    qw_problem_t *(*ask)(apr_time_t *since, const qw_registry_t *r,
                         const char *id);
} kind_t;

static qw_problem_t *note(const qw_registry_t *r, const char *event,
                          const char *subject, const char *id,
                          const char *reason)
{
    json_t *detail = qw_json_new_object(r->pool);

    json_object_set_new(detail, "reason", json_string(reason));
    return qw_registry_note(r, event, subject, id, detail);
}

static qw_problem_t *move_external(const qw_registry_t *r, const char *id,
                                   qw_state_e to, const char *reason)
{
    qw_external_t *external;

    QW_TRY(qw_external_get(&external, r->db, r->authority->name, id, r->pool));
    return qw_registry_move(r, external, to, reason);
}

static qw_problem_t *suspend_external(const qw_registry_t *r, const char *id,
                                      const char *reason)
{
    return move_external(r, id, QW_external_SUSPENDED, reason);
}

static qw_problem_t *resume_external(const qw_registry_t *r, const char *id,
                                     const char *reason)
{
    return move_external(r, id, QW_external_ACTIVE, reason);
}

static qw_problem_t *ask_external(apr_time_t *since, const qw_registry_t *r,
                                  const char *id)
{
    qw_external_t *e;

    QW_TRY(qw_external_get(&e, r->db, r->authority->name, id, r->pool));
    *since = e->status == QW_external_SUSPENDED ? e->suspended_at : 0;
    return NULL;
}

static qw_problem_t *suspend_account(const qw_registry_t *r, const char *id,
                                     const char *reason)
{
    qw_account_t *account;

    QW_TRY(qw_account_get(&account, r->db, r->authority->name, id, r->pool));
    QW_TRY(qw_external_claim(r->db, account->external_id, r->pool));
    QW_TRY(
        qw_account_suspend(r->db, id, qw_authority_now(r->authority), r->pool));
    return note(r, "account.suspend", QW_SUBJECT_ACCOUNT, id, reason);
}

static qw_problem_t *resume_account(const qw_registry_t *r, const char *id,
                                    const char *reason)
{
    qw_account_t *account;

    QW_TRY(qw_account_get(&account, r->db, r->authority->name, id, r->pool));
    QW_TRY(qw_account_resume(r->db, id, r->pool));
    return note(r, "account.resume", QW_SUBJECT_ACCOUNT, id, reason);
}

static qw_problem_t *ask_account(apr_time_t *since, const qw_registry_t *r,
                                 const char *id)
{
    qw_account_t *a;

    QW_TRY(qw_account_get(&a, r->db, r->authority->name, id, r->pool));
    *since = a->suspended ? a->suspended_at : 0;
    return NULL;
}

static qw_problem_t *find_binding(qw_binding_t **binding,
                                  const qw_registry_t *r, const char *id,
                                  qw_state_e to)
{
    QW_TRY(qw_binding_get(binding, r->db, r->authority->name, id, r->pool));
    if (qw_state_may_move((*binding)->status, to))
        return NULL;
    return QW_FAIL(r->pool, CONFLICT, "the KeyID is %s and cannot become %s",
                   qw_state_word((*binding)->status), qw_state_word(to));
}

static qw_problem_t *suspend_binding(const qw_registry_t *r, const char *id,
                                     const char *reason)
{
    qw_binding_t *binding;

    QW_TRY(find_binding(&binding, r, id, QW_binding_SUSPENDED));
    QW_TRY(qw_external_claim(r->db, binding->external_id, r->pool));
    QW_TRY(
        qw_binding_suspend(r->db, id, qw_authority_now(r->authority), r->pool));
    return note(r, "binding.suspend", QW_SUBJECT_BINDING, id, reason);
}

static qw_problem_t *resume_binding(const qw_registry_t *r, const char *id,
                                    const char *reason)
{
    qw_binding_t *binding;

    QW_TRY(find_binding(&binding, r, id, QW_binding_ACTIVE));
    QW_TRY(qw_binding_resume(r->db, id, r->pool));
    return note(r, "binding.resume", QW_SUBJECT_BINDING, id, reason);
}

static qw_problem_t *ask_binding(apr_time_t *since, const qw_registry_t *r,
                                 const char *id)
{
    qw_binding_t *b;

    QW_TRY(qw_binding_get(&b, r->db, r->authority->name, id, r->pool));
    *since = b->status == QW_binding_SUSPENDED ? b->suspended_at : 0;
    return NULL;
}

static const kind_t kinds[] = {
    { QW_SUBJECT_EXTERNAL, suspend_external, resume_external, ask_external },
    { QW_SUBJECT_ACCOUNT, suspend_account, resume_account, ask_account },
    { QW_SUBJECT_BINDING, suspend_binding, resume_binding, ask_binding },
};

static qw_problem_t *find_kind(const kind_t **kind, const qw_registry_t *r,
                               const char *subject, const char *reason)
{
    if (reason == NULL || *reason == '\0')
        return QW_FAIL(r->pool, INVALID_INPUT,
                       "reason: say why, for the record");
    for (unsigned i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
        *kind = &kinds[i];
        if (strcmp(kinds[i].subject, subject) == 0)
            return NULL;
    }
    return QW_FAIL(r->pool, INVALID_INPUT, "'%s' cannot be suspended", subject);
}

qw_problem_t *qw_registry_suspend(const qw_registry_t *r, const char *subject,
                                  const char *id, const char *reason)
{
    const kind_t *kind;

    QW_TRY(find_kind(&kind, r, subject, reason));
    return kind->suspend(r, id, reason);
}

qw_problem_t *qw_registry_resume(const qw_registry_t *r, const char *subject,
                                 const char *id, const char *reason)
{
    const kind_t *kind;

    QW_TRY(find_kind(&kind, r, subject, reason));
    return kind->resume(r, id, reason);
}

/* *REQUEST of who is to act again, and since when it does not: that suspension,
 * and no later one, is what is to end. */
static qw_problem_t *describe(json_t **request, const qw_registry_t *r,
                              const char *subject, const char *id)
{
    const kind_t *kind;
    apr_time_t since;

    QW_TRY(find_kind(&kind, r, subject, "-"));
    QW_TRY(kind->ask(&since, r, id));
    if (since == 0)
        return QW_FAIL(r->pool, CONFLICT, "%s %s is not suspended", subject,
                       id);
    *request = qw_json_new_object(r->pool);
    json_object_set_new(*request, "action", json_string(QW_ACTION_RESUME));
    json_object_set_new(*request, "kind", json_string(subject));
    json_object_set_new(*request, "id", json_string(id));
    json_object_set_new(*request, "suspendedAt", json_integer(since));
    return NULL;
}

qw_problem_t *qw_registry_ask_resume(qw_approval_t **approval,
                                     const qw_registry_t *r,
                                     const char *subject, const char *id,
                                     const char *reason)
{
    qw_asking_t asking = { QW_ACTION_RESUME, subject, id, NULL, reason };
    json_t *request;

    QW_TRY(describe(&request, r, subject, id));
    asking.request = request;
    return qw_approval_request(approval, r, &asking);
}

qw_problem_t *qw_registry_resume_approved(const qw_registry_t *r,
                                          const qw_approval_t *a, void *baton)
{
    json_t *now;

    QW_TRY(describe(&now, r, a->subject_kind, a->subject_id));
    if (strcmp(qw_json_dump(now, r->pool), a->request) != 0)
        return QW_FAIL(r->pool, CONFLICT,
                       "%s %s was suspended anew since that was asked for; "
                       "reject the request and ask again",
                       a->subject_kind, a->subject_id);
    return qw_registry_resume(r, a->subject_kind, a->subject_id,
                              apr_psprintf(r->pool,
                                           "%s (approval %s, asked "
                                           "for by %s)",
                                           a->reason, a->id, a->requested_by));
}
