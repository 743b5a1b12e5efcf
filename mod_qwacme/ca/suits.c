#include "ca/suits.h"

#include "base/log.h"
#include "base/text.h"
#include "gate/offer.h"
#include "model/dates.h"

#include <apr_strings.h>

#define DAY (apr_time_from_sec(86400))

static const char *name_at(const qw_authority_t *authority, int i)
{
    return APR_ARRAY_IDX(authority->profiles, i, const char *);
}

static qw_problem_t *check_known(const qw_authority_t *authority,
                                 apr_pool_t *pool)
{
    apr_array_header_t *known = apr_array_make(pool, 8, sizeof(char *));
    const qw_profile_t *profile;
    int i;

    for (i = 0; (profile = qw_profile_at(i)) != NULL; i++)
        APR_ARRAY_PUSH(known, const char *) = qw_profile_name(profile);
    for (i = 0; i < authority->profiles->nelts; i++) {
        if (!qw_text_in(known, name_at(authority, i)))
            return QW_FAIL(pool, INVALID_INPUT,
                           "QwacmeProfiles: '%s' is no certificate profile; "
                           "choose from %s",
                           qw_text_safe(name_at(authority, i), 64, pool),
                           qw_text_join(known, " ", pool));
    }
    return NULL;
}

/* Below a root that browsers trust, a certificate without a policy of the
 * CA/Browser Forum's is a misissuance: BR-7.1.6.1. */
static qw_problem_t *check_mixture(const qw_authority_t *authority,
                                   apr_pool_t *pool)
{
    const char *browsers = NULL, *others = NULL;
    int i;

    for (i = 0; i < authority->profiles->nelts; i++) {
        const char *name = name_at(authority, i);

        if (qw_profile_is_browsers(qw_profile_find(name)))
            browsers = name;
        else
            others = name;
    }
    if (browsers == NULL || others == NULL)
        return NULL;
    return QW_FAIL(pool, INVALID_INPUT,
                   "QwacmeProfiles: '%s' is for browsers and '%s' is not, so "
                   "one issuing CA cannot have both; give '%s' an authority "
                   "of its own",
                   browsers, others, others);
}

static qw_problem_t *check_clock(const qw_authority_t *authority,
                                 apr_time_t now, apr_pool_t *pool)
{
    int i;

    if (authority->kind != QW_KIND_PRODUCTION)
        return NULL;
    for (i = 0; i < authority->profiles->nelts; i++) {
        const qw_profile_t *profile = qw_profile_find(name_at(authority, i));

        if (qw_gate_is_ended(profile, now))
            return QW_FAIL(pool, INVALID_INPUT,
                           "QwacmeProfiles: '%s' is for TLS clients too, "
                           "which browsers' rules no longer allow (%s); "
                           "remove it, and issue qncp-w-gen-psd2 from an "
                           "authority of its own",
                           qw_profile_name(profile),
                           qw_rule_source(QW_RULE_CLIENT_AUTH_BAN, now));
    }
    return NULL;
}

qw_problem_t *qw_profiles_suit(const qw_authority_t *authority,
                               apr_pool_t *pool)
{
    apr_time_t now = qw_authority_now(authority);
    qw_problem_t *prob;

    QW_TRY(check_known(authority, pool));
    QW_TRY(check_mixture(authority, pool));
    QW_TRY(check_clock(authority, now, pool));
    prob = check_clock(authority, now + QW_FORECAST_DAYS * DAY, pool);
    if (prob != NULL)
        qw_log(QW_LOG_WARNING, 0, pool,
               "QW0343: within %d days this configuration will not start: %s",
               QW_FORECAST_DAYS, prob->detail);
    return NULL;
}

static qw_problem_t *check_purposes(const qw_authority_t *authority,
                                    const qw_issuer_t *issuer, const char *path,
                                    apr_pool_t *pool)
{
    const char *purpose;
    int i;

    for (i = 0; i < authority->profiles->nelts; i++) {
        const qw_profile_t *profile = qw_profile_find(name_at(authority, i));

        purpose = qw_issuer_lacks(issuer, profile);
        if (purpose != NULL)
            return QW_FAIL(pool, INVALID_INPUT,
                           "QwacmeIssuer: '%s' has an extended key usage "
                           "without %s, which profile %s needs; have one "
                           "issued with it",
                           qw_text_safe(path, 256, pool), purpose,
                           qw_profile_name(profile));
    }
    purpose = qw_issuer_exceeds(issuer, authority->profiles, pool);
    if (purpose == NULL || authority->profiles->nelts == 0
        || !qw_profile_is_browsers(qw_profile_find(name_at(authority, 0)))
        || !qw_rule(QW_RULE_ONE_PURPOSE, issuer->not_before))
        return NULL;
    return QW_FAIL(pool, INVALID_INPUT,
                   "QwacmeIssuer: '%s' is not dedicated: it may issue for %s "
                   "too, which none of QwacmeProfiles is for (%s); have one "
                   "issued without it",
                   qw_text_safe(path, 256, pool), purpose,
                   qw_rule_source(QW_RULE_ONE_PURPOSE, issuer->not_before));
}

/* QWC-17: a certificate never outlives its issuer. */
static qw_problem_t *check_end(const qw_authority_t *authority,
                               const qw_issuer_t *issuer, const char *path,
                               apr_pool_t *pool)
{
    apr_interval_time_t left = issuer->not_after - qw_authority_now(authority);
    const char *end = qw_text_time(issuer->not_after, pool);

    if (left < DAY)
        return QW_FAIL(pool, INVALID_INPUT,
                       "QwacmeIssuer: '%s' ends at %s, in less than a day; "
                       "configure the next issuing CA",
                       qw_text_safe(path, 256, pool), end);
    if (left < authority->validity_days * DAY)
        qw_log(QW_LOG_WARNING, 0, pool,
               "QW0341: QwacmeIssuer: '%s' ends at %s, before certificates of "
               "%d days would; they end with it. Configure the next issuing CA",
               qw_text_safe(path, 256, pool), end, authority->validity_days);
    return NULL;
}

qw_problem_t *qw_issuer_suits(const qw_authority_t *authority,
                              const qw_issuer_t *issuer, const char *path,
                              apr_pool_t *pool)
{
    QW_TRY(check_purposes(authority, issuer, path, pool));
    return check_end(authority, issuer, path, pool);
}
