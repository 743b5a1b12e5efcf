#include "acme/caa_again.h"

#include "base/document.h"
#include "base/world.h"
#include "check/caa.h"
#include "check/check.h"
#include "model/dates.h"
#include "store/db_order.h"

#include <apr_atomic.h>

/* So much before its end a look counts as over: the signer comes after us. */
#define CAA_MARGIN (apr_time_from_sec(300))

/* Requests of one process that look at the same time. Each keeps a thread of
 * httpd until the owner's name servers answer, or the time is over: whoever
 * has such servers could keep all threads. */
enum { LOOKS_MOST = 8 };

typedef struct {
    const qw_call_t *call;
    apr_array_header_t *authzs; /* of qw_authz_t *, of the order */
    apr_array_header_t *fresh;  /* the same: CAA lets us issue, as of now */
    json_t *looks;              /* evidence, in their order */
    qw_problem_t *refused;      /* NULL: none */
} again_t;

static qw_problem_t *read_authzs(qw_db_t *db, void *baton, apr_pool_t *pool)
{
    again_t *a = baton;

    return qw_authz_of_order(&a->authzs, db, a->call->id, pool);
}

static int is_old(const again_t *a, const qw_authz_t *authz)
{
    return authz->status == QW_authz_VALID
           && authz->caa_at <= a->call->now - QW_CAA_REUSE + CAA_MARGIN;
}

/* What is refused outweighs what is not known. */
static void refuse(again_t *a, const qw_authz_t *authz, qw_problem_t *why)
{
    apr_pool_t *pool = a->call->pool;

    why->identifier = qw_authz_identifier(authz, pool);
    if (a->refused == NULL)
        a->refused =
            QW_FAIL(pool, DNS, "the CAA records could not be looked up");
    if (why->code == QW_E_CAA) {
        a->refused->code = QW_E_CAA;
        a->refused->detail = "CAA records do not let this CA issue";
    }
    qw_problem_add(a->refused, why, pool);
}

static qw_problem_t *look(again_t *a, qw_authz_t *authz, apr_time_t deadline)
{
    const qw_call_t *call = a->call;
    const qw_validator_t *how = qw_validator_find(authz->method);
    qw_caa_t ask = { call->authority,
                     call->account,
                     authz->name,
                     authz->wildcard,
                     how != NULL ? how->caa_method : "",
                     deadline };
    json_t *evidence = json_object();
    qw_problem_t *prob;

    json_array_append_new(a->looks, evidence);
    prob = qw_caa_check(evidence, &ask, call->pool);
    if (prob == NULL) {
        authz->caa_at = call->now;
        APR_ARRAY_PUSH(a->fresh, qw_authz_t *) = authz;
        return NULL;
    }
    if (prob->code != QW_E_CAA && prob->code != QW_E_DNS)
        return prob;
    refuse(a, authz, prob);
    return NULL;
}

static qw_problem_t *look_at_all(again_t *a)
{
    apr_time_t deadline =
        qw_world()->now() + a->call->authority->validation_timeout;

    for (int i = 0; i < a->authzs->nelts; i++) {
        qw_authz_t *authz = APR_ARRAY_IDX(a->authzs, i, qw_authz_t *);

        if (is_old(a, authz))
            QW_TRY(look(a, authz, deadline));
    }
    return NULL;
}

static int is_any_old(const again_t *a)
{
    for (int i = 0; i < a->authzs->nelts; i++) {
        if (is_old(a, APR_ARRAY_IDX(a->authzs, i, qw_authz_t *)))
            return 1;
    }
    return 0;
}

static qw_problem_t *look_if_few(again_t *a)
{
    static volatile apr_uint32_t looking;
    qw_problem_t *prob;

    if (apr_atomic_inc32(&looking) < LOOKS_MOST) {
        prob = look_at_all(a);
    }
    else {
        prob = QW_FAIL(a->call->pool, UNAVAILABLE,
                       "too many CAA lookups are under way");
        prob->retry_after = apr_time_from_sec(5);
    }
    apr_atomic_dec32(&looking);
    return prob;
}

static qw_problem_t *record(qw_db_t *db, void *baton, apr_pool_t *pool)
{
    again_t *a = baton;
    json_t *detail = qw_json_new_object(pool);

    for (int i = 0; i < a->fresh->nelts; i++)
        QW_TRY(
            qw_authz_caa(db, APR_ARRAY_IDX(a->fresh, i, qw_authz_t *), pool));
    json_object_set(detail, "looks", a->looks);
    if (a->refused != NULL)
        json_object_set(detail, "problem", qw_problem_json(a->refused, pool));
    return qw_call_audit(a->call, db,
                         a->refused == NULL ? "caa.pass" : "caa.fail", "order",
                         a->call->id, detail);
}

qw_problem_t *qw_caa_again(const qw_call_t *call)
{
    again_t a = { .call = call };
    qw_problem_t *prob;

    a.fresh = apr_array_make(call->pool, 4, sizeof(qw_authz_t *));
    a.looks = qw_json_new_array(call->pool);
    QW_TRY(qw_store_read(call->site->store, read_authzs, &a, call->pool));
    if (!is_any_old(&a))
        return NULL;
    QW_TRY(look_if_few(&a));
    prob = qw_store_write(call->site->store, record, &a, call->pool);
    /* an authorization that ended meanwhile: the signer says so */
    if (prob != NULL && prob->code != QW_E_CONFLICT)
        return prob;
    return a.refused;
}
