#include "ca/issue.h"

#include "audit/audit.h"
#include "base/b64.h"
#include "base/failpoint.h"
#include "base/log.h"
#include "base/world.h"
#include "ca/draft.h"
#include "ca/dry_run.h"
#include "ca/lint.h"
#include "ca/reconcile.h"
#include "ca/record.h"
#include "gate/gate.h"
#include "store/db_order.h"
#include "store/db_status.h"
#include "x509/tbs.h"

#include <apr_strings.h>

#include <string.h>

typedef struct {
    qw_ca_t *ca;
    qw_issue_t **items;
    int n;
} batch_t;

static qw_problem_t *note_begin(qw_db_t *db, const qw_issue_t *item)
{
    qw_audit_t who = { item->issuing->authority->name, item->attempt->created,
                       "signer", "order", item->order_id };
    json_t *detail = qw_json_new_object(item->pool);

    json_object_set_new(detail, "attempt", json_string(item->attempt->id));
    json_object_set_new(detail, "serial", json_string(item->attempt->serial));
    json_object_set_new(detail, "tbs", json_string(item->attempt->tbs_hash));
    json_object_set_new(detail, "kind", json_string(item->attempt->kind));
    if (item->draft.findings != NULL)
        json_object_set(detail, "lint", item->draft.findings);
    return qw_audit(db, &who, "certificate.sign", detail, item->pool);
}

/* What may be signed for ITEM's order now. */
static qw_problem_t *draft(qw_db_t *db, qw_issue_t *item)
{
    qw_permit_t *permit;

    QW_TRY(qw_gate_may_sign(&permit, db, item->issuing->authority,
                            item->account_id, item->order_id, item->csr,
                            item->pool));
    return qw_draft_order(item, permit);
}

/* The gate, and then the point of no return for this order, or the end of its dry
 * run. */
static qw_problem_t *begin_order(qw_db_t *db, qw_issue_t *item)
{
    qw_problem_t *prob;

    QW_TRY(draft(db, item));
    if (item->draft.dry_run)
        return qw_dry_run_end(db, item);
    prob = qw_order_begin(db, item->order_id, item->csr_text, item->pool);
    if (prob != NULL && prob->code == QW_E_CONFLICT)
        return QW_FAIL(item->pool, ORDER_NOT_READY, "the order is not ready");
    return prob;
}

static qw_problem_t *check_issuer(qw_db_t *db, const qw_issue_t *item)
{
    apr_time_t ended;

    QW_TRY(qw_issuer_ended(&ended, db, item->issuing->issuer->spki_hash,
                           item->pool));
    if (ended != 0)
        return QW_FAIL_BECAUSE(item->pool, UNAUTHORIZED,
                               "the issuer has ended; name another one before "
                               "it in QwacmeIssuer",
                               "the issuing CA signs no more; order again");
    return NULL;
}

static qw_problem_t *begin_one(qw_db_t *db, qw_issue_t *item, const char *node)
{
    QW_TRY(check_issuer(db, item));
    QW_TRY(item->precert_id != NULL ? qw_draft_completion(item, db)
                                    : begin_order(db, item));
    if (item->draft.dry_run)
        return NULL;
    QW_TRY(qw_draft_attempt(item, node));
    QW_TRY(qw_attempt_insert(db, item->attempt, item->pool));
    return note_begin(db, item);
}

static int is_storage(const qw_problem_t *prob)
{
    return prob->code == QW_E_UNAVAILABLE || prob->code == QW_E_SERVER_INTERNAL;
}

/* TX1. What the gate refuses answers its own request; what breaks after the
 * order was taken breaks the transaction, so that nothing half done remains. */
static qw_problem_t *write_ahead(qw_db_t *db, void *baton, apr_pool_t *pool)
{
    batch_t *b = baton;
    int i;

    QW_FAILPOINT("signer.tx1.before", pool);
    for (i = 0; i < b->n; i++) {
        qw_issue_t *item = b->items[i];
        qw_problem_t *prob;

        item->attempt = NULL;
        if (item->problem != NULL)
            continue; /* refused, by a linter or before a retry */
        prob = begin_one(db, item, b->ca->node);
        if (prob != NULL && (item->attempt != NULL || is_storage(prob)))
            return prob;
        item->problem = prob;
    }
    return NULL;
}

/* Only the refused requests have their answer; the others share PROB. */
static void fail_all(batch_t *b, qw_problem_t *prob)
{
    int i;

    for (i = 0; i < b->n; i++) {
        qw_issue_t *item = b->items[i];

        if (item->problem == NULL || item->attempt != NULL)
            item->problem = prob;
        item->attempt = NULL;
    }
}

/* The answer to COMMIT was lost: the rows themselves say what became of it. */
static qw_problem_t *settle_unknown(batch_t *b, qw_problem_t *unknown,
                                    apr_pool_t *pool)
{
    const char *id = NULL;
    int i, there;

    for (i = 0; i < b->n && id == NULL; i++)
        if (b->items[i]->attempt != NULL)
            id = b->items[i]->attempt->id;
    if (id == NULL)
        return NULL;
    QW_TRY(qw_record_is_there(&there, b->ca->store, id, pool));
    return there ? NULL : unknown;
}

static void halt_if_serial_taken(const batch_t *b, const qw_problem_t *prob,
                                 apr_pool_t *pool)
{
    if (prob->cause != NULL && strcmp(prob->cause, "serial taken") == 0)
        qw_ca_halt(b->ca,
                   "a random serial was taken already: broken randomness or a "
                   "cloned machine",
                   pool);
}

/* An attempt that was written down and will not be signed. */
static qw_problem_t *give_up(qw_db_t *db, void *baton, apr_pool_t *pool)
{
    qw_issue_t *item = baton;
    qw_record_t record = {
        item->issuing, item->attempt, { NULL, 0 }, "signer"
    };

    return qw_record_orphan(db, &record, pool);
}

static void orphan(qw_ca_t *ca, qw_issue_t *item, qw_problem_t *why)
{
    qw_problem_t *prob = qw_store_write(ca->store, give_up, item, item->pool);

    qw_log_problem("QW0162", why, item->pool);
    qw_log(QW_LOG_ERR, 0, item->pool,
           "QW0163: attempt %s: its serial %s is written off%s",
           item->attempt->id, item->attempt->serial,
           prob != NULL ? ", by reconcile later" : " and revoked");
    item->problem = why;
    item->attempt = NULL;
}

static qw_problem_t *sign_one(qw_issue_t *item)
{
    const qw_issuer_t *issuer = item->issuing->issuer;
    qw_bytes_t signature;
    qw_digest_t digest;

    QW_FAILPOINT("signer.sign.before", item->pool);
    qw_digest_make(&digest, issuer, &item->tbs);
    QW_TRY(qw_key_sign(&signature, item->issuing->key, &digest, item->pool));
    QW_FAILPOINT("signer.sign.after", item->pool);
    QW_TRY(qw_cert_assemble(&item->der, &item->tbs, issuer, &signature,
                            item->pool));
    return qw_cert_verify(&item->der, &item->tbs, issuer, item->pool);
}

static void sign_all(batch_t *b)
{
    int i;

    for (i = 0; i < b->n; i++) {
        qw_issue_t *item = b->items[i];
        qw_problem_t *prob;

        if (item->attempt == NULL)
            continue;
        prob = sign_one(item);
        if (prob == NULL)
            continue;
        if (prob->code == QW_E_SERVER_INTERNAL)
            qw_ca_halt(b->ca, "the key made a signature that does not verify",
                       item->pool);
        orphan(b->ca, item, prob);
    }
}

static qw_problem_t *spool_of(qw_issuing_t *issuing, batch_t *b,
                              apr_pool_t *pool)
{
    apr_array_header_t *records =
        apr_array_make(pool, b->n, sizeof(qw_spool_record_t));
    int i;

    for (i = 0; i < b->n; i++) {
        const qw_issue_t *item = b->items[i];
        qw_spool_record_t *r;

        if (item->attempt == NULL || item->issuing != issuing)
            continue;
        r = apr_array_push(records);
        r->attempt_id = item->attempt->id;
        r->tbs_hash = item->attempt->tbs_hash;
        r->der = qw_b64url_encode(item->der.data, item->der.len, pool);
    }
    return records->nelts > 0 ? qw_spool_append(issuing->spool, records, pool)
                              : NULL;
}

static qw_problem_t *spool_all(batch_t *b, apr_pool_t *pool)
{
    int i;

    for (i = 0; i < b->ca->issuings->nelts; i++)
        QW_TRY(spool_of(APR_ARRAY_IDX(b->ca->issuings, i, qw_issuing_t *), b,
                        pool));
    return NULL;
}

/* TX2. An attempt that was written off meanwhile stays so: its certificate is
 * not given out. */
static qw_problem_t *close_all(qw_db_t *db, void *baton, apr_pool_t *pool)
{
    batch_t *b = baton;
    int i;

    QW_FAILPOINT("signer.tx2.before", pool);
    for (i = 0; i < b->n; i++) {
        qw_issue_t *item = b->items[i];
        qw_record_t record = { item->issuing, item->attempt, item->der,
                               "signer" };

        if (item->attempt == NULL)
            continue;
        item->problem = qw_record_issued(db, &record, item->pool);
        if (item->problem != NULL && item->problem->code != QW_E_CONFLICT)
            return item->problem;
    }
    return NULL;
}

static qw_problem_t *healthy(batch_t *b, apr_pool_t *pool)
{
    const char *why = qw_ca_halted(b->ca->conf, pool);
    int i;

    if (why != NULL)
        return QW_FAIL_BECAUSE(pool, UNAVAILABLE,
                               apr_pstrcat(pool, "halted: ", why, NULL),
                               "issuance is halted; try again later");
    for (i = 0; i < b->n; i++)
        QW_TRY(qw_key_health(b->items[i]->issuing->key, pool));
    return NULL;
}

/* What linters are to see, as it would be signed now. */
static qw_problem_t *foresee(qw_db_t *db, void *baton, apr_pool_t *pool)
{
    batch_t *b = baton;
    int i;

    for (i = 0; i < b->n; i++) {
        qw_issue_t *item = b->items[i];
        qw_problem_t *prob;

        if (!qw_lint_wanted(item))
            continue;
        prob = draft(db, item);
        if (prob != NULL && is_storage(prob))
            return prob;
        item->problem = prob;
    }
    return NULL;
}

/* Before anything is written down, and outside of any transaction: linters take
 * their time. The drafts that they saw are compared with what is written ahead. */
static qw_problem_t *lint_all(batch_t *b, apr_pool_t *pool)
{
    int i, n = 0;

    for (i = 0; i < b->n; i++)
        n += qw_lint_wanted(b->items[i]);
    if (n == 0)
        return NULL;
    QW_TRY(qw_store_read(b->ca->store, foresee, b, pool));
    return qw_lint_batch(b->ca->store, b->items, b->n, pool);
}

static qw_problem_t *begin_all(batch_t *b, apr_pool_t *pool)
{
    qw_problem_t *prob = healthy(b, pool);

    if (prob == NULL)
        prob = lint_all(b, pool);
    if (prob == NULL)
        prob = qw_store_write(b->ca->store, write_ahead, b, pool);
    if (prob != NULL && prob->code == QW_E_COMMIT_UNKNOWN)
        prob = settle_unknown(b, prob, pool);
    if (prob != NULL)
        halt_if_serial_taken(b, prob, pool);
    return prob;
}

static qw_problem_t *finish_all(batch_t *b, apr_pool_t *pool)
{
    QW_FAILPOINT("signer.tx1.after", pool);
    sign_all(b);
    QW_TRY(spool_all(b, pool));
    QW_TRY(qw_store_write(b->ca->store, close_all, b, pool));
    QW_FAILPOINT("signer.tx2.after", pool);
    return NULL;
}

/* Something broke behind the point of no return. This thread alone signs for
 * this node, so what it left open can be settled now instead of at the end of
 * its lease. */
static void settle(qw_ca_t *ca, apr_pool_t *pool)
{
    qw_reconciled_t done;
    qw_problem_t *prob = qw_reconcile(&done, ca, 1, pool);

    if (prob != NULL)
        qw_log_problem("QW0173", prob, pool);
}

void qw_issue_batch(qw_ca_t *ca, qw_issue_t **batch, int n, apr_pool_t *scratch)
{
    batch_t b = { ca, batch, n };
    qw_problem_t *prob = begin_all(&b, scratch);

    if (prob == NULL && (prob = finish_all(&b, scratch)) != NULL)
        settle(ca, scratch);
    if (prob != NULL)
        fail_all(&b, prob);
}
