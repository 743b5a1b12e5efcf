/* What a case would do: one planner for each kind. Plans change nothing. */
#include "ca/case_priv.h"

#include "base/text.h"
#include "ca/revoke.h"
#include "store/db_order.h"

#include <apr_strings.h>

#include <string.h>

enum { PAGE = 1000, UNKNOWN_TOLD = 20, ISSUER_LEAST = 16 };

#define DAY_HOURS 24

typedef struct {
    const qw_registry_t *r;
    const qw_cases_ask_t *ask;
    qw_cases_plan_t *plan;
    apr_time_t now;
    int reason;
    apr_array_header_t *chosen; /* of const char *: serials, or NULL */
    apr_hash_t *wanted;         /* those, and whether they were met */
} planner_t;

/* ---- items ------------------------------------------------------------------- */

static qw_case_item_t *add(planner_t *p, const char *kind,
                           const char *subject_id, const char *label)
{
    qw_case_item_t *item = apr_pcalloc(p->r->pool, sizeof(*item));

    item->authority = p->r->authority->name;
    item->kind = kind;
    item->subject_id = subject_id;
    item->label = label;
    item->status = QW_case_item_PLANNED;
    APR_ARRAY_PUSH(p->plan->items, qw_case_item_t *) = item;
    return item;
}

static void then(planner_t *p, const char *what)
{
    APR_ARRAY_PUSH(p->plan->next, const char *) = what;
}

/* [OPR-13] */
static int in_window(const planner_t *p, apr_time_t created)
{
    return (p->ask->since != 0 || p->ask->until != 0)
           && created >= p->ask->since
           && (p->ask->until == 0 || created < p->ask->until);
}

static int is_to_revoke(const planner_t *p, const qw_case_pick_t *c)
{
    const char *revoke = p->ask->revoke;

    if (c->not_after <= p->now)
        return 0;
    if (c->revoked_at != 0
        && (p->reason != QW_REASON_KEY_COMPROMISE || c->reason == p->reason))
        return 0;
    if (p->chosen != NULL)
        return apr_hash_get(p->wanted, c->serial, APR_HASH_KEY_STRING) != NULL;
    if (strcmp(revoke, "window") == 0)
        return in_window(p, c->created);
    return strcmp(revoke, "all") == 0;
}

static void add_certificate(planner_t *p, const char *kind,
                            const qw_case_pick_t *c)
{
    int revoke = is_to_revoke(p, c);
    qw_case_item_t *item;

    if (p->wanted != NULL
        && apr_hash_get(p->wanted, c->serial, APR_HASH_KEY_STRING) != NULL)
        apr_hash_set(p->wanted, c->serial, APR_HASH_KEY_STRING, "met");
    item = add(p, revoke ? kind : QW_ITEM_LIST, c->id, c->serial);
    item->authority = c->authority;
    item->flagged = in_window(p, c->created);
    item->reason = revoke ? p->reason : 0;
    if (revoke && p->ask->revoke_at != 0)
        item->not_before = p->ask->revoke_at;
}

/* ---- certificates ------------------------------------------------------------ */

typedef struct {
    qw_pick_e by;
    const char *key;
    int everywhere;  /* in every authority */
    int only_chosen; /* those that are not to be revoked are not even listed */
    const char *external_id, *account_id; /* of a precertificate; NULL: any */
} pick_t;

/* NAMES is a JSON array of A-labels. */
static int is_below(const char *names, const char *domain, apr_pool_t *pool)
{
    json_t *list = json_loads(names, 0, NULL), *name;
    apr_size_t i, n = strlen(domain);
    int found = 0;

    (void)pool;
    json_array_foreach(list, i, name)
    {
        const char *text = json_string_value(name);
        apr_size_t len = strlen(text);

        found |= len >= n && strcmp(text + len - n, domain) == 0
                 && (len == n || text[len - n - 1] == '.');
    }
    json_decref(list);
    return found;
}

static int is_meant(const planner_t *p, const pick_t *pick,
                    const qw_case_pick_t *c)
{
    const qw_cases_ask_t *ask = p->ask;

    if (!pick->everywhere && strcmp(c->authority, p->r->authority->name) != 0)
        return 0;
    if (pick->only_chosen && !is_to_revoke(p, c))
        return 0;
    if ((pick->external_id != NULL
         && strcmp(c->external_id, pick->external_id) != 0)
        || (pick->account_id != NULL
            && strcmp(c->account_id, pick->account_id) != 0))
        return 0;
    if (ask->issuer != NULL
        && strncmp(c->issuer, ask->issuer, strlen(ask->issuer)) != 0)
        return 0;
    return ask->domain == NULL || is_below(c->names, ask->domain, p->r->pool);
}

static qw_problem_t *pick_pages(planner_t *p, const pick_t *pick,
                                const char *kind)
{
    const qw_case_pick_t *after = NULL;
    apr_array_header_t *page;

    do {
        QW_TRY(qw_case_pick(&page, p->r->db, pick->by, pick->key, after, PAGE,
                            p->r->pool));
        for (int i = 0; i < page->nelts; i++) {
            after = APR_ARRAY_IDX(page, i, qw_case_pick_t *);
            if (is_meant(p, pick, after))
                add_certificate(p, kind, after);
        }
    } while (page->nelts == PAGE);
    return NULL;
}

/* OF says whose; PICK->key is an issuer here. */
static qw_problem_t *pick_precerts(planner_t *p, const pick_t *of)
{
    const char *issuer = "";

    for (;;) {
        pick_t pick = *of;

        QW_TRY(qw_attempt_next_issuer(&issuer, p->r->db, issuer, p->r->pool));
        if (issuer == NULL)
            return NULL;
        pick.by = QW_PICK_PRECERT;
        pick.key = issuer;
        QW_TRY(pick_pages(p, &pick, QW_ITEM_REVOKE_PRECERT));
    }
}

/* BR-7.1.2.9: with what was promised and never became a certificate. */
static qw_problem_t *pick_all(planner_t *p, const pick_t *pick)
{
    pick_t of = *pick;

    QW_TRY(pick_pages(p, pick, QW_ITEM_REVOKE));
    if (pick->by == QW_PICK_EXTERNAL)
        of.external_id = pick->key;
    else if (pick->by == QW_PICK_ACCOUNT)
        of.account_id = pick->key;
    else if (pick->by != QW_PICK_AUTHORITY)
        return NULL;
    return pick_precerts(p, &of);
}

/* The serials that are to be revoked, from words or from a list. */
static void want(planner_t *p, const apr_array_header_t *serials)
{
    p->wanted = apr_hash_make(p->r->pool);
    for (int i = 0; i < serials->nelts; i++)
        apr_hash_set(p->wanted, APR_ARRAY_IDX(serials, i, const char *),
                     APR_HASH_KEY_STRING, "wanted");
}

static qw_problem_t *check_wanted(const planner_t *p)
{
    qw_problem_t *all = NULL;
    int told = 0;

    if (p->wanted == NULL)
        return NULL;
    for (apr_hash_index_t *at = apr_hash_first(p->r->pool, p->wanted);
         at != NULL; at = apr_hash_next(at)) {
        if (strcmp(apr_hash_this_val(at), "met") == 0)
            continue;
        if (all == NULL)
            all = QW_FAIL(p->r->pool, INVALID_INPUT,
                          "nothing was planned: there are no certificates with "
                          "these serials among those that are meant");
        if (told++ < UNKNOWN_TOLD)
            qw_problem_add(all,
                           QW_FAIL(p->r->pool, INVALID_INPUT, "%s",
                                   qw_text_safe(apr_hash_this_key(at), 64,
                                                p->r->pool)),
                           p->r->pool);
    }
    return all;
}

/* ---- what other planners share --------------------------------------------- */

static void suspend_account(planner_t *p, const qw_account_t *a)
{
    qw_case_item_t *item;

    if (a->status != QW_account_VALID)
        return;
    item = add(p, a->suspended ? QW_ITEM_LIST : QW_ITEM_SUSPEND_ACCOUNT, a->id,
               a->thumbprint);
    item->authority = a->authority;
    item->flagged = in_window(p, a->created);
}

static qw_problem_t *kill_authzs(planner_t *p, const char *account_id)
{
    apr_array_header_t *authzs;

    QW_TRY(qw_case_authzs(&authzs, p->r->db, account_id, p->now, p->r->pool));
    for (int i = 0; i < authzs->nelts; i++) {
        const qw_authz_t *a = APR_ARRAY_IDX(authzs, i, qw_authz_t *);

        add(p, QW_ITEM_KILL_AUTHZ, a->id, qw_authz_identifier(a, p->r->pool))
            ->flagged = in_window(p, a->created);
    }
    return NULL;
}

static qw_problem_t *serials_one_by_one(planner_t *p)
{
    pick_t pick = { .by = QW_PICK_SERIAL };

    for (int i = 0; i < p->ask->serials->nelts; i++) {
        pick.key = APR_ARRAY_IDX(p->ask->serials, i, const char *);
        QW_TRY(pick_all(p, &pick));
    }
    return NULL;
}

/* ---- planners ------------------------------------------------------------------ */

static qw_problem_t *no_such(const planner_t *p, const char *what,
                             qw_problem_t *prob)
{
    if (prob != NULL && prob->code == QW_E_NOT_FOUND)
        return QW_FAIL(p->r->pool, NOT_FOUND, "authority %s has no %s '%s'",
                       p->r->authority->name, what,
                       qw_text_safe(p->ask->subject, 64, p->r->pool));
    return prob;
}

static qw_problem_t *plan_acme_account(planner_t *p)
{
    pick_t pick = { .by = QW_PICK_ACCOUNT, .key = p->ask->subject };
    qw_account_t *account;

    QW_TRY(no_such(p, "ACME account",
                   qw_account_get(&account, p->r->db, p->r->authority->name,
                                  p->ask->subject, p->r->pool)));
    suspend_account(p, account);
    QW_TRY(kill_authzs(p, account->id));
    then(p, "Tell the subscriber at another address than the account's: its "
            "account key is to be taken as known to others.");
    then(p, "The subscriber makes a new account key. Either it is given a new "
            "KeyID (qwacmectl binding create ACCOUNT) and binds a new ACME "
            "account, the clean way; or, if only the key was copied and the "
            "contents of the account are all its own, two officers resume the "
            "account and the client changes its key at once (keyChange).");
    then(p,
         "Let the subscriber say of each certificate listed whether it asked "
         "for it; revoke the others: qwacmectl certificate revoke.");
    return pick_all(p, &pick);
}

static qw_problem_t *suspend_bindings(planner_t *p, const char *external_id)
{
    apr_array_header_t *bindings;

    QW_TRY(qw_binding_list(&bindings, p->r->db, external_id, p->r->pool));
    for (int i = 0; i < bindings->nelts; i++) {
        const qw_binding_t *b = APR_ARRAY_IDX(bindings, i, qw_binding_t *);

        add(p,
            b->status == QW_binding_ACTIVE ? QW_ITEM_SUSPEND_BINDING
                                           : QW_ITEM_LIST,
            b->id, qw_state_word(b->status))
            ->flagged = in_window(p, b->created);
    }
    return NULL;
}

static qw_problem_t *end_accounts(planner_t *p, const char *external_id)
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
static qw_problem_t *plan_external(planner_t *p)
{
    pick_t pick = { .by = QW_PICK_EXTERNAL };
    qw_external_t *external;

    QW_TRY(no_such(p, "external account",
                   qw_registry_find(&external, p->r, p->ask->subject)));
    p->plan->head.subject = external->id;
    pick.key = external->id;
    if (external->status == QW_external_ACTIVE)
        add(p, QW_ITEM_SUSPEND_EXTERNAL, external->id, external->name);
    QW_TRY(suspend_bindings(p, external->id));
    QW_TRY(end_accounts(p, external->id));
    then(p, "Verify the identity anew, by the subscriber's representative and "
            "over contacts that were known before (qwacmectl account verify). "
            "The account does not resume before that.");
    then(p,
         "Go through its domain list with the subscriber, remove what it did "
         "not confirm; end the sessions and authenticators of its operators.");
    then(p, "Then two officers resume the external account; it gets new KeyIDs "
            "and binds new ACME accounts; revoke the old ones.");
    return pick_all(p, &pick);
}

/* *KEY with its thumbprint, if need be by a certificate that has it. */
static qw_problem_t *complete_key(qw_key_id_t *key, const planner_t *p)
{
    apr_pool_t *pool = p->r->pool;
    qw_certificate_t *certificate;
    apr_array_header_t *found;
    const qw_case_pick_t *first;

    *key = *p->ask->key;
    if (key->thumbprint != NULL)
        return NULL;
    QW_TRY(qw_case_pick(&found, p->r->db, QW_PICK_KEY, key->spki_hash, NULL, 1,
                        pool));
    if (found->nelts == 0)
        return QW_FAIL(pool, NOT_FOUND,
                       "no certificate has the key %s; give a file with the "
                       "key, so that it can be blocked",
                       qw_text_safe(key->spki_hash, 64, pool));
    first = APR_ARRAY_IDX(found, 0, qw_case_pick_t *);
    QW_TRY(qw_certificate_get(&certificate, p->r->db, first->authority, NULL,
                              first->id, pool));
    return qw_certificate_key_id(key, certificate, pool);
}

/* BR-4.9.1.1: within 24 hours, whoever's certificates they are. */
static qw_problem_t *plan_key(planner_t *p)
{
    pick_t pick = { .by = QW_PICK_KEY, .everywhere = 1, .only_chosen = 1 };
    apr_array_header_t *accounts;
    qw_key_id_t key;

    QW_TRY(complete_key(&key, p));
    pick.key = key.spki_hash;
    p->plan->head.subject = key.spki_hash;
    add(p, QW_ITEM_BLOCK_KEY, key.spki_hash, key.thumbprint);
    QW_TRY(qw_account_list_by_key(&accounts, p->r->db, key.thumbprint,
                                  p->r->pool));
    for (int i = 0; i < accounts->nelts; i++)
        suspend_account(p, APR_ARRAY_IDX(accounts, i, qw_account_t *));
    then(p, "Tell each subscriber: new keys, new certificates; the key is "
            "refused for ever, also in other certificates and as account key.");
    then(p, "Keep what proves that the key is out beside the case (qwacmectl "
            "case note).");
    return pick_all(p, &pick);
}

static qw_problem_t *plan_binding(planner_t *p)
{
    apr_array_header_t *accounts;
    qw_binding_t *binding;

    QW_TRY(no_such(p, "KeyID",
                   qw_binding_get(&binding, p->r->db, p->r->authority->name,
                                  p->ask->subject, p->r->pool)));
    if (binding->status != QW_binding_REVOKED)
        add(p, QW_ITEM_REVOKE_BINDING, binding->id, binding->external_id);
    QW_TRY(qw_account_list(&accounts, p->r->db, p->r->authority->name,
                           binding->external_id, p->r->pool));
    for (int i = 0; i < accounts->nelts; i++) {
        const qw_account_t *a = APR_ARRAY_IDX(accounts, i, qw_account_t *);
        pick_t pick = { .by = QW_PICK_ACCOUNT, .key = a->id };

        if (strcmp(a->binding_id, binding->id) != 0
            || a->created < p->ask->since)
            continue;
        suspend_account(p, a);
        QW_TRY(pick_all(p, &pick));
    }
    then(p, "Let the subscriber say which of these accounts are its own; two "
            "officers resume those, the others stay suspended.");
    then(p, "Give it a new KeyID over a channel that is not the one that "
            "leaked: qwacmectl binding create.");
    return NULL;
}

/* First all clients are told to renew, then, at the deadline, it is revoked. */
static qw_problem_t *plan_mis_issuance(planner_t *p)
{
    int n;

    if (p->ask->url == NULL)
        return QW_FAIL(p->r->pool, INVALID_INPUT,
                       "url: say where subscribers read what it is about");
    if (p->ask->revoke_at <= p->now)
        return QW_FAIL(p->r->pool, INVALID_INPUT,
                       "revoke-at: say when they are revoked at the latest, "
                       "24h or 5d from now (BR 4.9.1.1)");
    want(p, p->ask->serials);
    QW_TRY(serials_one_by_one(p));
    n = p->plan->items->nelts;
    for (int i = 0; i < n; i++) {
        const qw_case_item_t *c =
            APR_ARRAY_IDX(p->plan->items, i, qw_case_item_t *);

        if (strcmp(c->kind, QW_ITEM_REVOKE) == 0)
            add(p, QW_ITEM_RECALL, c->label, c->label);
    }
    p->plan->head.due = p->ask->revoke_at;
    then(p,
         "Clients that ask for renewal information renew by themselves; look "
         "who has not, and call them before the deadline.");
    then(p, "At the deadline the rest is revoked by httpd; sooner by qwacmectl "
            "case run CASE --early.");
    then(p, "Report the incident: root programmes, supervisory body (24 h).");
    return NULL;
}

static qw_problem_t *check_issuer(const planner_t *p)
{
    if (p->ask->issuer != NULL && strlen(p->ask->issuer) < ISSUER_LEAST)
        return QW_FAIL(p->r->pool, INVALID_INPUT,
                       "issuer: '%s' is not the first %d or more hex digits of "
                       "the hash of an issuing key",
                       qw_text_safe(p->ask->issuer, 64, p->r->pool),
                       ISSUER_LEAST);
    return NULL;
}

static qw_problem_t *plan_ca_drill(planner_t *p)
{
    pick_t pick = { .by = QW_PICK_AUTHORITY,
                    .key = p->r->authority->name,
                    .only_chosen = 1 };

    if (p->r->authority->kind != QW_KIND_TEST)
        return QW_FAIL(p->r->pool, INVALID_INPUT,
                       "authority %s is for production; a drill is for test "
                       "authorities (an emergency: OPERATIONS, Runbooks)",
                       p->r->authority->name);
    QW_TRY(check_issuer(p));
    then(p, "Compare the time it took with the 24 hours of BR 4.9.1.2, and "
            "write it down.");
    return pick_all(p, &pick);
}

static qw_problem_t *plan_bulk(planner_t *p)
{
    const qw_cases_ask_t *ask = p->ask;
    pick_t pick = { .by = QW_PICK_AUTHORITY,
                    .key = p->r->authority->name,
                    .only_chosen = 1 };

    QW_TRY(check_issuer(p));
    if (ask->serials != NULL) {
        want(p, ask->serials);
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
    return pick_all(p, &pick);
}

/* ---- kinds ----------------------------------------------------------------------- */

static const struct kind_t {
    const char *name;
    qw_problem_t *(*plan)(planner_t *p);
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

static void put(json_t *object, const char *name, const char *value)
{
    if (value != NULL)
        json_object_set_new(object, name, json_string(value));
}

/* For the record: how the items were chosen. */
static const char *options_of(const planner_t *p)
{
    const qw_cases_ask_t *ask = p->ask;
    apr_pool_t *pool = p->r->pool;
    json_t *o = qw_json_new_object(pool);

    put(o, "account", ask->external_id);
    put(o, "acmeAccount", ask->account_id);
    put(o, "domain", ask->domain);
    put(o, "issuer", ask->issuer);
    put(o, "key", ask->key != NULL ? ask->key->spki_hash : NULL);
    put(o, "revoke", ask->revoke);
    put(o, "reason", qw_reason_name(p->reason));
    put(o, "url", ask->url);
    put(o, "since", ask->since != 0 ? qw_text_time(ask->since, pool) : NULL);
    put(o, "until", ask->until != 0 ? qw_text_time(ask->until, pool) : NULL);
    put(o, "revokeAt",
        ask->revoke_at != 0 ? qw_text_time(ask->revoke_at, pool) : NULL);
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
static void read_revoke(planner_t *p)
{
    const char *revoke = p->ask->revoke;

    if (strcmp(revoke, "all") == 0 || strcmp(revoke, "none") == 0
        || strcmp(revoke, "window") == 0)
        return;
    p->chosen = qw_text_words(qw_text_lower(revoke, p->r->pool), p->r->pool);
    want(p, p->chosen);
}

qw_problem_t *qw_cases_plan(qw_cases_plan_t **plan, const qw_registry_t *r,
                            const qw_cases_ask_t *asked)
{
    const struct kind_t *kind = find_kind(asked->kind);
    qw_cases_ask_t ask = *asked;
    planner_t p = { r,    &ask, apr_pcalloc(r->pool, sizeof(*p.plan)), 0, 0,
                    NULL, NULL };

    if (ask.revoke == NULL)
        ask.revoke = kind->revoke;
    p.now = qw_authority_now(r->authority);
    p.reason = ask.reason >= 0 ? ask.reason : kind->reason;
    p.plan->items = apr_array_make(r->pool, 16, sizeof(qw_case_item_t *));
    p.plan->next = apr_array_make(r->pool, 4, sizeof(const char *));
    p.plan->head.kind = kind->name;
    p.plan->head.subject = ask.subject;
    if (kind->hours != 0)
        p.plan->head.due = p.now + apr_time_from_sec(kind->hours * 3600);
    QW_TRY(check_ask(&ask, r->pool));
    read_revoke(&p);
    QW_TRY(kind->plan(&p));
    QW_TRY(check_wanted(&p));
    p.plan->head.options = options_of(&p);
    *plan = p.plan;
    return NULL;
}
