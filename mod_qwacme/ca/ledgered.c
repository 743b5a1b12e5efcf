#include "ca/ledgered.h"

#include "audit/audit.h"
#include "base/b64.h"
#include "base/failpoint.h"
#include "base/log.h"
#include "ca/record.h"

typedef struct {
    const qw_ca_t *ca;
    const qw_ledgered_t *what;
    qw_attempt_t *attempt;
    qw_bytes_t der;
} work_t;

static qw_problem_t *note(qw_db_t *db, const work_t *w, apr_pool_t *pool)
{
    qw_audit_t who = { w->attempt->authority, w->attempt->created, "signer",
                       "attempt", w->attempt->id };
    json_t *detail = qw_json_new_object(pool);

    json_object_set_new(detail, "kind", json_string(w->attempt->kind));
    json_object_set_new(detail, "serial", json_string(w->attempt->serial));
    json_object_set_new(detail, "issuer", json_string(w->attempt->issuer));
    json_object_set_new(detail, "tbs", json_string(w->attempt->tbs_hash));
    return qw_audit(db, &who, "status.sign", detail, pool);
}

static qw_problem_t *write_ahead(qw_db_t *db, void *baton, apr_pool_t *pool)
{
    work_t *w = baton;

    QW_FAILPOINT("status.tx1.before", pool);
    if (w->what->begin != NULL)
        QW_TRY(w->what->begin(db, w->what->baton, pool));
    QW_TRY(qw_attempt_insert(db, w->attempt, pool));
    return note(db, w, pool);
}

static qw_problem_t *draft(work_t *w, apr_pool_t *pool)
{
    const qw_ledgered_t *what = w->what;
    qw_attempt_t *t;

    QW_TRY(qw_record_start(&t, what->issuing, w->ca->node, pool));
    t->kind = what->kind;
    t->serial = what->serial;
    t->tbs = qw_b64url_encode(what->written.data, what->written.len, pool);
    t->tbs_hash = qw_hex_encode(what->digest.tbs_hash, QW_TBS_HASH_BYTES, pool);
    t->profile_hash = "";
    t->crl_period = what->crl_period;
    t->not_after = what->not_after;
    w->attempt = t;
    return NULL;
}

static qw_problem_t *begin(work_t *w, apr_pool_t *pool)
{
    qw_problem_t *prob;
    int there;

    QW_TRY(qw_key_health(w->what->issuing->key, pool));
    QW_TRY(draft(w, pool));
    prob = qw_store_write(w->ca->store, write_ahead, w, pool);
    if (prob == NULL || prob->code != QW_E_COMMIT_UNKNOWN)
        return prob;
    QW_TRY(qw_record_is_there(&there, w->ca->store, w->attempt->id, pool));
    return there ? NULL : prob;
}

static qw_problem_t *sign(work_t *w, apr_pool_t *pool)
{
    const qw_ledgered_t *what = w->what;
    qw_bytes_t signature;

    QW_FAILPOINT("status.sign.before", pool);
    QW_TRY(qw_key_sign(&signature, what->issuing->key, &what->digest, pool));
    QW_FAILPOINT("status.sign.after", pool);
    QW_TRY(what->assemble(&w->der, what->baton, &signature, pool));
    return qw_record_check(w->attempt, &w->der, what->issuing->issuer, pool);
}

static qw_problem_t *spool(const work_t *w, apr_pool_t *pool)
{
    apr_array_header_t *records =
        apr_array_make(pool, 1, sizeof(qw_spool_record_t));
    qw_spool_record_t *r = apr_array_push(records);

    r->attempt_id = w->attempt->id;
    r->tbs_hash = w->attempt->tbs_hash;
    r->der = qw_b64url_encode(w->der.data, w->der.len, pool);
    return qw_spool_append(w->what->issuing->spool, records, pool);
}

static qw_problem_t *finish(qw_db_t *db, void *baton, apr_pool_t *pool)
{
    work_t *w = baton;
    qw_record_t record = { w->what->issuing, w->attempt, w->der, "signer" };

    QW_FAILPOINT("status.tx2.before", pool);
    QW_TRY(qw_record_issued(db, &record, pool));
    return w->what->finish == NULL
               ? NULL
               : w->what->finish(db, w->what->baton, w->attempt->id, pool);
}

static qw_problem_t *give_up(qw_db_t *db, void *baton, apr_pool_t *pool)
{
    work_t *w = baton;
    qw_record_t record = {
        w->what->issuing, w->attempt, { NULL, 0 }, "signer"
    };

    return qw_record_orphan(db, &record, pool);
}

/* What cannot be written off now is left to reconcile. */
static void write_off(work_t *w, apr_pool_t *pool)
{
    qw_problem_t *prob = qw_store_write(w->ca->store, give_up, w, pool);

    if (prob != NULL)
        qw_log_problem("QW0530", prob, pool);
}

qw_problem_t *qw_ledgered_sign(const qw_ca_t *ca, const qw_ledgered_t *what,
                               apr_pool_t *pool)
{
    work_t w = { ca, what, NULL, { NULL, 0 } };
    qw_problem_t *prob;

    QW_TRY(begin(&w, pool));
    QW_FAILPOINT("status.tx1.after", pool);
    prob = sign(&w, pool);
    if (prob != NULL) {
        write_off(&w, pool);
        return prob;
    }
    QW_TRY(spool(&w, pool));
    QW_FAILPOINT("status.install.before", pool);
    QW_TRY(what->install(what->baton, &w.der, pool));
    QW_FAILPOINT("status.install.after", pool);
    QW_TRY(qw_store_write(ca->store, finish, &w, pool));
    QW_FAILPOINT("status.tx2.after", pool);
    return NULL;
}
