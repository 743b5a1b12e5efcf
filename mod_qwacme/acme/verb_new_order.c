/* newOrder, RFC8555-7.4, RFC9773-5 */
#include "acme/names.h"
#include "acme/proof.h"
#include "acme/render.h"
#include "acme/replaced.h"
#include "base/text.h"
#include "base/world.h"
#include "dns/name.h"
#include "gate/gate.h"
#include "gate/limits.h"
#include "store/db_account.h"
#include "store/db_order.h"

#include <apr_strings.h>

typedef struct {
    const qw_call_t *call;
    apr_array_header_t *names;
    const char *wanted; /* profile, or NULL */
    int dry_run;
    const char *replaces; /* certID, or NULL */
    qw_certificate_t *replaced;
    qw_order_t *order;
    apr_array_header_t *authz_ids;
} request_t;

static qw_problem_t *read_request(request_t *r)
{
    const qw_call_t *call = r->call;

    /* never silently ignored: the validity is the profile's */
    if (json_object_get(call->payload, "notBefore") != NULL
        || json_object_get(call->payload, "notAfter") != NULL)
        return QW_FAIL(call->pool, MALFORMED,
                       "notBefore and notAfter are not offered");
    QW_TRY(qw_json_text(&r->wanted, call->payload, "profile", QW_OPTIONAL,
                        call->pool));
    r->dry_run = qw_order_is_dry(r->wanted);
    QW_TRY(qw_json_text(&r->replaces, call->payload, "replaces", QW_OPTIONAL,
                        call->pool));
    return qw_names_of_order(&r->names, call);
}

static qw_problem_t *note(qw_db_t *db, const request_t *r)
{
    json_t *detail = qw_json_new_object(r->call->pool);

    json_object_set_new(detail, "names", json_loads(r->order->names, 0, NULL));
    json_object_set_new(detail, "profile", json_string(r->order->profile));
    if (r->replaces != NULL)
        json_object_set_new(detail, "replaces", json_string(r->replaces));
    return qw_call_audit(r->call, db, "order.create", "order", r->order->id,
                         detail);
}

/* *PROVEN: every name has a valid authorization already. */
static qw_problem_t *find_proofs(int *proven, qw_db_t *db, request_t *r)
{
    int i, found;

    *proven = 1;
    r->authz_ids =
        apr_array_make(r->call->pool, r->names->nelts, sizeof(const char *));
    for (i = 0; i < r->names->nelts; i++) {
        qw_authz_t *authz;

        QW_TRY(qw_proof_for(&authz, &found, r->call, db,
                            APR_ARRAY_IDX(r->names, i, const char *)));
        APR_ARRAY_PUSH(r->authz_ids, const char *) = authz->id;
        *proven = *proven && authz->status == QW_authz_VALID;
    }
    return NULL;
}

/* Add to DOMAINS the registered ones of NAMES. */
static void add_domains(apr_array_header_t *domains,
                        const apr_array_header_t *names)
{
    for (int i = 0; i < names->nelts; i++) {
        const char *domain =
            qw_name_registered(APR_ARRAY_IDX(names, i, const char *),
                               domains->pool);

        if (!qw_text_in(domains, domain))
            APR_ARRAY_PUSH(domains, const char *) = domain;
    }
}

/* What a certificate had that is renewed does not count against its domains: a
 * limit must not keep anybody from renewing in time. */
static void charge_domains(apr_array_header_t *charges, const request_t *r)
{
    apr_pool_t *pool = charges->pool;
    apr_array_header_t *domains = apr_array_make(pool, 4, sizeof(const char *));
    int i = 0;

    if (r->replaced != NULL) {
        add_domains(domains, qw_names_of_json(r->replaced->names, pool));
        i = domains->nelts;
    }
    add_domains(domains, r->names);
    for (; i < domains->nelts; i++)
        qw_charge(charges, QW_LIMIT_ORDERS_PER_DOMAIN,
                  APR_ARRAY_IDX(domains, i, const char *));
}

static qw_problem_t *check_limits(qw_db_t *db, const request_t *r)
{
    const qw_call_t *call = r->call;
    apr_array_header_t *charges =
        apr_array_make(call->pool, 4, sizeof(qw_charge_t));
    qw_limits_t limits;

    QW_TRY(qw_limits_open(&limits, db, call->authority,
                          call->account->external_id, call->now, call->pool));
    QW_TRY(qw_limits_may_try(&limits, call->account->id, r->names));
    qw_charge(charges, QW_LIMIT_ORDERS_PER_ACCOUNT, call->account->id);
    if (!r->dry_run) /* nothing will be issued */
        charge_domains(charges, r);
    qw_charge_address(charges, QW_LIMIT_ORDERS_PER_IP,
                      call->request->client_ip);
    return qw_limits_spend(&limits, charges);
}

/* Of orders that replace one certificate the database takes one. */
static qw_problem_t *insert(qw_db_t *db, const request_t *r)
{
    qw_problem_t *prob =
        qw_order_insert(db, r->order, r->authz_ids, r->call->pool);

    if (prob != NULL && prob->code == QW_E_CONFLICT && r->replaces != NULL)
        return QW_FAIL(r->call->pool, ALREADY_REPLACED,
                       "another order replaces that certificate already");
    QW_TRY(prob);
    return note(db, r);
}

static qw_problem_t *make(qw_db_t *db, request_t *r,
                          const qw_profile_t *profile, const char *names)
{
    const qw_call_t *call = r->call;
    qw_order_t *o = apr_pcalloc(call->pool, sizeof(*o));
    int proven;

    QW_TRY(check_limits(db, r));
    QW_TRY(find_proofs(&proven, db, r));
    QW_TRY(qw_id_make(&o->id, call->pool));
    o->authority = call->authority->name;
    o->account_id = call->account->id;
    o->external_id = call->account->external_id;
    o->status = proven ? QW_order_READY : QW_order_PENDING;
    o->created = call->now;
    o->expires = call->now + call->authority->order_lifetime;
    o->names = names;
    o->profile = r->dry_run ? r->wanted : qw_profile_name(profile);
    o->profile_hash = qw_profile_hash(profile, call->pool);
    o->replaces = r->dry_run ? NULL : r->replaces;
    r->order = o;
    return insert(db, r);
}

/* The account is read again: a suspension counts from the next request on. */
static qw_problem_t *take_order(qw_db_t *db, void *baton, apr_pool_t *pool)
{
    request_t *r = baton;
    const char *names = qw_names_json(r->names, pool);
    const qw_profile_t *profile;
    qw_order_t like = { 0 };
    qw_account_t *account;

    QW_TRY(qw_account_get(&account, db, r->call->authority->name,
                          r->call->account->id, pool));
    QW_TRY(qw_gate_may_order(&profile, db, r->call->authority, account,
                             r->names, r->wanted, pool));
    r->order = NULL;
    if (r->replaces != NULL)
        QW_TRY(qw_replaced_find(&r->replaced, db, r->call, r->replaces,
                                r->names, pool));
    like.account_id = account->id;
    like.names = names;
    like.profile = r->dry_run ? r->wanted : qw_profile_name(profile);
    like.created = account->stopped_at;
    if (r->replaces == NULL)
        QW_TRY(qw_order_find_open(&r->order, db, &like, r->call->now, pool));
    if (r->order == NULL)
        return make(db, r, profile, names);
    return qw_order_authz_ids(&r->authz_ids, db, r->order->id, pool);
}

qw_problem_t *qw_verb_new_order(const qw_call_t *call, qw_reply_t *reply)
{
    request_t r = { .call = call };

    QW_TRY(read_request(&r));
    QW_TRY(qw_store_write(call->site->store, take_order, &r, call->pool));
    qw_reply_order(reply, 201, call, r.order, r.authz_ids);
    return NULL;
}
