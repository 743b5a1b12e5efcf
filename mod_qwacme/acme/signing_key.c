#include "acme/signing_key.h"

#include "audit/audit.h"
#include "gate/keys.h"

#include <apr_strings.h>

static const char *const secret[] = { "d",  "p",  "q", "dp",
                                      "dq", "qi", "k", "oth" };

typedef struct {
    const qw_call_t *call;
    qw_blocking_t blocking;
} lost_t;

static qw_problem_t *block(qw_db_t *db, void *baton, apr_pool_t *pool)
{
    lost_t *lost = baton;
    const qw_call_t *call = lost->call;
    const qw_key_id_t *key = &lost->blocking.key;
    json_t *detail = qw_json_new_object(pool);
    qw_audit_t who = { call->authority->name, call->now,
                       apr_pstrcat(pool, "key:", key->thumbprint, NULL), "key",
                       key->spki_hash };

    QW_TRY(qw_gate_block_key(db, &lost->blocking, call->now, pool));
    json_object_set_new(detail, "why", json_string(lost->blocking.why));
    return qw_audit(db, &who, "key.block", detail, pool);
}

/* A private key that was sent is lost; but only who could sign with it has
 * shown that it was the private key. */
static qw_problem_t *refuse_private(const qw_call_t *call, const qw_jws_t *jws,
                                    qw_problem_t *prob)
{
    json_t *public = qw_own_json_t(call->pool, json_deep_copy(jws->jwk));
    lost_t lost = { call, { { NULL, NULL }, NULL, NULL, NULL, 0 } };
    qw_jwk_t *key;
    unsigned i;

    for (i = 0; i < sizeof(secret) / sizeof(secret[0]); i++)
        json_object_del(public, secret[i]);
    if (qw_jwk_parse(&key, public, call->pool) != NULL
        || qw_jws_verify(jws, key, call->pool) != NULL)
        return prob;
    QW_TRY(qw_key_id(&lost.blocking.key, key->key, call->pool));
    lost.blocking.why = "its private part was sent to us";
    QW_TRY(qw_store_write(call->site->store, block, &lost, call->pool));
    qw_gate_alert(&lost.blocking, call->pool);
    return prob;
}

qw_problem_t *qw_signing_key(qw_jwk_t **key, const qw_call_t *call,
                             const qw_jws_t *jws)
{
    qw_problem_t *prob = qw_jwk_parse(key, jws->jwk, call->pool);

    if (prob != NULL && json_object_get(jws->jwk, "d") != NULL)
        return refuse_private(call, jws, prob);
    return prob;
}
