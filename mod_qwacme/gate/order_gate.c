/* Before an order is taken. */
#include "gate/gate.h"

#include "base/text.h"
#include "gate/identity.h"
#include "gate/offer.h"

#include <string.h>

static qw_problem_t *suspended(const qw_authority_t *authority,
                               const char *what, apr_pool_t *pool)
{
    qw_problem_t *prob = QW_FAIL(pool, ACCOUNT_SUSPENDED, "%s", what);

    prob->instance = authority->portal_url;
    return prob;
}

qw_problem_t *qw_gate_may_act(const qw_authority_t *authority,
                              const qw_account_t *account, apr_pool_t *pool)
{
    if (account->status != QW_account_VALID)
        return QW_FAIL(pool, ACCOUNT_DEACTIVATED, "the account is %s",
                       qw_state_word(account->status));
    if (account->key_blocked)
        return suspended(authority,
                         "the account's key is known to be compromised; make a "
                         "new account",
                         pool);
    if (account->suspended)
        return suspended(authority, "the account is suspended", pool);
    if (account->binding_status == QW_binding_SUSPENDED)
        return suspended(authority,
                         "the KeyID that the account was made with is "
                         "suspended",
                         pool);
    if (account->external_status != QW_external_ACTIVE)
        return suspended(authority, "the external account is not active", pool);
    if (account->external_expires <= qw_authority_now(authority))
        return suspended(authority,
                         "the external account has reached the end of its "
                         "lifetime",
                         pool);
    return NULL;
}

qw_problem_t *qw_gate_still_acts(qw_db_t *db, const qw_authority_t *authority,
                                 const char *account_id, apr_pool_t *pool)
{
    qw_account_t *account;

    QW_TRY(qw_account_get(&account, db, authority->name, account_id, pool));
    return qw_gate_may_act(authority, account, pool);
}

qw_problem_t *qw_gate_has_agreed(const qw_authority_t *authority,
                                 const qw_account_t *account, apr_pool_t *pool)
{
    qw_problem_t *prob;

    if (authority->terms_version == NULL
        || (account->terms_version != NULL
            && strcmp(account->terms_version, authority->terms_version) == 0))
        return NULL;
    prob = QW_FAIL(pool, USER_ACTION_REQUIRED,
                   "the terms of service have changed; agree to version %s",
                   authority->terms_version);
    prob->instance = authority->terms_url;
    return prob;
}

/* The default is the account's first profile that the authority still offers. */
static qw_problem_t *choose_profile(const qw_profile_t **profile,
                                    const qw_authority_t *authority,
                                    const qw_external_t *external,
                                    const char *wanted, apr_pool_t *pool)
{
    apr_array_header_t *allowed = qw_text_words(external->profiles, pool);
    const char *plain = wanted != NULL ? qw_order_profile(wanted, pool) : NULL;
    int i, offered = authority->dry_run || !qw_order_is_dry(wanted);

    *profile = NULL;
    for (i = 0; offered && i < allowed->nelts && *profile == NULL; i++) {
        const char *name = APR_ARRAY_IDX(allowed, i, const char *);

        if ((plain == NULL || strcmp(plain, name) == 0)
            && qw_text_in(authority->profiles, name))
            *profile = qw_profile_find(name);
    }
    if (*profile != NULL)
        return NULL;
    return QW_FAIL(pool, INVALID_PROFILE,
                   "profile %s is not one that this account may use",
                   qw_text_safe(wanted != NULL ? wanted : "(none)", 64, pool));
}

static qw_problem_t *refuse_name(qw_problem_t *all, const char *name,
                                 const char *why, apr_pool_t *pool)
{
    qw_problem_t *sub = QW_FAIL(pool, REJECTED_IDENTIFIER, "%s", why);

    if (all == NULL)
        all = QW_FAIL(pool, REJECTED_IDENTIFIER,
                      "one or more names may not be ordered by this account");
    sub->identifier = name;
    qw_problem_add(all, sub, pool);
    return all;
}

static const char *not_listed(const qw_authority_t *authority, const char *name)
{
    return qw_authority_is_high_risk(authority, name)
               ? "the name is one of high risk; an officer has to review it "
                 "before it can be on the account's domain list"
               : "the name is not on the account's domain list";
}

/* Every refused name is told at once, none of them asked for in the DNS. */
static qw_problem_t *check_names(qw_db_t *db, const qw_authority_t *authority,
                                 const char *external_id,
                                 const qw_profile_t *profile,
                                 const apr_array_header_t *names,
                                 apr_pool_t *pool)
{
    qw_problem_t *all = NULL;
    int i, listed;

    for (i = 0; i < names->nelts; i++) {
        const char *name = APR_ARRAY_IDX(names, i, const char *);
        int wildcard = strncmp(name, "*.", 2) == 0;

        QW_TRY(
            qw_registry_lists(&listed, db, authority, external_id, name, pool));
        if (!listed)
            all = refuse_name(all, name, not_listed(authority, name), pool);
        else if (wildcard && !qw_profile_allows_wildcard(profile))
            all =
                refuse_name(all, name,
                            "the profile does not allow wildcard names", pool);
    }
    return all;
}

/* NOLINTNEXTLINE(readability-function-size): each is another fact */
qw_problem_t *qw_gate_may_order(const qw_profile_t **profile, qw_db_t *db,
                                const qw_authority_t *authority,
                                const qw_account_t *account,
                                const apr_array_header_t *names,
                                const char *wanted, apr_pool_t *pool)
{
    qw_external_t *external;
    qw_identity_t *identity;

    QW_TRY(qw_gate_may_act(authority, account, pool));
    QW_TRY(qw_gate_has_agreed(authority, account, pool));
    QW_TRY(qw_external_get(&external, db, authority->name, account->external_id,
                           pool));
    QW_TRY(choose_profile(profile, authority, external, wanted, pool));
    QW_TRY(qw_gate_offer(authority, *profile, pool));
    QW_TRY(check_names(db, authority, external->id, *profile, names, pool));
    QW_TRY(qw_gate_offer_names(*profile, names, pool));
    return qw_gate_identity(&identity, authority, external, *profile, pool);
}
