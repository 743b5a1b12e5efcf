#include "work/publish.h"

#include "audit/audit.h"
#include "base/b64.h"
#include "base/document.h"
#include "base/log.h"
#include "base/world.h"
#include "ca/ct.h"
#include "ca/precert.h"
#include "ca/revoke.h"
#include "gate/gate.h"
#include "store/db_job.h"
#include "store/db_key.h"
#include "store/db_ledger.h"
#include "store/db_order.h"
#include "work/again.h"
#include "x509/cert.h"
#include "x509/issuer.h"
#include "x509/pem.h"

#include <apr_strings.h>

#include <string.h>

typedef struct {
    const qw_publisher_t *publisher;
    const qw_authority_t *authority;
    const qw_job_t *job;
    qw_attempt_t *precert;
    qw_order_t *order;
    apr_array_header_t *scts; /* of qw_sct_t *, stored */
    apr_array_header_t *fresh;
    qw_problem_t *barred; /* the account may not act any more */
    qw_problem_t *end;    /* why the order fails */
    apr_pool_t *pool;
} work_t;

/* ---- chains ---- */

/* The base64 of every certificate of PEM, quoted, with commas between. */
static qw_problem_t *quoted(const char **text, const char *pem,
                            apr_pool_t *pool)
{
    apr_array_header_t *ders;

    QW_TRY(qw_pem_certificates(&ders, pem, "QwacmeIssuer", pool));
    *text = "";
    for (int i = 0; i < ders->nelts; i++) {
        const qw_bytes_t *der = &APR_ARRAY_IDX(ders, i, qw_bytes_t);

        *text =
            apr_pstrcat(pool, *text, i > 0 ? "," : "", "\"",
                        qw_b64_encode(der->data, der->len, pool), "\"", NULL);
    }
    return NULL;
}

static qw_problem_t *add_chains(qw_publisher_t *publisher,
                                const apr_array_header_t *issuers,
                                apr_pool_t *pool)
{
    for (int i = 0; i < issuers->nelts; i++) {
        const qw_issuer_t *issuer = APR_ARRAY_IDX(issuers, i, qw_issuer_t *);
        const char *chain;

        QW_TRY(quoted(&chain, issuer->chain_pem, pool));
        apr_hash_set(publisher->chains, issuer->spki_hash, APR_HASH_KEY_STRING,
                     chain);
    }
    return NULL;
}

qw_problem_t *qw_publisher_make(qw_publisher_t **publisher,
                                const qw_conf_t *conf, qw_store_t *store,
                                const qw_signer_client_t *signer,
                                apr_hash_t *issuers, apr_pool_t *pool)
{
    qw_publisher_t *made = apr_pcalloc(pool, sizeof(*made));

    made->conf = conf;
    made->store = store;
    made->signer = signer;
    made->chains = apr_hash_make(pool);
    for (int i = 0; i < conf->authorities->nelts; i++) {
        const qw_authority_t *a =
            APR_ARRAY_IDX(conf->authorities, i, qw_authority_t *);

        if (a->ct_logs->nelts > 0)
            QW_TRY(
                add_chains(made,
                           apr_hash_get(issuers, a->name, APR_HASH_KEY_STRING),
                           pool));
    }
    *publisher = made;
    return NULL;
}

/* ---- the job ---- */

static qw_problem_t *read_subject(qw_db_t *db, void *baton, apr_pool_t *pool)
{
    work_t *w = baton;

    QW_TRY(qw_attempt_get(&w->precert, db, w->job->subject_id, pool));
    QW_TRY(qw_order_get(&w->order, db, w->authority->name, NULL,
                        w->precert->order_id, pool));
    w->barred =
        qw_gate_still_acts(db, w->authority, w->order->account_id, w->pool);
    return qw_sct_list(&w->scts, db, w->precert->id, pool);
}

static int is_open(const work_t *w)
{
    return w->precert->status == QW_attempt_ISSUED
           && w->order->status == QW_order_PROCESSING;
}

static qw_problem_t *keep(qw_db_t *db, void *baton, apr_pool_t *pool)
{
    work_t *w = baton;

    for (int i = 0; i < w->fresh->nelts; i++)
        QW_TRY(qw_sct_insert(db, APR_ARRAY_IDX(w->fresh, i, qw_sct_t *), pool));
    return NULL;
}

/* What to send, and what logs sign of it. */
static qw_problem_t *prepare(qw_ct_submission_t *s, qw_sct_entry_t *entry,
                             qw_cert_facts_t **facts, const work_t *w)
{
    const char *chain = apr_hash_get(w->publisher->chains, w->precert->issuer,
                                     APR_HASH_KEY_STRING);
    qw_bytes_t der;

    if (chain == NULL)
        return QW_FAIL(w->pool, UNAVAILABLE,
                       "the issuer of precertificate %s is not configured",
                       w->precert->id);
    if (!qw_b64url_decode(&der, w->precert->der, w->pool)
        || !qw_b64url_decode(&entry->tbs, w->precert->tbs, w->pool))
        return QW_FAIL(w->pool, SERVER_INTERNAL, "the ledger is damaged");
    QW_TRY(qw_cert_parse(facts, &der, w->pool));
    entry->issuer_key = w->precert->issuer;
    s->authority = w->authority;
    s->attempt_id = w->precert->id;
    s->chain =
        apr_pstrcat(w->pool, "[\"", qw_b64_encode(der.data, der.len, w->pool),
                    "\",", chain, "]", NULL);
    s->entry = entry;
    s->not_after = (*facts)->not_after;
    s->round = (int)w->job->returns;
    return NULL;
}

/* UNAVAILABLE while there are too few. */
static qw_problem_t *collect(work_t *w)
{
    qw_ct_submission_t s;
    qw_sct_entry_t entry;
    qw_cert_facts_t *facts;
    const char *why;
    int needed;

    QW_TRY(prepare(&s, &entry, &facts, w));
    needed = qw_ct_needed(facts->not_before, facts->not_after);
    QW_TRY(qw_ct_submit(&w->fresh, &why, &s, w->scts, needed, w->pool));
    if (w->fresh->nelts > 0)
        QW_TRY(qw_store_write(w->publisher->store, keep, w, w->pool));
    apr_array_cat(w->scts, w->fresh);
    if (qw_ct_choose(w->authority, w->scts, &entry, needed, w->pool)->nelts
        < needed)
        return QW_FAIL(w->pool, UNAVAILABLE,
                       "too few logs have answered for serial %s: %s",
                       w->precert->serial, why != NULL ? why : "none is left");
    return NULL;
}

/* ---- its end ---- */

/* A lease that was lost is no failure: whoever has it does the same. */
static qw_problem_t *forget(qw_db_t *db, void *baton, apr_pool_t *pool)
{
    return qw_problem_unless(qw_job_done(db, ((work_t *)baton)->job, pool),
                             QW_E_CONFLICT);
}

static qw_problem_t *give_back(qw_db_t *db, void *baton, apr_pool_t *pool)
{
    return qw_job_again(db, ((work_t *)baton)->job, pool);
}

/* A signer that did not answer in time may still be at it: its certificate and
 * a failed order do not go together. The order's row is locked by now, and
 * signers lock it first. */
static qw_problem_t *refuse_if_signing(qw_db_t *db, const work_t *w,
                                       apr_pool_t *pool)
{
    qw_attempt_t *cert;

    QW_TRY(qw_attempt_live(&cert, db, w->order->id, QW_KIND_CERT, pool));
    return cert == NULL
               ? NULL
               : QW_FAIL(pool, CONFLICT, "the certificate is being signed");
}

/* [REV-18] A precertificate is as good as a certificate to who relies on it:
 * one whose key was blocked meanwhile is revoked. BR-4.9.1.1 */
static qw_problem_t *revoke_if_blocked(qw_db_t *db, const work_t *w,
                                       apr_pool_t *pool)
{
    qw_revoke_t what = { 0 };
    qw_certificate_t *promised;
    int blocked;

    QW_TRY(qw_precert_certificate(&promised, db, w->precert, pool));
    QW_TRY(qw_blocked_key_has(&blocked, db, promised->spki_hash, pool));
    if (!blocked || promised->revoked_at != 0)
        return NULL;
    what.authority = w->authority;
    what.certificate = promised;
    what.reason = QW_REASON_KEY_COMPROMISE;
    what.actor = "publisher";
    return qw_revoke(db, &what, pool);
}

/* Otherwise the precertificate stays what it is: logged perhaps, with a status. */
static qw_problem_t *fail_order(qw_db_t *db, void *baton, apr_pool_t *pool)
{
    work_t *w = baton;
    qw_audit_t who = { w->authority->name, qw_authority_now(w->authority),
                       "publisher", "order", w->order->id };
    json_t *detail = qw_json_new_object(pool);

    QW_TRY(qw_job_done(db, w->job, pool));
    QW_TRY(qw_order_move(db, w->order->id, QW_order_PROCESSING,
                         QW_order_INVALID, qw_problem_document(w->end, pool),
                         pool));
    QW_TRY(refuse_if_signing(db, w, pool));
    QW_TRY(revoke_if_blocked(db, w, pool));
    json_object_set_new(detail, "precertificate", json_string(w->precert->id));
    json_object_set(detail, "problem", qw_problem_json(w->end, pool));
    return qw_audit(db, &who, "order.refuse", detail, pool);
}

static int is_overdue(const work_t *w)
{
    return qw_authority_now(w->authority)
           > w->precert->created + w->authority->ct_deadline;
}

static qw_problem_t *try_again(work_t *w)
{
    return qw_store_write(w->publisher->store, give_back, w, w->pool);
}

/* Somebody else has it in hand: what the order says next time decides. */
static int is_contended(const qw_problem_t *prob)
{
    return prob != NULL
           && (prob->code == QW_E_ORDER_NOT_READY
               || prob->code == QW_E_CONFLICT);
}

/* What is ours, or the logs', to repair is tried again for a while. */
static qw_problem_t *conclude(work_t *w, qw_problem_t *prob)
{
    qw_store_t *store = w->publisher->store;

    if (prob == NULL)
        return qw_store_write(store, forget, w, w->pool);
    if (is_contended(prob))
        return try_again(w);
    qw_log_problem("QW0218", prob, w->pool);
    w->end = prob;
    if (qw_problem_http(prob->code) >= 500) {
        if (!is_overdue(w))
            return try_again(w);
        w->end = QW_FAIL(w->pool, SERVER_INTERNAL,
                         "Certificate Transparency logs did not answer in "
                         "time; order again later");
    }
    prob = qw_store_write(store, fail_order, w, w->pool);
    return is_contended(prob) ? try_again(w) : prob;
}

static qw_problem_t *work(work_t *w)
{
    const qw_publisher_t *p = w->publisher;
    qw_problem_t *prob;

    QW_TRY(qw_store_read(p->store, read_subject, w, w->pool));
    if (!is_open(w))
        return qw_store_write(p->store, forget, w, w->pool);
    prob = w->barred != NULL ? w->barred : collect(w);
    if (prob == NULL)
        prob = qw_signer_complete(p->signer, w->authority, w->precert->issuer,
                                  w->precert->id, w->pool);
    return conclude(w, prob);
}

void qw_publish(const qw_publisher_t *publisher, const qw_job_t *job)
{
    work_t w = { .publisher = publisher, .job = job };
    qw_problem_t *prob = NULL;

    apr_pool_create(&w.pool, NULL);
    w.authority = qw_conf_authority(publisher->conf, job->authority);
    if (w.authority != NULL)
        prob = work(&w);
    if (prob != NULL)
        qw_log_problem("QW0219", prob, w.pool);
    apr_pool_destroy(w.pool);
}
