#include "gate/identity.h"

#include "model/dates.h"

#include <string.h>

static qw_problem_t *too_old(const qw_authority_t *authority, apr_pool_t *pool)
{
    qw_problem_t *prob =
        QW_FAIL(pool, USER_ACTION_REQUIRED,
                "the identity behind this account must be verified again");

    prob->instance = authority->portal_url;
    return prob;
}

qw_problem_t *qw_gate_identity(qw_identity_t **identity,
                               const qw_authority_t *authority,
                               const qw_external_t *external,
                               const qw_profile_t *profile, apr_pool_t *pool)
{
    apr_time_t now = qw_authority_now(authority);
    qw_problem_t *prob;
    json_t *object;

    if (external->verified_at <= now - qw_rule_span(QW_RULE_IDENTITY_REUSE, now)
        || external->verified_at > now)
        return too_old(authority, pool);
    QW_TRY(qw_json_parse_object(&object, external->identity,
                                strlen(external->identity), "identity", pool));
    QW_TRY(qw_identity_parse(identity, object, pool));
    prob = qw_profile_check_identity(profile, *identity, pool);
    if (prob == NULL)
        return NULL;
    return QW_FAIL_BECAUSE(pool, UNAUTHORIZED, prob->detail,
                           "the verified identity does not fit the profile; "
                           "ask the registration officer");
}
