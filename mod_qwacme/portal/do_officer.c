/* What officers may change. */
#include "base/text.h"
#include "portal/action.h"
#include "portal/identity.h"

#include <apr_strings.h>

#include <string.h>

enum { INVITATION_DAYS = 7 };

qw_problem_t *qw_do_resume(qw_act_t *act, const qw_page_t *page,
                           const qw_registry_t *r)
{
    return qw_registry_move(r, act->external, QW_external_ACTIVE,
                            qw_act_get(act, "reason"));
}

qw_problem_t *qw_do_invite_operator(qw_act_t *act, const qw_page_t *page,
                                    const qw_registry_t *r)
{
    qw_newcomer_t n = { 0 };

    n.name = qw_act_get(act, "name");
    n.mail = qw_act_get(act, "mail");
    n.language = qw_act_get(act, "language");
    n.expires = page->now + apr_time_from_sec(INVITATION_DAYS * 86400);
    return qw_registry_invite_operator(&act->invitation, r, act->external, &n);
}

/* For one who lost the link, or the passkey. */
qw_problem_t *qw_do_invite_again(qw_act_t *act, const qw_page_t *page,
                                 const qw_registry_t *r)
{
    qw_newcomer_t n = { 0 };

    n.name = qw_act_get(act, "name");
    n.again = 1;
    n.expires = page->now + apr_time_from_sec(INVITATION_DAYS * 86400);
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

qw_problem_t *qw_do_register(qw_act_t *act, const qw_page_t *page,
                             const qw_registry_t *r)
{
    qw_registration_t reg = { 0 };
    qw_identity_t identity = { 0 };
    const char *id;

    QW_TRY(read_registration(&reg, &identity, act, r));
    QW_TRY(qw_registry_create(&id, r, &reg));
    return qw_registry_find(&act->external, r, id);
}

qw_problem_t *qw_do_verify(qw_act_t *act, const qw_page_t *page,
                           const qw_registry_t *r)
{
    qw_registration_t reg = { 0 };
    qw_identity_t identity = { 0 };

    QW_TRY(read_registration(&reg, &identity, act, r));
    return qw_registry_reverify(r, act->external, &reg);
}
