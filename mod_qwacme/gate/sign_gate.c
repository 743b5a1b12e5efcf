/* Right before a signature, inside its transaction: everything again. */
#include "gate/gate.h"

#include "base/text.h"
#include "gate/identity.h"
#include "gate/keys.h"
#include "gate/offer.h"
#include "jose/jwk.h"
#include "model/dates.h"
#include "store/db_order.h"

#include <apr_strings.h>

#include <string.h>

typedef struct {
    qw_permit_t *permit;
    qw_db_t *db;
    const qw_authority_t *authority;
    const qw_csr_t *csr;
    apr_time_t now;
    apr_pool_t *pool;
} look_t;

static qw_problem_t *check_order(look_t *l, const char *account_id,
                                 const char *order_id)
{
    qw_permit_t *p = l->permit;

    QW_TRY(qw_order_get(&p->order, l->db, l->authority->name, account_id,
                        order_id, l->pool));
    if (p->order->status != QW_order_READY)
        return QW_FAIL(l->pool, ORDER_NOT_READY, "the order is %s",
                       qw_state_word(p->order->status));
    if (p->order->expires <= l->now)
        return QW_FAIL(l->pool, ORDER_NOT_READY, "the order has expired");
    return NULL;
}

/* [LIM-20] Who is suspended afterwards is suspended after this transaction, and
 * not in the midst of it. */
static qw_problem_t *check_accounts(look_t *l)
{
    qw_permit_t *p = l->permit;

    QW_TRY(qw_external_keep(l->db, p->order->external_id, l->pool));
    QW_TRY(qw_account_get(&p->account, l->db, l->authority->name,
                          p->order->account_id, l->pool));
    QW_TRY(qw_gate_may_act(l->authority, p->account, l->pool));
    QW_TRY(qw_gate_has_agreed(l->authority, p->account, l->pool));
    return qw_external_get(&p->external, l->db, l->authority->name,
                           p->account->external_id, l->pool);
}

/* The profile must be the one that was ordered, to the last octet it decides. */
static qw_problem_t *check_profile(look_t *l)
{
    qw_permit_t *p = l->permit;
    apr_array_header_t *allowed = qw_text_words(p->external->profiles, l->pool);
    const char *name = qw_order_profile(p->order->profile, l->pool);

    p->dry_run = qw_order_is_dry(p->order->profile);
    p->profile = qw_profile_find(name);
    if (p->profile == NULL || (p->dry_run && !l->authority->dry_run)
        || !qw_text_in(l->authority->profiles, name)
        || !qw_text_in(allowed, name))
        return QW_FAIL(l->pool, INVALID_PROFILE,
                       "profile %s is no longer offered to this account",
                       p->order->profile);
    if (strcmp(qw_profile_hash(p->profile, l->pool), p->order->profile_hash)
        != 0)
        return QW_FAIL(l->pool, INVALID_PROFILE,
                       "profile %s has changed since the order; order again",
                       p->order->profile);
    QW_TRY(qw_gate_offer(l->authority, p->profile, l->pool));
    return qw_gate_identity(&p->identity, l->authority, p->external, p->profile,
                            l->pool);
}

static qw_problem_t *read_names(look_t *l)
{
    json_t *names, *name;
    apr_size_t i;

    QW_TRY(qw_json_parse(&names, l->permit->order->names,
                         strlen(l->permit->order->names), "names", l->pool));
    l->permit->names = apr_array_make(l->pool, 4, sizeof(const char *));
    json_array_foreach(names, i, name)
        APR_ARRAY_PUSH(l->permit->names, const char *) =
            json_string_value(name);
    return NULL;
}

static qw_problem_t *check_listed(look_t *l, const char *name)
{
    int wildcard = strncmp(name, "*.", 2) == 0, listed;

    QW_TRY(qw_registry_lists(&listed, l->db, l->authority,
                             l->permit->external->id, name, l->pool));
    if (listed && (!wildcard || qw_profile_allows_wildcard(l->permit->profile)))
        return NULL;
    return QW_FAIL(l->pool, UNAUTHORIZED,
                   "%s is no longer on the account's domain list", name);
}

static int covers(const qw_authz_t *authz, const char *name)
{
    int wildcard = strncmp(name, "*.", 2) == 0;

    return authz->wildcard == wildcard
           && strcmp(authz->name, wildcard ? name + 2 : name) == 0;
}

static qw_problem_t *check_proof(look_t *l, const qw_authz_t *authz)
{
    apr_interval_time_t reuse = qw_rule_span(QW_RULE_DCV_REUSE, l->now);

    if (authz->status != QW_authz_VALID || authz->expires <= l->now)
        return QW_FAIL(l->pool, UNAUTHORIZED,
                       "the authorization for %s is not valid any more",
                       authz->name);
    if (authz->validated_at <= l->now - reuse)
        return QW_FAIL(l->pool, UNAUTHORIZED,
                       "control of %s was shown too long ago", authz->name);
    if (authz->caa_at <= l->now - QW_CAA_REUSE)
        return QW_FAIL(l->pool, ORDER_NOT_READY,
                       "the CAA records of %s were looked at too long ago; "
                       "finalize again",
                       authz->name);
    if (!qw_text_in(l->authority->challenges, authz->method))
        return QW_FAIL(l->pool, UNAUTHORIZED,
                       "control of %s was shown by %s, which is no longer "
                       "offered",
                       authz->name, authz->method);
    return NULL;
}

/* Per name, one proof of its own: counted here and nowhere else. */
static qw_problem_t *check_names(look_t *l)
{
    apr_array_header_t *authzs;
    int i, j;

    QW_TRY(read_names(l));
    QW_TRY(qw_gate_offer_names(l->permit->profile, l->permit->names, l->pool));
    QW_TRY(qw_authz_of_order(&authzs, l->db, l->permit->order->id, l->pool));
    for (i = 0; i < l->permit->names->nelts; i++) {
        const char *name = APR_ARRAY_IDX(l->permit->names, i, const char *);
        const qw_authz_t *proof = NULL;

        QW_TRY(check_listed(l, name));
        for (j = 0; j < authzs->nelts; j++)
            if (covers(APR_ARRAY_IDX(authzs, j, qw_authz_t *), name))
                proof = APR_ARRAY_IDX(authzs, j, qw_authz_t *);
        if (proof == NULL)
            return QW_FAIL(l->pool, UNAUTHORIZED,
                           "there is no authorization for %s", name);
        QW_TRY(check_proof(l, proof));
    }
    return NULL;
}

static qw_problem_t *check_key(look_t *l)
{
    qw_key_id_t id = {
        qw_spki_hash(l->csr->spki.data, l->csr->spki.len, l->pool), NULL
    };

    QW_TRY(qw_jwk_thumbprint(&id.thumbprint, l->csr->key, l->pool));
    return qw_gate_certificate_key(l->db, &id, l->permit->account, l->pool);
}

/* NOLINTNEXTLINE(readability-function-size): each is another fact */
qw_problem_t *qw_gate_may_sign(qw_permit_t **permit, qw_db_t *db,
                               const qw_authority_t *authority,
                               const char *account_id, const char *order_id,
                               const qw_csr_t *csr, apr_pool_t *pool)
{
    look_t l = { apr_pcalloc(pool, sizeof(qw_permit_t)),
                 db,
                 authority,
                 csr,
                 qw_authority_now(authority),
                 pool };

    QW_TRY(check_order(&l, account_id, order_id));
    QW_TRY(check_accounts(&l));
    QW_TRY(check_profile(&l));
    QW_TRY(check_names(&l));
    QW_TRY(qw_csr_check_names(csr, l.permit->names, pool));
    QW_TRY(check_key(&l));
    *permit = l.permit;
    return NULL;
}

/* NOLINTNEXTLINE(readability-function-size): each is another fact */
qw_problem_t *qw_gate_may_complete(qw_permit_t **permit, qw_db_t *db,
                                   const qw_authority_t *authority,
                                   const char *order_id, const char *spki_hash,
                                   apr_pool_t *pool)
{
    look_t l = { apr_pcalloc(pool, sizeof(qw_permit_t)),
                 db,
                 authority,
                 NULL,
                 qw_authority_now(authority),
                 pool };
    qw_permit_t *p = l.permit;

    QW_TRY(qw_order_get(&p->order, db, authority->name, NULL, order_id, pool));
    if (p->order->status != QW_order_PROCESSING)
        return QW_FAIL(pool, ORDER_NOT_READY, "the order is %s",
                       qw_state_word(p->order->status));
    QW_TRY(check_accounts(&l));
    QW_TRY(check_profile(&l));
    QW_TRY(read_names(&l));
    for (int i = 0; i < p->names->nelts; i++)
        QW_TRY(check_listed(&l, APR_ARRAY_IDX(p->names, i, const char *)));
    QW_TRY(qw_gate_unblocked(db, spki_hash, pool));
    *permit = p;
    return NULL;
}
