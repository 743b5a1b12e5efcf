/* What operators may change. */
#include "base/text.h"
#include "portal/action.h"
#include "registry/approval.h"

#include <apr_strings.h>

#include <string.h>

enum { USES_MOST = 100, DAYS_MOST = 365 };

static int is_on(const qw_act_t *act, const char *name)
{
    return strcmp(qw_act_get(act, name), "yes") == 0;
}

/* What other accounts have is nobody's business here. */
static qw_problem_t *hide_others(qw_problem_t *prob, apr_pool_t *pool)
{
    if (prob != NULL && prob->code == QW_E_CONFLICT)
        return QW_FAIL_BECAUSE(pool, CONFLICT, prob->detail,
                               "the name is on this list already, or the "
                               "provider has to look into whose it is");
    return prob;
}

qw_problem_t *qw_do_add_domain(qw_act_t *act, const qw_page_t *page,
                               const qw_registry_t *r)
{
    qw_domain_t entry = { 0 }, *domain;
    qw_approval_t *approval;

    entry.name = qw_act_get(act, "name");
    entry.subtree = is_on(act, "subtree");
    entry.wildcard = is_on(act, "wildcard");
    entry.confirmed_by = r->actor;
    QW_TRY(hide_others(qw_registry_check_domain(&entry.name, r, act->external,
                                                &entry, 0),
                       r->pool));
    qw_act_set(act, "name", entry.name);
    act->was_asked = qw_authority_needs_two(r->authority, QW_ACTION_DOMAIN)
                     || qw_authority_is_high_risk(r->authority, entry.name);
    if (act->was_asked)
        return qw_registry_ask_domain(&approval, r, act->external, &entry, 0);
    return hide_others(qw_registry_add_domain(&domain, r, act->external, &entry,
                                              0),
                       r->pool);
}

qw_problem_t *qw_do_remove_domain(qw_act_t *act, const qw_page_t *page,
                                  const qw_registry_t *r)
{
    return qw_registry_remove_domain(r, act->external, qw_act_get(act, "name"));
}

/* *N of member NAME, from 1 to MOST. */
static qw_problem_t *number(int *n, const qw_act_t *act, const char *name,
                            int most, apr_pool_t *pool)
{
    const char *text = qw_act_get(act, name);
    char *end;
    apr_int64_t value = apr_strtoi64(text, &end, 10);

    if (end == text || *end != '\0' || value < 1 || value > most)
        return QW_FAIL(pool, INVALID_INPUT,
                       "%s: '%s' is not a number from 1 to %d", name,
                       qw_text_safe(text, 32, pool), most);
    *n = (int)value;
    return NULL;
}

qw_problem_t *qw_do_create_binding(qw_act_t *act, const qw_page_t *page,
                                   const qw_registry_t *r)
{
    qw_binding_spec_t spec = { 0 };
    int days;

    QW_TRY(number(&spec.max_uses, act, "uses", USES_MOST, r->pool));
    QW_TRY(number(&days, act, "days", DAYS_MOST, r->pool));
    spec.expires = page->now + apr_time_from_sec((apr_int64_t)days * 86400);
    spec.algs = "HS256 HS384 HS512";
    return qw_registry_create_binding(&act->kid, &act->mac_key, r,
                                      act->external, &spec, page->portal->ring);
}

/* A KeyID of another account is none (OPR-05). */
qw_problem_t *qw_act_binding(const char *kid, const qw_act_t *act,
                             const qw_registry_t *r)
{
    qw_binding_t *binding;

    QW_TRY(qw_binding_get(&binding, r->db, r->authority->name, kid, r->pool));
    if (strcmp(binding->external_id, act->external->id) != 0)
        return QW_FAIL(r->pool, NOT_FOUND, "there is no such KeyID");
    return NULL;
}

qw_problem_t *qw_do_revoke_binding(qw_act_t *act, const qw_page_t *page,
                                   const qw_registry_t *r)
{
    const char *kid = qw_act_get(act, "key");

    QW_TRY(qw_act_binding(kid, act, r));
    return qw_registry_revoke_binding(r, kid, is_on(act, "cascade"));
}

qw_problem_t *qw_do_rename_binding(qw_act_t *act, const qw_page_t *page,
                                   const qw_registry_t *r)
{
    const char *kid = qw_act_get(act, "key");

    QW_TRY(qw_act_binding(kid, act, r));
    return qw_registry_rename_binding(r, kid, qw_act_get(act, "label"));
}

qw_problem_t *qw_do_expire_binding(qw_act_t *act, const qw_page_t *page,
                                   const qw_registry_t *r)
{
    const char *kid = qw_act_get(act, "key");

    QW_TRY(qw_act_binding(kid, act, r));
    return qw_registry_expire_binding(r, kid);
}

qw_problem_t *qw_do_agree(qw_act_t *act, const qw_page_t *page,
                          const qw_registry_t *r)
{
    return qw_registry_agree(r, act->external, qw_act_get(act, "version"));
}

qw_problem_t *qw_do_suspend(qw_act_t *act, const qw_page_t *page,
                            const qw_registry_t *r)
{
    return qw_registry_suspend(r, QW_SUBJECT_EXTERNAL, act->external->id,
                               qw_act_get(act, "reason"));
}

/* One of another account is none (OPR-05). */
qw_problem_t *qw_act_acme(const char **id, const qw_act_t *act,
                          const qw_registry_t *r)
{
    qw_account_t *account;

    *id = qw_act_get(act, "acme");
    QW_TRY(qw_account_get(&account, r->db, r->authority->name, *id, r->pool));
    if (strcmp(account->external_id, act->external->id) != 0)
        return QW_FAIL(r->pool, NOT_FOUND, "there is no such ACME account");
    return NULL;
}

qw_problem_t *qw_do_suspend_acme(qw_act_t *act, const qw_page_t *page,
                                 const qw_registry_t *r)
{
    const char *id;

    QW_TRY(qw_act_acme(&id, act, r));
    return qw_registry_suspend(r, QW_SUBJECT_ACCOUNT, id,
                               qw_act_get(act, "reason"));
}

/* For oneself: the link is opened where the other passkey is. */
qw_problem_t *qw_do_add_passkey(qw_act_t *act, const qw_page_t *page,
                                const qw_registry_t *r)
{
    apr_time_t hour = apr_time_from_sec(3600);

    return qw_registry_invite_self(&act->invitation, r, page->person->id,
                                   page->now + hour);
}

/* A passkey of one's own, as long as another one is left. */
qw_problem_t *qw_do_remove_passkey(qw_act_t *act, const qw_page_t *page,
                                   const qw_registry_t *r)
{
    apr_array_header_t *all;
    int left = 0;

    QW_TRY(qw_authenticator_list(&all, r->db, page->person->id, r->pool));
    for (int i = 0; i < all->nelts; i++)
        left += APR_ARRAY_IDX(all, i, qw_authenticator_t *)->removed_by == NULL;
    if (left < 2)
        return QW_FAIL(r->pool, CONFLICT,
                       "this is your only passkey; register another one first");
    return qw_registry_remove_authenticator(r, page->person->id,
                                            qw_act_get(act, "passkey"));
}
