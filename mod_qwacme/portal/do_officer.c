/* What officers may change. */
#include "base/text.h"
#include "ca/approved.h"
#include "portal/action.h"
#include "portal/identity.h"
#include "registry/registration.h"

#include <apr_strings.h>

#include <string.h>

/* Two persons, where the authority wants them. */
static qw_problem_t *resume(qw_act_t *act, const qw_registry_t *r,
                            const char *subject, const char *id)
{
    const char *reason = qw_act_get(act, "reason");
    qw_approval_t *approval;

    act->was_asked = qw_authority_needs_two(r->authority, QW_ACTION_RESUME);
    return act->was_asked
               ? qw_registry_ask_resume(&approval, r, subject, id, reason)
               : qw_registry_resume(r, subject, id, reason);
}

qw_problem_t *qw_do_resume(qw_act_t *act, const qw_page_t *page,
                           const qw_registry_t *r)
{
    return resume(act, r, QW_SUBJECT_EXTERNAL, act->external->id);
}

qw_problem_t *qw_do_resume_acme(qw_act_t *act, const qw_page_t *page,
                                const qw_registry_t *r)
{
    const char *id;

    QW_TRY(qw_act_acme(&id, act, r));
    return resume(act, r, QW_SUBJECT_ACCOUNT, id);
}

qw_problem_t *qw_do_invite_operator(qw_act_t *act, const qw_page_t *page,
                                    const qw_registry_t *r)
{
    qw_newcomer_t n = { 0 };

    n.name = qw_act_get(act, "name");
    n.mail = qw_act_get(act, "mail");
    n.language = qw_act_get(act, "language");
    n.expires = page->now + QW_INVITATION_LIFETIME;
    return qw_registry_invite_operator(&act->invitation, r, act->external, &n);
}

/* For one who lost the link, or the passkey. */
qw_problem_t *qw_do_invite_again(qw_act_t *act, const qw_page_t *page,
                                 const qw_registry_t *r)
{
    qw_newcomer_t n = { 0 };
    qw_approval_t *approval;

    act->was_asked = qw_authority_needs_two(r->authority, QW_ACTION_RECOVERY);
    if (act->was_asked)
        return qw_registry_ask_recovery(&approval, r, act->external,
                                        qw_act_get(act, "name"));
    n.name = qw_act_get(act, "name");
    n.again = 1;
    n.expires = page->now + QW_INVITATION_LIFETIME;
    return qw_registry_invite_operator(&act->invitation, r, act->external, &n);
}

qw_problem_t *qw_do_remove_operator(qw_act_t *act, const qw_page_t *page,
                                    const qw_registry_t *r)
{
    return qw_registry_remove_operator(r, act->external,
                                       qw_act_get(act, "name"));
}

/* *WHEN of member NAME, a date. */
static qw_problem_t *read_date(apr_time_t *when, const qw_act_t *act,
                               const char *name, apr_pool_t *pool)
{
    if (!qw_text_parse_time(when, qw_act_get(act, name)))
        return QW_FAIL(pool, INVALID_INPUT, "%s: '%s' is no date", name,
                       qw_text_safe(qw_act_get(act, name), 32, pool));
    return NULL;
}

/* What was verified, of the members of ACT. */
static qw_problem_t *read_registration(qw_registration_t *reg,
                                       qw_identity_t *identity,
                                       const qw_act_t *act,
                                       const qw_registry_t *r)
{
    qw_identity_of_act(identity, act);
    reg->name = qw_act_get(act, "name");
    reg->identity = identity;
    reg->profiles = qw_act_get(act, "profiles");
    reg->verified_by = r->actor;
    reg->verified_method = qw_act_get(act, "verified_method");
    QW_TRY(read_date(&reg->verified_at, act, "verified_at", r->pool));
    return read_date(&reg->expires, act, "expires", r->pool);
}

/* An account that two persons have to want is made in the trial all the same:
 * whoever asks shall hear now what is wrong with it. */
static qw_problem_t *ask(qw_act_t *act, const qw_registry_t *r,
                         const qw_registration_t *reg)
{
    qw_approval_t *approval;

    act->was_asked = qw_authority_needs_two(r->authority, QW_ACTION_REGISTER);
    return act->was_asked
               ? qw_registry_ask_registration(&approval, r, reg, act->external)
               : NULL;
}

qw_problem_t *qw_do_register(qw_act_t *act, const qw_page_t *page,
                             const qw_registry_t *r)
{
    qw_registration_t reg = { 0 };
    qw_identity_t identity = { 0 };
    const char *id;

    QW_TRY(read_registration(&reg, &identity, act, r));
    QW_TRY(ask(act, r, &reg));
    if (act->was_asked && !act->is_trial)
        return NULL;
    QW_TRY(qw_registry_create(&id, r, &reg));
    return qw_registry_find(&act->external, r, id);
}

qw_problem_t *qw_do_verify(qw_act_t *act, const qw_page_t *page,
                           const qw_registry_t *r)
{
    qw_registration_t reg = { 0 };
    qw_identity_t identity = { 0 };

    QW_TRY(read_registration(&reg, &identity, act, r));
    reg.name = act->external->name;
    QW_TRY(ask(act, r, &reg));
    if (act->was_asked && !act->is_trial)
        return NULL;
    return qw_registry_reverify(r, act->external, &reg);
}

/* ---- what another officer asked for ----------------------------------------- */

/* What the request says goes into what is signed: nobody approves anything else
 * than was shown. */
qw_problem_t *qw_do_approve(qw_act_t *act, const qw_page_t *page,
                            const qw_registry_t *r)
{
    const char *id = qw_act_get(act, "approval"), *name;
    qw_approval_t *a;

    QW_TRY(qw_approval_approve(&a, r, id, qw_approved, &act->invitation));
    QW_TRY(qw_page_actor(&name, page, r->db, a->requested_by));
    qw_act_set(act, "asked_by", name);
    qw_act_set(act, "reason", a->reason);
    qw_act_set(act, "request", a->request);
    return NULL;
}

qw_problem_t *qw_do_reject(qw_act_t *act, const qw_page_t *page,
                           const qw_registry_t *r)
{
    qw_approval_t *a;

    return qw_approval_reject(&a, r, qw_act_get(act, "approval"),
                              qw_act_get(act, "why"));
}
