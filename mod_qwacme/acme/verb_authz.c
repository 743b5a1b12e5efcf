/* Authorizations, RFC8555-7.5, and newAuthz, RFC8555-7.4.1 */
#include "base/document.h"
#include "acme/names.h"
#include "acme/proof.h"
#include "acme/render.h"
#include "base/world.h"
#include "gate/gate.h"
#include "store/db_account.h"
#include "store/db_order.h"

#include <string.h>

typedef struct {
    const qw_call_t *call;
    const char *name; /* newAuthz */
    int deactivate;
    int found;
    qw_authz_t *authz;
    apr_array_header_t *challenges;
} look_t;

static void show(qw_reply_t *reply, int status, const look_t *l)
{
    qw_reply_json(reply, status,
                  qw_render_authz(l->call, l->authz, l->challenges),
                  l->call->pool);
}

static int is_running(const look_t *l)
{
    int i;

    for (i = 0; i < l->challenges->nelts; i++)
        if (APR_ARRAY_IDX(l->challenges, i, qw_challenge_t *)->status
            == QW_challenge_PROCESSING)
            return 1;
    return 0;
}

static qw_problem_t *read_authz(qw_db_t *db, void *baton, apr_pool_t *pool)
{
    look_t *l = baton;

    QW_TRY(qw_authz_get(&l->authz, db, l->call->authority->name,
                        l->call->account->id, l->call->id, pool));
    return qw_challenge_list(&l->challenges, db, l->authz->id, pool);
}

static qw_problem_t *check_deactivation(const look_t *l)
{
    const qw_call_t *call = l->call;
    const char *status;

    QW_TRY(qw_json_text(&status, call->payload, "status", QW_REQUIRED,
                        call->pool));
    if (strcmp(status, "deactivated") != 0)
        return QW_FAIL(call->pool, MALFORMED,
                       "status: can only become deactivated");
    if (l->authz->status != QW_authz_PENDING
        && l->authz->status != QW_authz_VALID)
        return QW_FAIL(call->pool, MALFORMED, "the authorization is %s",
                       qw_state_word(l->authz->status));
    return NULL;
}

static qw_problem_t *deactivate(qw_db_t *db, void *baton, apr_pool_t *pool)
{
    look_t *l = baton;
    qw_problem_t *why = QW_FAIL(pool, UNAUTHORIZED,
                                "an authorization of the order was "
                                "deactivated");

    QW_TRY(
        qw_gate_still_acts(db, l->call->authority, l->call->account->id, pool));
    QW_TRY(read_authz(db, l, pool));
    QW_TRY(check_deactivation(l));
    QW_TRY(qw_orders_lock(db, l->authz->id, pool));
    QW_TRY(qw_authz_move(db, l->authz->id, l->authz->status,
                         QW_authz_DEACTIVATED, pool));
    QW_TRY(
        qw_orders_fail(db, l->authz->id, qw_problem_document(why, pool), pool));
    QW_TRY(qw_call_audit(l->call, db, "authz.deactivate", "authz", l->authz->id,
                         NULL));
    return read_authz(db, l, pool);
}

qw_problem_t *qw_verb_authz(const qw_call_t *call, qw_reply_t *reply)
{
    look_t l = { 0 };

    l.call = call;
    if (!qw_id_is(call->id))
        return QW_FAIL(call->pool, NOT_FOUND, "no such resource");
    /* a validation may end, or a twin come first, while we look */
    if (call->payload != NULL)
        QW_TRY(
            qw_store_write_anew(call->site->store, deactivate, &l, call->pool));
    else
        QW_TRY(qw_store_read(call->site->store, read_authz, &l, call->pool));
    show(reply, 200, &l);
    if (l.authz->status == QW_authz_PENDING && is_running(&l))
        apr_table_setn(reply->headers, "Retry-After", "1");
    return NULL;
}

static qw_problem_t *make(qw_db_t *db, void *baton, apr_pool_t *pool)
{
    look_t *l = baton;
    apr_array_header_t *names = apr_array_make(pool, 1, sizeof(const char *));
    const qw_profile_t *profile;
    qw_account_t *account;

    QW_TRY(qw_account_get(&account, db, l->call->authority->name,
                          l->call->account->id, pool));
    APR_ARRAY_PUSH(names, const char *) = l->name;
    QW_TRY(qw_gate_may_order(&profile, db, l->call->authority, account, names,
                             NULL, pool));
    QW_TRY(qw_proof_for(&l->authz, &l->found, l->call, db, l->name));
    return qw_challenge_list(&l->challenges, db, l->authz->id, pool);
}

qw_problem_t *qw_verb_new_authz(const qw_call_t *call, qw_reply_t *reply)
{
    look_t l = { 0 };
    json_t *identifier;

    l.call = call;
    QW_TRY(qw_json_object(&identifier, call->payload, "identifier", QW_REQUIRED,
                          call->pool));
    QW_TRY(qw_name_of_identifier(&l.name, call, identifier));
    if (strncmp(l.name, "*.", 2) == 0)
        return QW_FAIL(call->pool, MALFORMED,
                       "a wildcard name cannot be pre-authorized");
    QW_TRY(qw_store_write(call->site->store, make, &l, call->pool));
    show(reply, l.found ? 200 : 201, &l);
    apr_table_setn(reply->headers, "Location",
                   qw_authority_url(call->authority, "authz", l.authz->id,
                                    call->pool));
    return NULL;
}
