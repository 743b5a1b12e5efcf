/* What a case would do: one planner for each kind. Plans change nothing. */
#include "ca/case_priv.h"

#include "base/put.h"
#include "base/text.h"
#include "ca/precert.h"
#include "ca/revoke.h"
#include "conf/value.h"
#include "store/db_ledger.h"
#include "store/db_order.h"
#include "store/db_person.h"

#include <apr_strings.h>

#include <string.h>

enum { ISSUER_LEAST = 16 };

#define DAY_HOURS 24

/* ---- what other planners share --------------------------------------------- */

static void suspend_account(qw_planner_t *p, const qw_account_t *a)
{
    qw_case_item_t *item;

    if (a->status != QW_account_VALID)
        return;
    item = qw_plan_add(p, a->suspended ? QW_ITEM_LIST : QW_ITEM_SUSPEND_ACCOUNT,
                       a->id, a->thumbprint);
    item->authority = a->authority;
    item->flagged = qw_plan_in_window(p, a->created);
}

static qw_problem_t *kill_authzs(qw_planner_t *p, const char *account_id)
{
    apr_array_header_t *authzs;

    QW_TRY(qw_case_authzs(&authzs, p->r->db, account_id, p->now, p->r->pool));
    for (int i = 0; i < authzs->nelts; i++) {
        const qw_authz_t *a = APR_ARRAY_IDX(authzs, i, qw_authz_t *);

        qw_plan_add(p, QW_ITEM_KILL_AUTHZ, a->id,
                    qw_authz_identifier(a, p->r->pool))
            ->flagged = qw_plan_in_window(p, a->created);
    }
    return NULL;
}

static qw_problem_t *serials_one_by_one(qw_planner_t *p)
{
    qw_plan_pick_t pick = { .by = QW_PICK_SERIAL };

    for (int i = 0; i < p->ask->serials->nelts; i++) {
        pick.key = APR_ARRAY_IDX(p->ask->serials, i, const char *);
        QW_TRY(qw_plan_pick(p, &pick));
    }
    return NULL;
}

/* ---- planners ------------------------------------------------------------------ */

static qw_problem_t *no_such(const qw_planner_t *p, const char *what,
                             const char *id, qw_problem_t *prob)
{
    if (prob != NULL && prob->code == QW_E_NOT_FOUND)
        return QW_FAIL(p->r->pool, NOT_FOUND, "authority %s has no %s '%s'",
                       p->r->authority->name, what,
                       qw_text_safe(id, 64, p->r->pool));
    return prob;
}

static qw_problem_t *plan_acme_account(qw_planner_t *p)
{
    qw_plan_pick_t pick = { .by = QW_PICK_ACCOUNT, .key = p->ask->subject };
    qw_account_t *account;

    QW_TRY(no_such(p, "ACME account", p->ask->subject,
                   qw_account_get(&account, p->r->db, p->r->authority->name,
                                  p->ask->subject, p->r->pool)));
    suspend_account(p, account);
    QW_TRY(kill_authzs(p, account->id));
    return qw_plan_pick(p, &pick);
}

static qw_problem_t *suspend_bindings(qw_planner_t *p, const char *external_id)
{
    apr_array_header_t *bindings;

    QW_TRY(qw_binding_list(&bindings, p->r->db, external_id, p->r->pool));
    for (int i = 0; i < bindings->nelts; i++) {
        const qw_binding_t *b = APR_ARRAY_IDX(bindings, i, qw_binding_t *);

        qw_plan_add(p,
                    b->status == QW_binding_ACTIVE ? QW_ITEM_SUSPEND_BINDING
                                                   : QW_ITEM_LIST,
                    b->id, qw_state_word(b->status))
            ->flagged = qw_plan_in_window(p, b->created);
    }
    return NULL;
}

static qw_problem_t *end_accounts(qw_planner_t *p, const char *external_id)
{
    apr_array_header_t *accounts;

    QW_TRY(qw_account_list(&accounts, p->r->db, p->r->authority->name,
                           external_id, p->r->pool));
    for (int i = 0; i < accounts->nelts; i++)
        suspend_account(p, APR_ARRAY_IDX(accounts, i, qw_account_t *));
    for (int i = 0; i < accounts->nelts; i++)
        QW_TRY(kill_authzs(p, APR_ARRAY_IDX(accounts, i, qw_account_t *)->id));
    return NULL;
}

/* [OPR-11] */
static qw_problem_t *end_operators(qw_planner_t *p, const char *external_id)
{
    apr_array_header_t *people;

    QW_TRY(qw_operator_list(&people, p->r->db, external_id, p->r->pool));
    for (int i = 0; i < people->nelts; i++) {
        const qw_person_t *person =
            APR_ARRAY_IDX(people, i, const qw_person_t *);

        qw_plan_add(p, QW_ITEM_END_ACCESS, person->id, person->name);
    }
    return NULL;
}

static qw_problem_t *plan_external(qw_planner_t *p)
{
    qw_plan_pick_t pick = { .by = QW_PICK_EXTERNAL };
    qw_external_t *external;

    QW_TRY(no_such(p, "external account", p->ask->subject,
                   qw_registry_find(&external, p->r, p->ask->subject)));
    p->plan->head.subject = external->id;
    pick.key = external->id;
    if (external->status == QW_external_ACTIVE)
        qw_plan_add(p, QW_ITEM_SUSPEND_EXTERNAL, external->id, external->name);
    QW_TRY(end_operators(p, external->id));
    QW_TRY(suspend_bindings(p, external->id));
    QW_TRY(end_accounts(p, external->id));
    return qw_plan_pick(p, &pick);
}

/* *CERTIFICATE, or precertificate, that has the key of SPKI_HASH; NULL if none
 * has. */
static qw_problem_t *find_by_key(qw_certificate_t **certificate,
                                 const qw_planner_t *p, const char *spki_hash)
{
    qw_pick_query_t query = { QW_PICK_KEY, spki_hash, NULL, 1 };
    apr_pool_t *pool = p->r->pool;
    apr_array_header_t *found;
    qw_attempt_t *attempt;

    *certificate = NULL;
    QW_TRY(qw_case_pick(&found, p->r->db, &query, pool));
    if (found->nelts > 0) {
        const qw_case_pick_t *first = APR_ARRAY_IDX(found, 0, qw_case_pick_t *);

        return qw_certificate_get(certificate, p->r->db, first->authority, NULL,
                                  first->id, pool);
    }
    query.by = QW_PICK_PRECERT_KEY;
    QW_TRY(qw_case_pick(&found, p->r->db, &query, pool));
    if (found->nelts == 0)
        return NULL;
    QW_TRY(qw_attempt_get(&attempt, p->r->db,
                          APR_ARRAY_IDX(found, 0, qw_case_pick_t *)->id, pool));
    return qw_precert_certificate(certificate, p->r->db, attempt, pool);
}

/* *KEY with its thumbprint, if need be by a certificate that has it. */
static qw_problem_t *complete_key(qw_key_id_t *key, const qw_planner_t *p)
{
    apr_pool_t *pool = p->r->pool;
    qw_certificate_t *certificate;

    *key = *p->ask->key;
    if (key->thumbprint != NULL)
        return NULL;
    QW_TRY(find_by_key(&certificate, p, key->spki_hash));
    if (certificate == NULL)
        return QW_FAIL(pool, NOT_FOUND,
                       "no certificate has the key %s; give a file with the "
                       "key, so that it can be blocked",
                       qw_text_safe(key->spki_hash, 64, pool));
    return qw_certificate_key_id(key, certificate, pool);
}

/* BR-4.9.1.1: within 24 hours, whoever's certificates they are. */
static qw_problem_t *plan_key(qw_planner_t *p)
{
    qw_plan_pick_t pick = { .by = QW_PICK_KEY,
                            .everywhere = 1,
                            .only_chosen = 1 };
    apr_array_header_t *accounts;
    qw_key_id_t key;

    QW_TRY(complete_key(&key, p));
    pick.key = key.spki_hash;
    p->plan->head.subject = key.spki_hash;
    qw_plan_add(p, QW_ITEM_BLOCK_KEY, key.spki_hash, key.thumbprint);
    QW_TRY(qw_account_list_by_key(&accounts, p->r->db, key.thumbprint,
                                  p->r->pool));
    for (int i = 0; i < accounts->nelts; i++)
        suspend_account(p, APR_ARRAY_IDX(accounts, i, qw_account_t *));
    return qw_plan_pick(p, &pick);
}

static qw_problem_t *plan_binding(qw_planner_t *p)
{
    apr_array_header_t *accounts;
    qw_binding_t *binding;

    QW_TRY(no_such(p, "KeyID", p->ask->subject,
                   qw_binding_get(&binding, p->r->db, p->r->authority->name,
                                  p->ask->subject, p->r->pool)));
    if (binding->status != QW_binding_REVOKED)
        qw_plan_add(p, QW_ITEM_REVOKE_BINDING, binding->id,
                    binding->external_id);
    QW_TRY(qw_account_list(&accounts, p->r->db, p->r->authority->name,
                           binding->external_id, p->r->pool));
    for (int i = 0; i < accounts->nelts; i++) {
        const qw_account_t *a = APR_ARRAY_IDX(accounts, i, qw_account_t *);
        qw_plan_pick_t pick = { .by = QW_PICK_ACCOUNT, .key = a->id };

        if (strcmp(a->binding_id, binding->id) != 0
            || a->created < p->ask->since)
            continue;
        suspend_account(p, a);
        QW_TRY(qw_plan_pick(p, &pick));
    }
    return NULL;
}

/* First all clients are told to renew, then, at the deadline, it is revoked. */
static qw_problem_t *plan_mis_issuance(qw_planner_t *p)
{
    int n;

    if (p->ask->url == NULL || !qw_value_is_url(p->ask->url, "https://"))
        return QW_FAIL(p->r->pool, INVALID_INPUT,
                       "url: '%s' is not an https URL; say where subscribers "
                       "read what it is about",
                       qw_text_safe(p->ask->url != NULL ? p->ask->url : "", 128,
                                    p->r->pool));
    if (p->ask->revoke_at <= p->now)
        return QW_FAIL(p->r->pool, INVALID_INPUT,
                       "revoke-at: say when they are revoked at the latest, "
                       "24h or 5d from now (BR 4.9.1.1)");
    qw_plan_want(p, p->ask->serials);
    QW_TRY(serials_one_by_one(p));
    n = p->plan->items->nelts;
    for (int i = 0; i < n; i++) {
        const qw_case_item_t *c =
            APR_ARRAY_IDX(p->plan->items, i, qw_case_item_t *);

        if (strcmp(c->kind, QW_ITEM_REVOKE) == 0)
            qw_plan_add(p, QW_ITEM_RECALL, c->label, c->label);
    }
    p->plan->head.due = p->ask->revoke_at;
    return NULL;
}

static qw_problem_t *check_issuer(const qw_planner_t *p)
{
    if (p->ask->issuer != NULL && strlen(p->ask->issuer) < ISSUER_LEAST)
        return QW_FAIL(p->r->pool, INVALID_INPUT,
                       "issuer: '%s' is not the first %d or more hex digits of "
                       "the hash of an issuing key",
                       qw_text_safe(p->ask->issuer, 64, p->r->pool),
                       ISSUER_LEAST);
    return NULL;
}

static qw_problem_t *plan_ca_drill(qw_planner_t *p)
{
    qw_plan_pick_t pick = { .by = QW_PICK_AUTHORITY,
                            .key = p->r->authority->name,
                            .only_chosen = 1 };

    if (p->r->authority->kind != QW_KIND_TEST)
        return QW_FAIL(p->r->pool, INVALID_INPUT,
                       "authority %s is for production; a drill is for test "
                       "authorities (an emergency: OPERATIONS, Runbooks)",
                       p->r->authority->name);
    QW_TRY(check_issuer(p));
    return qw_plan_pick(p, &pick);
}

static qw_problem_t *check_account(const qw_planner_t *p)
{
    qw_account_t *account;

    if (p->ask->account_id == NULL)
        return NULL;
    return no_such(p, "ACME account", p->ask->account_id,
                   qw_account_get(&account, p->r->db, p->r->authority->name,
                                  p->ask->account_id, p->r->pool));
}

static qw_problem_t *plan_bulk(qw_planner_t *p)
{
    const qw_cases_ask_t *ask = p->ask;
    qw_plan_pick_t pick = { .by = QW_PICK_AUTHORITY,
                            .key = p->r->authority->name,
                            .only_chosen = 1 };

    QW_TRY(check_issuer(p));
    QW_TRY(check_account(p));
    if (ask->serials != NULL) {
        qw_plan_want(p, ask->serials);
        return serials_one_by_one(p);
    }
    if (ask->external_id != NULL) {
        pick.by = QW_PICK_EXTERNAL;
        pick.key = ask->external_id;
    }
    else if (ask->account_id != NULL) {
        pick.by = QW_PICK_ACCOUNT;
        pick.key = ask->account_id;
    }
    else if (ask->key != NULL) {
        pick.by = QW_PICK_KEY;
        pick.key = ask->key->spki_hash;
    }
    return qw_plan_pick(p, &pick);
}

/* ---- kinds ----------------------------------------------------------------------- */

static const struct kind_t {
    const char *name;
    qw_problem_t *(*plan)(qw_planner_t *p);
    int hours;  /* until it is due; 0: no clock runs */
    int reason; /* unless another is asked for */
    const char *revoke;
} kinds[] = {
    { QW_CASE_ACME_ACCOUNT, plan_acme_account, DAY_HOURS, 9, "none" },
    { QW_CASE_EXTERNAL_ACCOUNT, plan_external, DAY_HOURS, 9, "none" },
    { QW_CASE_KEY, plan_key, DAY_HOURS, QW_REASON_KEY_COMPROMISE, "all" },
    { QW_CASE_BINDING, plan_binding, 0, 9, "none" },
    { QW_CASE_MIS_ISSUANCE, plan_mis_issuance, 0, 4, "all" },
    { QW_CASE_CA_DRILL, plan_ca_drill, DAY_HOURS, 0, "all" },
    { QW_CASE_BULK_REVOKE, plan_bulk, 0, 0, "all" },
};

static const struct kind_t *find_kind(const char *name)
{
    for (unsigned i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
        if (strcmp(kinds[i].name, name) == 0)
            return &kinds[i];
    return NULL;
}

/* For the record: how the items were chosen. */
static const char *options_of(const qw_planner_t *p)
{
    const qw_cases_ask_t *ask = p->ask;
    apr_pool_t *pool = p->r->pool;
    json_t *o = qw_json_new_object(pool);

    qw_put_text(o, "account", ask->external_id);
    qw_put_text(o, "acmeAccount", ask->account_id);
    qw_put_text(o, "domain", ask->domain);
    qw_put_text(o, "issuer", ask->issuer);
    qw_put_text(o, "key", ask->key != NULL ? ask->key->spki_hash : NULL);
    qw_put_text(o, "revoke", ask->revoke);
    qw_put_text(o, "reason", qw_reason_name(p->reason));
    qw_put_text(o, "url", ask->url);
    qw_put_text(o, "since",
                ask->since != 0 ? qw_text_time(ask->since, pool) : NULL);
    qw_put_text(o, "until",
                ask->until != 0 ? qw_text_time(ask->until, pool) : NULL);
    qw_put_text(o, "revokeAt",
                ask->revoke_at != 0 ? qw_text_time(ask->revoke_at, pool)
                                    : NULL);
    return qw_json_dump(o, pool);
}

static qw_problem_t *check_ask(const qw_cases_ask_t *ask, apr_pool_t *pool)
{
    if (ask->since != 0 && ask->until != 0 && ask->until <= ask->since)
        return QW_FAIL(pool, INVALID_INPUT,
                       "until: '%s' is not after since (%s)",
                       qw_text_time(ask->until, pool),
                       qw_text_time(ask->since, pool));
    if (ask->revoke != NULL && strcmp(ask->revoke, "window") == 0
        && ask->since == 0 && ask->until == 0)
        return QW_FAIL(pool, INVALID_INPUT,
                       "revoke: 'window' without one; give since or until");
    return NULL;
}

/* Words that are no choice of their own are serials. */
static void read_revoke(qw_planner_t *p)
{
    const char *revoke = p->ask->revoke;

    if (strcmp(revoke, "all") == 0 || strcmp(revoke, "none") == 0
        || strcmp(revoke, "window") == 0)
        return;
    p->chosen = qw_text_words(qw_text_lower(revoke, p->r->pool), p->r->pool);
    qw_plan_want(p, p->chosen);
}

qw_problem_t *qw_cases_plan(qw_cases_plan_t **plan, const qw_registry_t *r,
                            const qw_cases_ask_t *asked)
{
    const struct kind_t *kind = find_kind(asked->kind);
    qw_cases_ask_t ask = *asked;
    qw_planner_t p = { r,    &ask, apr_pcalloc(r->pool, sizeof(*p.plan)), 0, 0,
                       NULL, NULL };

    if (ask.revoke == NULL)
        ask.revoke = kind->revoke;
    p.now = qw_authority_now(r->authority);
    p.reason = ask.reason >= 0 ? ask.reason : kind->reason;
    p.plan->items = apr_array_make(r->pool, 16, sizeof(qw_case_item_t *));
    p.plan->head.kind = kind->name;
    p.plan->head.subject = ask.subject;
    if (kind->hours != 0)
        p.plan->head.due = p.now + apr_time_from_sec(kind->hours * 3600);
    QW_TRY(check_ask(&ask, r->pool));
    read_revoke(&p);
    QW_TRY(kind->plan(&p));
    QW_TRY(qw_plan_check_wanted(&p));
    p.plan->head.options = options_of(&p);
    *plan = p.plan;
    return NULL;
}
