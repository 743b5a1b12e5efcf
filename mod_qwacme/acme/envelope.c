#include "acme/envelope.h"

#include "acme/keycache.h"
#include "acme/signing_key.h"
#include "base/text.h"
#include "base/world.h"
#include "gate/gate.h"
#include "store/db_account.h"

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
    QW_TRY(call->jws->kid != NULL
               ? key_by_kid(call)
               : qw_signing_key(&call->key, call, call->jws));
    QW_TRY(qw_jws_verify(call->jws, call->key, call->pool));
    QW_TRY(check_state(call));
    return read_payload(call);
}
