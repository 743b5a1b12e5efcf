/* Challenges, RFC8555-7.5.1: the answer of a client starts a validation, which
 * is a job for the workers. */
#include "acme/render.h"
#include "base/text.h"
#include "base/world.h"
#include "gate/gate.h"
#include "gate/limits.h"
#include "store/db_job.h"
#include "store/db_order.h"

typedef struct {
    const qw_call_t *call;
    qw_challenge_t *challenge;
    qw_authz_t *authz;
    int begun;
} look_t;

static qw_problem_t *read_challenge(qw_db_t *db, void *baton, apr_pool_t *pool)
{
    look_t *l = baton;

    return qw_challenge_get(&l->challenge, &l->authz, db,
                            l->call->authority->name, l->call->account->id,
                            l->call->id, pool);
}

static qw_problem_t *add_job(qw_db_t *db, const look_t *l, apr_pool_t *pool)
{
    qw_job_t job = { 0 };

    QW_TRY(qw_id_make(&job.id, pool));
    job.authority = l->call->authority->name;
    job.kind = QW_JOB_VALIDATE;
    job.subject_id = l->challenge->id;
    job.account_id = l->call->account->id;
    job.due = qw_world()->now() + l->call->authority->test_slow_validation;
    return qw_job_insert(db, &job, pool);
}

static qw_problem_t *check_limits(qw_db_t *db, const look_t *l,
                                  apr_pool_t *pool)
{
    qw_limits_t limits;

    QW_TRY(qw_limits_open(&limits, db, l->call->authority,
                          l->call->account->external_id, l->call->now, pool));
    return qw_limits_may_begin(&limits, l->call->account->id);
}

/* Nothing is asked of the network for a name that has left the list. */
static qw_problem_t *check(qw_db_t *db, const look_t *l, apr_pool_t *pool)
{
    int listed;

    if (qw_authz_status(l->authz, l->call->now) != QW_authz_PENDING)
        return QW_FAIL(pool, MALFORMED, "the authorization is %s",
                       qw_state_word(qw_authz_status(l->authz, l->call->now)));
    if (!qw_text_in(l->call->authority->challenges, l->challenge->type))
        return QW_FAIL(pool, MALFORMED, "%s is no longer offered",
                       l->challenge->type);
    QW_TRY(qw_registry_lists(&listed, db, l->call->authority,
                             l->call->account->external_id,
                             qw_authz_identifier(l->authz, pool), pool));
    if (!listed)
        return QW_FAIL(pool, UNAUTHORIZED,
                       "%s is no longer on the account's domain list",
                       l->authz->name);
    return NULL;
}

static qw_problem_t *begin(qw_db_t *db, void *baton, apr_pool_t *pool)
{
    look_t *l = baton;

    QW_TRY(read_challenge(db, l, pool));
    if (l->challenge->status != QW_challenge_PENDING)
        return NULL; /* asked before: tell how it stands */
    QW_TRY(
        qw_gate_still_acts(db, l->call->authority, l->call->account->id, pool));
    QW_TRY(check(db, l, pool));
    QW_TRY(check_limits(db, l, pool));
    QW_TRY(qw_challenge_begin(db, l->challenge->id, pool));
    QW_TRY(add_job(db, l, pool));
    l->challenge->status = QW_challenge_PROCESSING;
    l->begun = 1;
    return NULL;
}

/* Who comes second is told how it stands, if that was for the same challenge. */
static qw_problem_t *begin_or_tell(look_t *l)
{
    qw_store_t *store = l->call->site->store;
    apr_pool_t *pool = l->call->pool;
    qw_problem_t *prob = qw_store_write(store, begin, l, pool);

    if (prob == NULL || prob->code != QW_E_CONFLICT)
        return prob;
    QW_TRY(qw_store_read(store, read_challenge, l, pool));
    if (l->challenge->status != QW_challenge_PENDING)
        return NULL;
    return QW_FAIL(pool, MALFORMED,
                   "another challenge of this authorization is being "
                   "validated");
}

qw_problem_t *qw_verb_challenge(const qw_call_t *call, qw_reply_t *reply)
{
    look_t l = { 0 };

    l.call = call;
    if (!qw_id_is(call->id))
        return QW_FAIL(call->pool, NOT_FOUND, "no such resource");
    if (call->payload == NULL)
        QW_TRY(
            qw_store_read(call->site->store, read_challenge, &l, call->pool));
    else
        QW_TRY(begin_or_tell(&l));
    if (l.begun && call->site->wake != NULL)
        call->site->wake(call->site->wake_baton);
    qw_reply_json(reply, 200, qw_render_challenge(call, l.challenge),
                  call->pool);
    qw_reply_link(reply,
                  qw_authority_url(call->authority, "authz", l.authz->id,
                                   call->pool),
                  "up", call->pool);
    if (l.challenge->status == QW_challenge_PROCESSING)
        apr_table_setn(reply->headers, "Retry-After", "1");
    return NULL;
}
