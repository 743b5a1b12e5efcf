#include "gate/offer.h"

#include "model/dates.h"

int qw_gate_is_ended(const qw_profile_t *profile, apr_time_t now)
{
    return qw_profile_is_browsers(profile)
           && qw_profile_has_client_auth(profile)
           && qw_rule(QW_RULE_CLIENT_AUTH_BAN, now);
}

qw_problem_t *qw_gate_offer(const qw_authority_t *authority,
                            const qw_profile_t *profile, apr_pool_t *pool)
{
    apr_time_t now = qw_authority_now(authority);

    if (qw_gate_is_ended(profile, now))
        return QW_FAIL(pool, INVALID_PROFILE,
                       "certificates of profile %s are for TLS clients too, "
                       "which browsers' rules no longer allow (%s)",
                       qw_profile_name(profile),
                       qw_rule_source(QW_RULE_CLIENT_AUTH_BAN, now));
    return NULL;
}

qw_problem_t *qw_gate_offer_names(const qw_profile_t *profile,
                                  const apr_array_header_t *names,
                                  apr_pool_t *pool)
{
    qw_problem_t *prob = qw_profile_check_names(profile, names, pool);

    if (prob == NULL)
        return NULL;
    return QW_FAIL(pool, REJECTED_IDENTIFIER, "%s", prob->detail);
}
