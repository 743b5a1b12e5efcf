#include "acme/envelope.h"

#include "acme/keycache.h"
#include "base/text.h"
#include "base/world.h"
#include "gate/gate.h"
#include "store/db_account.h"
#include "x509/keycheck.h"

#include <apr_strings.h>

#include <string.h>

static qw_problem_t *read_jws(qw_call_t *call)
{
    const char *body;
    apr_size_t len;

    QW_TRY(call->request->read_body(&body, &len, call->request,
                                    QW_JSON_MAX_BYTES));
    QW_TRY(qw_jws_parse(&call->jws, body, len, call->pool));
    return qw_jws_check_alg(call->jws, call->pool);
}

static qw_problem_t *check_signer(const qw_call_t *call)
{
    const qw_jws_t *jws = call->jws;
    qw_signed_e by = call->route->by;

    if ((jws->jwk != NULL) == (jws->kid != NULL))
        return QW_FAIL(call->pool, MALFORMED,
                       "protected header: exactly one of jwk and kid is "
                       "needed");
    if (by == QW_BY_KID && jws->kid == NULL)
        return QW_FAIL(call->pool, MALFORMED,
                       "protected header: this resource needs kid, the "
                       "account's URL");
    if (by == QW_BY_JWK && jws->jwk == NULL)
        return QW_FAIL(call->pool, MALFORMED,
                       "protected header: this resource needs jwk");
    return NULL;
}

/* RFC8555-6.4: the string must be the same, octet by octet. */
static qw_problem_t *check_url(const qw_call_t *call)
{
    const char *url = qw_authority_url(call->authority, call->request->path,
                                       NULL, call->pool);

    if (call->jws->url == NULL)
        return QW_FAIL(call->pool, MALFORMED, "protected header: url missing");
    if (strcmp(call->jws->url, url) != 0)
        return QW_FAIL(call->pool, UNAUTHORIZED,
                       "the signed url is not the one that was requested");
    return NULL;
}

static qw_problem_t *spend_nonce(const qw_call_t *call)
{
    if (call->jws->nonce == NULL)
        return QW_FAIL(call->pool, BAD_NONCE,
                       "protected header: nonce missing");
    return qw_nonce_use(call->site->nonces, call->jws->nonce, call->pool);
}

static const char *account_id_of(const qw_call_t *call)
{
    const char *prefix =
        qw_authority_url(call->authority, "acct", "", call->pool);
    apr_size_t len = strlen(prefix);

    if (strncmp(call->jws->kid, prefix, len) != 0
        || !qw_id_is(call->jws->kid + len))
        return NULL;
    return call->jws->kid + len;
}

static qw_problem_t *find_account(qw_db_t *db, void *baton, apr_pool_t *pool)
{
    qw_call_t *call = baton;

    return qw_account_get(&call->account, db, call->authority->name,
                          account_id_of(call), pool);
}

static qw_problem_t *key_by_kid(qw_call_t *call)
{
    qw_problem_t *prob;

    if (account_id_of(call) == NULL)
        return QW_FAIL(call->pool, MALFORMED,
                       "kid: %s is not an account URL of this directory",
                       qw_text_safe(call->jws->kid, 120, call->pool));
    prob = qw_store_read(call->site->store, find_account, call, call->pool);
    if (prob != NULL && prob->code == QW_E_NOT_FOUND)
        return QW_FAIL(call->pool, ACCOUNT_DOES_NOT_EXIST,
                       "kid: there is no such account");
    QW_TRY(prob);
    return qw_keycache_get(&call->key, call->site->keys, call->account,
                           call->pool);
}

typedef struct {
    const char *spki_hash;
    apr_time_t now;
} block_t;

static qw_problem_t *block(qw_db_t *db, void *baton, apr_pool_t *pool)
{
    const block_t *b = baton;

    return qw_blocked_key_insert(db, b->spki_hash,
                                 "its private part was sent to us", b->now,
                                 pool);
}

static const char *spki_hash_of(const qw_jwk_t *key, apr_pool_t *pool)
{
    qw_bytes_t spki = qw_jwk_spki(key, pool);

    return qw_spki_hash(spki.data, spki.len, pool);
}

/* A private key that was sent is lost; but only who could sign with it has
 * shown that it was the private key. */
static qw_problem_t *refuse_private(qw_call_t *call, qw_problem_t *prob)
{
    static const char *const secret[] = { "d",  "p",  "q", "dp",
                                          "dq", "qi", "k", "oth" };
    json_t *public = qw_own_json_t(call->pool, json_deep_copy(call->jws->jwk));
    block_t b = { NULL, call->now };
    qw_jwk_t *key;
    unsigned i;

    for (i = 0; i < sizeof(secret) / sizeof(secret[0]); i++)
        json_object_del(public, secret[i]);
    if (qw_jwk_parse(&key, public, call->pool) != NULL
        || qw_jws_verify(call->jws, key, call->pool) != NULL)
        return prob;
    b.spki_hash = spki_hash_of(key, call->pool);
    QW_TRY(qw_store_write(call->site->store, block, &b, call->pool));
    return prob;
}

static qw_problem_t *key_by_jwk(qw_call_t *call)
{
    qw_problem_t *prob = qw_jwk_parse(&call->key, call->jws->jwk, call->pool);

    if (prob != NULL && json_object_get(call->jws->jwk, "d") != NULL)
        return refuse_private(call, prob);
    return prob;
}

static qw_problem_t *check_state(const qw_call_t *call)
{
    qw_problem_t *prob;

    if (call->account == NULL)
        return NULL;
    prob = qw_gate_may_act(call->authority, call->account, call->pool);
    if (prob != NULL && prob->code == QW_E_ACCOUNT_SUSPENDED
        && call->route->suspended)
        return NULL;
    return prob;
}

static qw_problem_t *read_payload(qw_call_t *call)
{
    qw_body_e body = call->route->body;

    if (call->jws->payload.len == 0) {
        if (body == QW_BODY_OBJECT)
            return QW_FAIL(call->pool, MALFORMED,
                           "payload: this resource needs a JSON object");
        return NULL;
    }
    if (body == QW_BODY_EMPTY)
        return QW_FAIL(call->pool, MALFORMED,
                       "payload: must be empty (POST-as-GET)");
    return qw_jws_payload_object(&call->payload, call->jws, call->pool);
}

qw_problem_t *qw_envelope_open(qw_call_t *call)
{
    QW_TRY(read_jws(call));
    QW_TRY(check_signer(call));
    QW_TRY(check_url(call));
    QW_TRY(spend_nonce(call));
    QW_TRY(call->jws->kid != NULL ? key_by_kid(call) : key_by_jwk(call));
    QW_TRY(qw_jws_verify(call->jws, call->key, call->pool));
    QW_TRY(check_state(call));
    return read_payload(call);
}
