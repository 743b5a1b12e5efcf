#include "ca/reconcile.h"

#include "base/b64.h"
#include "base/failpoint.h"
#include "base/log.h"
#include "base/world.h"
#include "ca/record.h"
#include "store/db_ledger.h"
#include "store/db_order.h"

#include <apr_hash.h>
#include <apr_strings.h>

#include <string.h>

enum { AT_ONCE = 1000 };
#define LATE_MOST (apr_time_from_sec(3600))

typedef struct {
    const qw_issuing_t *issuing;
    qw_store_t *store;
    const char *own; /* node whose attempts need no lease to end, or NULL */
    apr_array_header_t *open;    /* of qw_attempt_t *: signing */
    apr_array_header_t *orphans; /* of qw_attempt_t *: without a signature */
    apr_hash_t *wanted;          /* attempt id -> "", then base64url DER */
    qw_reconciled_t *done;
    apr_pool_t *pool;
} look_t;

/* Leave alone what another signer may be at. */
static void keep_ours(look_t *l)
{
    qw_attempt_t **t = (qw_attempt_t **)l->open->elts;
    apr_time_t now = qw_world()->now();
    int i, n = 0;

    for (i = 0; i < l->open->nelts; i++)
        if (t[i]->lease_until < now
            || (l->own != NULL && strcmp(t[i]->node, l->own) == 0))
            t[n++] = t[i];
    l->open->nelts = n;
}

/* A signature turns up late when a paused signer wakes, not after an hour; a
 * signer that starts looks at all of them once. */
static void keep_recent(look_t *l)
{
    qw_attempt_t **t = (qw_attempt_t **)l->orphans->elts;
    apr_time_t since = qw_authority_now(l->issuing->authority) - LATE_MOST;
    int i, n = 0;

    for (i = 0; i < l->orphans->nelts; i++)
        if (t[i]->der == NULL && (l->own != NULL || t[i]->signed_at > since))
            t[n++] = t[i];
    l->orphans->nelts = n;
}

static qw_problem_t *find_open(qw_db_t *db, void *baton, apr_pool_t *pool)
{
    look_t *l = baton;
    qw_attempt_t like = { 0 };

    like.issuer = l->issuing->issuer->spki_hash;
    like.status = QW_attempt_SIGNING;
    QW_TRY(qw_attempt_list(&l->open, db, &like, NULL, AT_ONCE, pool));
    keep_ours(l);
    like.status = QW_attempt_ORPHAN;
    QW_TRY(qw_attempt_list(&l->orphans, db, &like, NULL, AT_ONCE, pool));
    keep_recent(l);
    return NULL;
}

static void want(look_t *l, const apr_array_header_t *attempts)
{
    int i;

    for (i = 0; i < attempts->nelts; i++) {
        const qw_attempt_t *t = APR_ARRAY_IDX(attempts, i, qw_attempt_t *);

        if (t->der == NULL)
            apr_hash_set(l->wanted, t->id, APR_HASH_KEY_STRING, "");
    }
}

static qw_problem_t *take(const qw_spool_record_t *record, void *baton,
                          apr_pool_t *pool)
{
    look_t *l = baton;

    if (apr_hash_get(l->wanted, record->attempt_id, APR_HASH_KEY_STRING)
        != NULL)
        apr_hash_set(l->wanted, apr_pstrdup(l->pool, record->attempt_id),
                     APR_HASH_KEY_STRING, apr_pstrdup(l->pool, record->der));
    return NULL;
}

/* *DER of the spooled signature of T; data NULL if there is none that is good.
 * It is verified again: the spool is a file. */
static void spooled(qw_bytes_t *der, const look_t *l, const qw_attempt_t *t)
{
    const char *text = apr_hash_get(l->wanted, t->id, APR_HASH_KEY_STRING);

    der->data = NULL;
    if (text == NULL || *text == '\0')
        return;
    if (!qw_b64url_decode(der, text, l->pool)
        || qw_record_check(t, der, l->issuing->issuer, l->pool) != NULL) {
        qw_log(QW_LOG_ERR, 0, l->pool,
               "QW0164: attempt %s: the signature in the spool is not over "
               "what was written down",
               t->id);
        der->data = NULL;
    }
}

typedef struct {
    qw_record_t record;
    qw_reconciled_t *done;
} settle_t;

static qw_problem_t *adopt(qw_db_t *db, void *baton, apr_pool_t *pool)
{
    QW_FAILPOINT("reconcile.adopt", pool);
    return qw_record_issued(db, &((settle_t *)baton)->record, pool);
}

static qw_problem_t *write_off(qw_db_t *db, void *baton, apr_pool_t *pool)
{
    QW_FAILPOINT("reconcile.orphan", pool);
    return qw_record_orphan(db, &((settle_t *)baton)->record, pool);
}

/* CONFLICT: the signer, or another reconcile, was faster. */
static qw_problem_t *unless_settled(qw_problem_t *prob, int *count)
{
    if (prob != NULL && prob->code == QW_E_CONFLICT)
        return NULL;
    if (prob == NULL)
        (*count)++;
    return prob;
}

static qw_problem_t *settle(look_t *l, const qw_attempt_t *t)
{
    settle_t s = { { l->issuing, t, { NULL, 0 }, "reconcile" }, l->done };

    spooled(&s.record.der, l, t);
    if (s.record.der.data != NULL)
        return unless_settled(qw_store_write(l->store, adopt, &s, l->pool),
                              &l->done->adopted);
    qw_log(QW_LOG_WARNING, 0, l->pool,
           "QW0165: attempt %s: no signature of it is known; %s %s is %s",
           t->id, t->kind, t->serial,
           t->order_id != NULL ? "revoked, the order is ready again"
                               : "written off");
    return unless_settled(qw_store_write(l->store, write_off, &s, l->pool),
                          &l->done->orphaned);
}

static qw_problem_t *attach(qw_db_t *db, void *baton, apr_pool_t *pool)
{
    const qw_record_t *r = baton;

    return qw_attempt_attach(db, r->attempt->id,
                             qw_b64url_encode(r->der.data, r->der.len, pool),
                             pool);
}

static qw_problem_t *look_late(look_t *l, const qw_attempt_t *t)
{
    qw_record_t r = { l->issuing, t, { NULL, 0 }, "reconcile" };

    if (t->der != NULL)
        return NULL;
    spooled(&r.der, l, t);
    if (r.der.data == NULL)
        return NULL;
    qw_log(QW_LOG_ERR, 0, l->pool,
           "QW0166: attempt %s: a signature turned up after it was written "
           "off; serial %s is revoked",
           t->id, t->serial);
    return unless_settled(qw_store_write(l->store, attach, &r, l->pool),
                          &l->done->attached);
}

static qw_problem_t *free_stranded(qw_db_t *db, void *baton, apr_pool_t *pool)
{
    look_t *l = baton;
    apr_array_header_t *orders;
    int i;

    QW_TRY(qw_order_stranded(&orders, db, l->issuing->authority->name, pool));
    for (i = 0; i < orders->nelts; i++)
        QW_TRY(qw_order_move(db, APR_ARRAY_IDX(orders, i, qw_order_t *)->id,
                             QW_order_PROCESSING, QW_order_READY, NULL, pool));
    l->done->freed += orders->nelts;
    return NULL;
}

static qw_problem_t *reconcile_one(look_t *l)
{
    int i, bad = 0;

    QW_TRY(qw_store_read(l->store, find_open, l, l->pool));
    l->wanted = apr_hash_make(l->pool);
    want(l, l->open);
    want(l, l->orphans);
    if (apr_hash_count(l->wanted) > 0)
        QW_TRY(qw_spool_each(&bad, l->issuing->spool, take, l, l->pool));
    for (i = 0; i < l->open->nelts; i++)
        QW_TRY(settle(l, APR_ARRAY_IDX(l->open, i, qw_attempt_t *)));
    for (i = 0; i < l->orphans->nelts; i++)
        QW_TRY(look_late(l, APR_ARRAY_IDX(l->orphans, i, qw_attempt_t *)));
    return l->own != NULL ? qw_store_write(l->store, free_stranded, l, l->pool)
                          : NULL;
}

qw_problem_t *qw_reconcile(qw_reconciled_t *done, qw_ca_t *ca, int own,
                           apr_pool_t *pool)
{
    int i;

    memset(done, 0, sizeof(*done));
    for (i = 0; i < ca->issuings->nelts; i++) {
        look_t l = { 0 };

        l.issuing = APR_ARRAY_IDX(ca->issuings, i, qw_issuing_t *);
        l.store = ca->store;
        l.own = own ? ca->node : NULL;
        l.done = done;
        l.pool = pool;
        QW_TRY(reconcile_one(&l));
    }
    return NULL;
}
