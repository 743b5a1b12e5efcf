#include "work/validate.h"

#include "base/document.h"
#include "audit/audit.h"
#include "base/log.h"
#include "base/text.h"
#include "base/world.h"
#include "check/caa.h"
#include "check/perspectives.h"
#include "gate/gate.h"
#include "gate/limits.h"
#include "model/dates.h"
#include "registry/registry.h"
#include "store/db_job.h"
#include "store/db_order.h"
#include "work/again.h"

#include <apr_strings.h>

#include <string.h>

/* Leases a job may lose before its challenge fails: a job that kills its child
 * must not do so for ever. Those given back do not count: what is ours to repair
 * costs no challenge. */
enum { TRIES_MOST = 5 };

typedef struct {
    const qw_conf_t *conf;
    const qw_authority_t *authority;
    qw_store_t *store;
    const qw_job_t *job;
    qw_challenge_t *challenge;
    qw_authz_t *authz;
    qw_account_t *account;
    int listed;
    json_t *evidence;
    apr_time_t started; /* of the authority */
    qw_problem_t *seen; /* NULL: control shown */
    apr_pool_t *pool;
} look_t;

static qw_problem_t *read_subject(qw_db_t *db, void *baton, apr_pool_t *pool)
{
    look_t *l = baton;

    QW_TRY(qw_challenge_get(&l->challenge, &l->authz, db, NULL, NULL,
                            l->job->subject_id, pool));
    QW_TRY(qw_account_get(&l->account, db, l->authority->name,
                          l->authz->account_id, pool));
    return qw_registry_lists(&l->listed, db, l->authority,
                             l->account->external_id,
                             qw_authz_identifier(l->authz, pool), pool);
}

/* Asked again, as things may have changed while the job waited. No packet for
 * an account that may not act or a name that is not listed. */
static qw_problem_t *may_look(const look_t *l)
{
    if (l->job->tries > TRIES_MOST)
        return QW_FAIL(l->pool, SERVER_INTERNAL,
                       "the validation was broken off too often");
    QW_TRY(qw_gate_may_act(l->authority, l->account, l->pool));
    if (!l->listed)
        return QW_FAIL(l->pool, UNAUTHORIZED,
                       "%s is no longer on the account's domain list",
                       l->authz->name);
    return NULL;
}

/* RFC8555-8.1: by the key that the account has now. */
static qw_problem_t *make_dcv(qw_dcv_t *dcv, const look_t *l)
{
    dcv->authority = l->authority;
    dcv->domain = l->authz->name;
    dcv->token = l->challenge->token;
    dcv->key_auth = apr_pstrcat(l->pool, l->challenge->token, ".",
                                l->account->thumbprint, NULL);
    dcv->deadline = qw_world()->now() + l->authority->validation_timeout;
    return qw_dcv_digest(dcv, l->pool);
}

static qw_problem_t *look_caa(look_t *l, const qw_dcv_t *dcv)
{
    json_t *evidence = json_object();
    qw_caa_t ask = { l->authority,
                     l->account,
                     l->authz->name,
                     l->authz->wildcard,
                     qw_validator_find(l->challenge->type)->caa_method,
                     dcv->deadline };

    json_object_set_new(l->evidence, "caa", evidence);
    return qw_caa_check(evidence, &ask, l->pool);
}

/* The whole look at a name: every further witness has its place here. What we
 * do not see ourselves, no perspective is asked for. */
static qw_problem_t *look(look_t *l)
{
    qw_dcv_t dcv = { 0 };
    qw_corroboration_t all = { &dcv, l->challenge->type, l->authz->wildcard };
    apr_pool_t *short_lived;

    QW_TRY(may_look(l));
    QW_TRY(make_dcv(&dcv, l));
    /* its resolver need not wait for perspectives */
    apr_pool_create(&short_lived, l->pool);
    QW_TRY(qw_validator_find(l->challenge->type)
               ->try(l->evidence, &dcv, short_lived));
    apr_pool_destroy(short_lived);
    QW_TRY(look_caa(l, &dcv));
    return qw_corroborate(l->evidence, &all, l->pool);
}

/* BR-3.2.2.4: by which method, under which version of the rules, when. */
static void note_frame(const look_t *l)
{
    json_object_set_new(l->evidence, "method", json_string(l->challenge->type));
    json_object_set_new(l->evidence, "brVersion", json_string(QW_BR_VERSION));
    json_object_set_new(l->evidence, "started",
                        json_string(qw_text_time(l->started, l->pool)));
    json_object_set_new(l->evidence, "ended",
                        json_string(qw_text_time(qw_authority_now(l->authority),
                                                 l->pool)));
}

/* Ours to repair, not the subscriber's: nothing was learnt about the name. */
static int is_ours(const qw_problem_t *seen)
{
    return seen != NULL && qw_problem_http(seen->code) >= 500;
}

static qw_problem_t *note(qw_db_t *db, const look_t *l)
{
    qw_audit_t who = { l->authority->name, l->started, "validator", "challenge",
                       l->challenge->id };
    json_t *detail = qw_json_new_object(l->pool);

    json_object_set_new(detail, "name", json_string(l->authz->name));
    json_object_set_new(detail, "method", json_string(l->challenge->type));
    json_object_set_new(detail, "authz", json_string(l->authz->id));
    json_object_set(detail, "evidence", l->evidence);
    if (l->seen != NULL)
        json_object_set(detail, "problem", qw_problem_json(l->seen, l->pool));
    return qw_audit(db, &who, l->seen == NULL ? "dcv.pass" : "dcv.fail", detail,
                    l->pool);
}

static int is_of_account(const qw_problem_t *seen)
{
    return seen != NULL
           && (seen->code == QW_E_ACCOUNT_SUSPENDED
               || seen->code == QW_E_ACCOUNT_DEACTIVATED);
}

/* What it means for the limits, which are by name as it was ordered. */
static qw_problem_t *record_limits(qw_db_t *db, look_t *l, apr_pool_t *pool)
{
    const char *name = qw_authz_identifier(l->authz, pool);
    qw_limits_t limits;

    if (is_of_account(l->seen))
        return NULL;

    QW_TRY(qw_limits_open(&limits, db, l->authority, l->account->external_id,
                          l->started, pool));
    return l->seen == NULL ? qw_limits_passed(&limits, l->account->id, name)
                           : qw_limits_failed(&limits, l->account->id, name);
}

static qw_problem_t *record_valid(qw_db_t *db, look_t *l, apr_pool_t *pool)
{
    l->authz->method = l->challenge->type;
    l->authz->validated_at = l->started;
    l->authz->expires = l->started + l->authority->authz_lifetime;
    QW_TRY(qw_authz_prove(db, l->authz, pool));
    return qw_orders_settle(db, l->authz->id, pool);
}

static qw_problem_t *record_invalid(qw_db_t *db, look_t *l, apr_pool_t *pool)
{
    QW_TRY(qw_authz_move(db, l->authz->id, QW_authz_PENDING, QW_authz_INVALID,
                         pool));
    return qw_orders_fail(db, l->authz->id, l->challenge->error, pool);
}

/* Who was suspended while we looked has shown nothing. */
static qw_problem_t *ask_account(qw_db_t *db, look_t *l)
{
    qw_problem_t *prob =
        qw_gate_still_acts(db, l->authority, l->account->id, l->pool);

    if (prob != NULL && !is_of_account(prob))
        return prob;
    if (prob != NULL)
        l->seen = prob;
    return NULL;
}

/* CONFLICT: the lease or the challenge is no longer ours to decide. */
static qw_problem_t *record(qw_db_t *db, void *baton, apr_pool_t *pool)
{
    look_t *l = baton;

    QW_TRY(qw_job_done(db, l->job, pool));
    QW_TRY(qw_orders_lock(db, l->authz->id, pool));
    QW_TRY(ask_account(db, l));
    l->challenge->validated_at = l->started;
    l->challenge->evidence = qw_json_dump(l->evidence, pool);
    l->challenge->error =
        l->seen != NULL ? qw_problem_document(l->seen, pool) : NULL;
    l->challenge->status =
        l->seen == NULL ? QW_challenge_VALID : QW_challenge_INVALID;
    QW_TRY(qw_challenge_finish(db, l->challenge, pool));
    QW_TRY(l->seen == NULL ? record_valid(db, l, pool)
                           : record_invalid(db, l, pool));
    QW_TRY(record_limits(db, l, pool));
    return note(db, l);
}

/* The authorization ended while we looked: only the job is left to forget. */
static qw_problem_t *forget(qw_db_t *db, void *baton, apr_pool_t *pool)
{
    look_t *l = baton;

    return qw_problem_unless(qw_job_done(db, l->job, pool), QW_E_CONFLICT);
}

static qw_problem_t *give_back(qw_db_t *db, void *baton, apr_pool_t *pool)
{
    return qw_job_again(db, ((look_t *)baton)->job, pool);
}

static qw_problem_t *validate(look_t *l)
{
    qw_problem_t *prob = qw_store_read(l->store, read_subject, l, l->pool);

    if (prob != NULL && prob->code == QW_E_NOT_FOUND)
        return qw_store_write(l->store, forget, l, l->pool);
    QW_TRY(prob);
    if (l->challenge->status != QW_challenge_PROCESSING
        || l->authz->status != QW_authz_PENDING)
        return qw_store_write(l->store, forget, l, l->pool);
    l->evidence = qw_json_new_object(l->pool);
    l->started = qw_authority_now(l->authority);
    l->seen = look(l);
    note_frame(l);
    if (is_ours(l->seen) && l->job->tries <= TRIES_MOST) {
        qw_log_problem("QW0215", l->seen, l->pool);
        return qw_store_write(l->store, give_back, l, l->pool);
    }
    prob = qw_store_write(l->store, record, l, l->pool);
    if (prob != NULL && prob->code == QW_E_CONFLICT)
        return qw_store_write(l->store, forget, l, l->pool);
    return prob;
}

void qw_validate(const qw_conf_t *conf, qw_store_t *store, const qw_job_t *job)
{
    look_t l = { 0 };
    qw_problem_t *prob = NULL;

    /* its end ends sockets, certificates and the resolver of the attempt */
    apr_pool_create(&l.pool, NULL);
    l.conf = conf;
    l.store = store;
    l.job = job;
    l.authority = qw_conf_authority(conf, job->authority);
    if (l.authority != NULL)
        prob = validate(&l);
    if (prob != NULL)
        qw_log_problem("QW0214", prob, l.pool);
    apr_pool_destroy(l.pool);
}
