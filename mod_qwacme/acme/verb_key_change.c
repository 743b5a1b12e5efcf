/* keyChange, RFC8555-7.3.5 */
#include "acme/render.h"
#include "acme/signing_key.h"
#include "gate/gate.h"
#include "gate/keys.h"
#include "store/db_account.h"

#include <apr_strings.h>

#include <string.h>

typedef struct {
    const qw_call_t *call;
    qw_jwk_t *key; /* the new one */
    qw_account_t *account;
} change_t;

static qw_problem_t *check_inner(const qw_call_t *call, const qw_jws_t *inner)
{
    if (inner->nonce != NULL)
        return QW_FAIL(call->pool, MALFORMED,
                       "inner JWS: must not have a nonce");
    if (inner->kid != NULL || inner->jwk == NULL)
        return QW_FAIL(call->pool, MALFORMED,
                       "inner JWS: needs jwk, the new key, and no kid");
    if (inner->url == NULL || strcmp(inner->url, call->jws->url) != 0)
        return QW_FAIL(call->pool, MALFORMED,
                       "inner JWS: url is not that of the outer one");
    return NULL;
}

static qw_problem_t *check_claims(const qw_call_t *call, const qw_jws_t *inner)
{
    const char *account;
    json_t *payload, *old_object;
    qw_jwk_t *old;

    QW_TRY(qw_jws_payload_object(&payload, inner, call->pool));
    QW_TRY(qw_json_text(&account, payload, "account", QW_REQUIRED, call->pool));
    if (strcmp(account, call->jws->kid) != 0)
        return QW_FAIL(call->pool, MALFORMED,
                       "account: is not the kid of the outer JWS");
    QW_TRY(qw_json_object(&old_object, payload, "oldKey", QW_REQUIRED,
                          call->pool));
    QW_TRY(qw_jwk_parse(&old, old_object, call->pool));
    if (strcmp(old->thumbprint, call->account->thumbprint) != 0)
        return QW_FAIL(call->pool, MALFORMED,
                       "oldKey: is not the present key of the account");
    return NULL;
}

static qw_problem_t *read_change(change_t *c)
{
    const qw_call_t *call = c->call;
    qw_jws_t *inner;

    QW_TRY(qw_jws_from_object(&inner, call->payload, call->pool));
    QW_TRY(qw_jws_check_alg(inner, call->pool));
    QW_TRY(check_inner(call, inner));
    QW_TRY(qw_signing_key(&c->key, call, inner));
    QW_TRY(qw_jws_verify(inner, c->key, call->pool));
    QW_TRY(check_claims(call, inner));
    return qw_keycheck(c->key->key, QW_KEY_FOR_ACCOUNT, call->site->known,
                       call->pool);
}

static qw_problem_t *in_use(const qw_call_t *call, const qw_account_t *owner)
{
    qw_problem_t *prob = QW_FAIL(call->pool, KEY_IN_USE,
                                 "the new key belongs to an account already");

    prob->location =
        qw_authority_url(call->authority, "acct", owner->id, call->pool);
    return prob;
}

static qw_problem_t *check_new_key(qw_db_t *db, const change_t *c,
                                   apr_pool_t *pool)
{
    qw_account_t *owner;
    qw_problem_t *prob;
    qw_key_id_t id;

    prob = qw_account_by_thumbprint(&owner, db, c->call->authority->name,
                                    c->key->thumbprint, pool);
    if (prob == NULL)
        return in_use(c->call, owner);
    if (prob->code != QW_E_NOT_FOUND)
        return prob;
    QW_TRY(qw_key_id(&id, c->key->key, pool));
    return qw_gate_account_key(db, &id, pool);
}

static qw_problem_t *change(qw_db_t *db, void *baton, apr_pool_t *pool)
{
    change_t *c = baton;
    qw_account_t next = *c->call->account;
    json_t *detail = qw_json_new_object(pool);

    QW_TRY(qw_gate_still_acts(db, c->call->authority, next.id, pool));
    QW_TRY(check_new_key(db, c, pool));
    next.thumbprint = c->key->thumbprint;
    next.jwk = c->key->json;
    QW_TRY(qw_account_set_key(db, &next, c->call->account->thumbprint, pool));
    json_object_set_new(detail, "from",
                        json_string(c->call->account->thumbprint));
    json_object_set_new(detail, "to", json_string(next.thumbprint));
    QW_TRY(qw_call_audit(c->call, db, "account.key-change", "account", next.id,
                         detail));
    return qw_account_get(&c->account, db, c->call->authority->name, next.id,
                          pool);
}

/* Another may have got the new key, or changed the old one, after we looked:
 * the second look tells which. */
static qw_problem_t *change_or_tell(change_t *c)
{
    apr_pool_t *pool = c->call->pool;
    qw_problem_t *prob =
        qw_store_write_anew(c->call->site->store, change, c, pool);

    if (prob != NULL && prob->code == QW_E_CONFLICT)
        return QW_FAIL(pool, MALFORMED,
                       "the account's key was changed by another request");
    return prob;
}

qw_problem_t *qw_verb_key_change(const qw_call_t *call, qw_reply_t *reply)
{
    change_t c = { call, NULL, NULL };

    QW_TRY(read_change(&c));
    QW_TRY(change_or_tell(&c));
    qw_reply_json(reply, 200, qw_render_account(call, c.account), call->pool);
    apr_table_setn(reply->headers, "Location",
                   qw_authority_url(call->authority, "acct", c.account->id,
                                    call->pool));
    return NULL;
}
