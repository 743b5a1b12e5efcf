/* newAccount, RFC8555-7.3, with its external account binding, RFC8555-7.3.4 */
#include "acme/contact.h"
#include "acme/render.h"
#include "base/text.h"
#include "base/world.h"
#include "gate/gate.h"
#include "gate/keys.h"
#include "gate/limits.h"
#include "jose/eab.h"
#include "store/db_account.h"

#include <apr_strings.h>

#include <string.h>

typedef struct {
    const qw_call_t *call;
    const char *contacts;
    int agreed;
    int only_existing;
    json_t *binding; /* NULL if the request has none */
    qw_eab_t *eab;
    qw_account_t *account;
    int created;
    int wrong_mac;
    int spent; /* the KeyID has no use left */
} request_t;

/* One sentence for every reason: what is wrong with a KeyID is not told. */
static qw_problem_t *refuse_binding(const char *why, apr_pool_t *pool)
{
    return QW_FAIL_BECAUSE(pool, UNAUTHORIZED, why,
                           "the external account binding is not accepted");
}

static qw_problem_t *read_request(request_t *r)
{
    const qw_call_t *call = r->call;
    const json_t *payload = call->payload;

    QW_TRY(qw_json_bool(&r->only_existing, payload, "onlyReturnExisting",
                        QW_OPTIONAL, call->pool));
    QW_TRY(qw_json_bool(&r->agreed, payload, "termsOfServiceAgreed",
                        QW_OPTIONAL, call->pool));
    QW_TRY(qw_contacts_read(&r->contacts, payload, call->pool));
    r->binding = json_object_get(payload, "externalAccountBinding");
    return NULL;
}

static qw_problem_t *find_existing(qw_db_t *db, request_t *r, apr_pool_t *pool)
{
    qw_problem_t *prob =
        qw_account_by_thumbprint(&r->account, db, r->call->authority->name,
                                 r->call->key->thumbprint, pool);

    if (prob != NULL && prob->code == QW_E_NOT_FOUND) {
        r->account = NULL;
        return NULL;
    }
    QW_TRY(prob);
    return qw_gate_may_act(r->call->authority, r->account, pool);
}

static qw_problem_t *look(qw_db_t *db, void *baton, apr_pool_t *pool)
{
    return find_existing(db, baton, pool);
}

/* The arithmetic takes milliseconds, so it is done outside of any transaction,
 * and for keys that have no account yet. */
static qw_problem_t *look_and_check_key(request_t *r)
{
    const qw_call_t *call = r->call;

    QW_TRY(qw_store_read(call->site->store, look, r, call->pool));
    if (r->account != NULL || r->only_existing)
        return NULL;
    return qw_keycheck(call->key->key, QW_KEY_FOR_ACCOUNT, call->site->known,
                       call->pool);
}

static qw_problem_t *check_key(qw_db_t *db, const request_t *r,
                               apr_pool_t *pool)
{
    qw_key_id_t id;

    QW_TRY(qw_key_id(&id, r->call->key->key, pool));
    return qw_gate_account_key(db, &id, pool);
}

static qw_problem_t *check_terms(const request_t *r, apr_pool_t *pool)
{
    qw_problem_t *prob;

    if (r->agreed || r->call->authority->terms_version == NULL)
        return NULL;
    prob = QW_FAIL(pool, USER_ACTION_REQUIRED,
                   "agree to the terms of service (termsOfServiceAgreed)");
    prob->instance = r->call->authority->terms_url;
    return prob;
}

static qw_problem_t *refuse_spent(request_t *r, apr_pool_t *pool)
{
    r->spent = 1;
    return refuse_binding("the KeyID has no use left", pool);
}

/* Who made the MAC has the key: to him it may be told. */
static qw_problem_t *refuse_suspended(const request_t *r, apr_pool_t *pool)
{
    qw_problem_t *prob =
        QW_FAIL(pool, ACCOUNT_SUSPENDED, "the KeyID is suspended");

    prob->instance = r->call->authority->portal_url;
    return prob;
}

static const char *fault_of(const request_t *r, const qw_binding_t *b,
                            apr_pool_t *pool)
{
    if (b->status != QW_binding_ACTIVE)
        return "the KeyID is revoked";
    if (b->expires <= r->call->now)
        return "the KeyID has expired";
    if (!qw_text_in(qw_text_words(b->algs, pool), r->eab->alg))
        return "the KeyID is not for this algorithm";
    if (b->thumbprint != NULL
        && strcmp(b->thumbprint, r->call->key->thumbprint) != 0)
        return "the KeyID is pinned to another account key";
    return NULL;
}

static qw_problem_t *check_lock(const request_t *r, const qw_binding_t *b,
                                apr_pool_t *pool)
{
    qw_limit_t limit =
        qw_authority_limit(r->call->authority, QW_LIMIT_WRONG_MACS_PER_KEY);
    qw_problem_t *prob;

    if (limit.count == 0 || b->mac_failures < limit.count
        || b->mac_failed_at + limit.period <= r->call->now)
        return NULL;
    prob = QW_FAIL(pool, RATE_LIMITED,
                   "too many wrong external account bindings; try later "
                   "(wrong-macs-per-key)");
    prob->retry_after = b->mac_failed_at + limit.period - r->call->now;
    return prob;
}

/* The MAC is made and compared whatever else is wrong. */
static qw_problem_t *check_binding(qw_binding_t **binding, qw_db_t *db,
                                   request_t *r, apr_pool_t *pool)
{
    qw_problem_t *prob = qw_binding_get(binding, db, r->call->authority->name,
                                        r->eab->kid, pool);
    const char *fault;
    qw_bytes_t mac_key;

    if (prob != NULL && prob->code == QW_E_NOT_FOUND)
        return refuse_binding("unknown KeyID", pool);
    QW_TRY(prob);
    QW_TRY(check_lock(r, *binding, pool));
    QW_TRY(qw_binding_open(&mac_key, *binding, r->call->site->ring, pool));
    if (!qw_eab_verify(r->eab, &mac_key)) {
        r->wrong_mac = 1;
        return refuse_binding("wrong MAC", pool);
    }
    if ((*binding)->status == QW_binding_SUSPENDED)
        return refuse_suspended(r, pool);
    if ((*binding)->uses >= (*binding)->max_uses)
        return refuse_spent(r, pool);
    fault = fault_of(r, *binding, pool);
    return fault != NULL ? refuse_binding(fault, pool) : NULL;
}

static qw_problem_t *check_external(qw_db_t *db, const request_t *r,
                                    const qw_binding_t *binding,
                                    apr_pool_t *pool)
{
    qw_external_t *external;

    QW_TRY(qw_external_get(&external, db, r->call->authority->name,
                           binding->external_id, pool));
    if (external->status != QW_external_ACTIVE
        || external->expires <= r->call->now)
        return refuse_binding("the external account is not active", pool);
    return NULL;
}

static qw_problem_t *note(qw_db_t *db, const request_t *r, apr_pool_t *pool)
{
    json_t *detail = qw_json_new_object(pool);

    json_object_set_new(detail, "external",
                        json_string(r->account->external_id));
    json_object_set_new(detail, "keyId", json_string(r->account->binding_id));
    json_object_set_new(detail, "thumbprint",
                        json_string(r->account->thumbprint));
    return qw_call_audit(r->call, db, "account.create", "account",
                         r->account->id, detail);
}

/* KeyID used and account there: both or neither. */
static qw_problem_t *insert(qw_db_t *db, request_t *r,
                            const qw_binding_t *binding, apr_pool_t *pool)
{
    qw_account_t *a = apr_pcalloc(pool, sizeof(*a));
    qw_problem_t *prob;

    prob = qw_binding_consume(db, binding->id, r->call->now, pool);
    if (prob != NULL && prob->code == QW_E_CONFLICT)
        return refuse_spent(r, pool);
    QW_TRY(prob);
    QW_TRY(qw_id_make(&a->id, pool));
    a->authority = r->call->authority->name;
    a->external_id = binding->external_id;
    a->binding_id = binding->id;
    a->status = QW_account_VALID;
    a->thumbprint = r->call->key->thumbprint;
    a->jwk = r->call->key->json;
    a->contacts = r->contacts != NULL ? r->contacts : "[]";
    a->eab = qw_json_dump(r->binding, pool);
    a->terms_version = r->agreed ? r->call->authority->terms_version : NULL;
    a->terms_at = r->agreed ? r->call->now : 0;
    a->created = r->call->now;
    QW_TRY(qw_account_insert(db, a, pool));
    r->account = a;
    r->created = 1;
    return note(db, r, pool);
}

static qw_problem_t *parse_binding(request_t *r, apr_pool_t *pool)
{
    qw_problem_t *prob;

    if (r->binding == NULL)
        return QW_FAIL(pool, EXTERNAL_ACCOUNT_REQUIRED,
                       "newAccount needs an externalAccountBinding: ask for a "
                       "KeyID and MAC key");
    prob = qw_eab_parse(&r->eab, r->binding,
                        qw_authority_url(r->call->authority, "new-account",
                                         NULL, pool),
                        r->call->key, pool);
    if (prob != NULL && prob->code == QW_E_UNAUTHORIZED)
        return refuse_binding(prob->detail, pool);
    return prob;
}

static qw_problem_t *check_limits(qw_db_t *db, const request_t *r,
                                  const qw_binding_t *binding, apr_pool_t *pool)
{
    apr_array_header_t *charges = apr_array_make(pool, 2, sizeof(qw_charge_t));
    qw_limits_t limits;

    QW_TRY(qw_limits_open(&limits, db, r->call->authority, binding->external_id,
                          r->call->now, pool));
    qw_charge_address(charges, QW_LIMIT_ACCOUNTS_PER_IP,
                      r->call->request->client_ip);
    return qw_limits_spend(&limits, charges);
}

static qw_problem_t *find_or_create(qw_db_t *db, void *baton, apr_pool_t *pool)
{
    request_t *r = baton;
    qw_binding_t *binding;

    r->created = r->wrong_mac = r->spent = 0;
    QW_TRY(find_existing(db, r, pool));
    if (r->account != NULL)
        return NULL;
    if (r->only_existing)
        return QW_FAIL(pool, ACCOUNT_DOES_NOT_EXIST,
                       "there is no account with this key");
    QW_TRY(check_key(db, r, pool));
    QW_TRY(parse_binding(r, pool));
    QW_TRY(check_binding(&binding, db, r, pool));
    QW_TRY(check_external(db, r, binding, pool));
    QW_TRY(check_terms(r, pool));
    QW_TRY(check_limits(db, r, binding, pool));
    return insert(db, r, binding, pool);
}

static qw_problem_t *count_wrong_mac(qw_db_t *db, void *baton, apr_pool_t *pool)
{
    const request_t *r = baton;
    qw_limit_t limit =
        qw_authority_limit(r->call->authority, QW_LIMIT_WRONG_MACS_PER_KEY);

    QW_TRY(qw_binding_mac_failed(db, r->eab->kid, r->call->now, limit.period,
                                 pool));
    return qw_call_audit(r->call, db, "binding.wrong-mac", "binding",
                         r->eab->kid, NULL);
}

/* The same request twice at once: the later one may look for its account before
 * the earlier one commits, and at the KeyID after. It looks once more. */
static qw_problem_t *run(request_t *r)
{
    apr_pool_t *pool = r->call->pool;
    qw_store_t *store = r->call->site->store;
    qw_problem_t *prob;

    QW_TRY(look_and_check_key(r));
    prob = qw_store_write(store, find_or_create, r, pool);
    if (prob != NULL && (r->spent || prob->code == QW_E_CONFLICT))
        prob = qw_store_write(store, find_or_create, r, pool);
    if (prob != NULL && r->wrong_mac)
        QW_TRY(qw_store_write(store, count_wrong_mac, r, pool));
    return prob;
}

qw_problem_t *qw_verb_new_account(const qw_call_t *call, qw_reply_t *reply)
{
    request_t r = { 0 };

    r.call = call;
    QW_TRY(read_request(&r));
    QW_TRY(run(&r));
    qw_reply_json(reply, r.created ? 201 : 200,
                  qw_render_account(call, r.account), call->pool);
    apr_table_setn(reply->headers, "Location",
                   qw_authority_url(call->authority, "acct", r.account->id,
                                    call->pool));
    if (call->authority->terms_url != NULL)
        qw_reply_link(reply, call->authority->terms_url, "terms-of-service",
                      call->pool);
    return NULL;
}
