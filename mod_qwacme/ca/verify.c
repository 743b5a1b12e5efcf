#include "ca/verify.h"

#include "base/b64.h"
#include "base/world.h"
#include "ca/record.h"
#include "store/db_order.h"

#include <apr_hash.h>
#include <apr_strings.h>

#include <string.h>

enum { PAGE = 500 };

typedef struct {
    const qw_issuing_t *issuing;
    const char *node; /* this one, whose spool it is */
    qw_verified_t *verified;
    apr_hash_t *spooled; /* attempt id -> qw_spool_record_t */
    apr_hash_t *known;   /* attempt ids of the ledger */
    qw_attempt_t like;   /* which page of attempts */
    const char *after;
    int more;
    apr_pool_t *pool;
} look_t;

static void find(look_t *l, const qw_attempt_t *t, const char *what)
{
    APR_ARRAY_PUSH(l->verified->findings, const char *) =
        apr_psprintf(l->pool, "%s: attempt %s, serial %s: %s",
                     l->issuing->authority->name, t->id, t->serial, what);
}

static qw_problem_t *take(const qw_spool_record_t *record, void *baton,
                          apr_pool_t *pool)
{
    look_t *l = baton;
    qw_spool_record_t *copy = apr_palloc(l->pool, sizeof(*copy));

    copy->attempt_id = apr_pstrdup(l->pool, record->attempt_id);
    copy->tbs_hash = apr_pstrdup(l->pool, record->tbs_hash);
    copy->der = NULL;
    if (apr_hash_get(l->spooled, copy->attempt_id, APR_HASH_KEY_STRING) != NULL)
        APR_ARRAY_PUSH(l->verified->findings, const char *) =
            apr_pstrcat(l->pool, l->issuing->authority->name, ": attempt ",
                        copy->attempt_id, ": two signatures in the spool",
                        NULL);
    apr_hash_set(l->spooled, copy->attempt_id, APR_HASH_KEY_STRING, copy);
    l->verified->spooled++;
    return NULL;
}

static qw_problem_t *check_certificate(look_t *l, qw_db_t *db,
                                       const qw_attempt_t *t, apr_pool_t *pool)
{
    qw_certificate_t *certificate;
    qw_order_t *order;
    qw_problem_t *prob =
        qw_certificate_by_serial(&certificate, db, t->issuer, t->serial, pool);

    if (prob != NULL && prob->code == QW_E_NOT_FOUND) {
        find(l, t, "issued, but there is no certificate");
        return NULL;
    }
    QW_TRY(prob);
    QW_TRY(qw_order_get(&order, db, t->authority, NULL, t->order_id, pool));
    if (order->status != QW_order_VALID
        || strcmp(order->certificate_id, certificate->id) != 0)
        find(l, t, "issued, but its order does not have its certificate");
    return NULL;
}

static qw_problem_t *check_issued(look_t *l, qw_db_t *db, const qw_attempt_t *t,
                                  apr_pool_t *pool)
{
    qw_bytes_t der;

    if (t->der == NULL || !qw_b64url_decode(&der, t->der, pool)
        || qw_record_check(t, &der, l->issuing->issuer, pool) != NULL)
        find(l, t, "issued, but not over what was written down");
    if (strcmp(t->node, l->node) == 0
        && apr_hash_get(l->spooled, t->id, APR_HASH_KEY_STRING) == NULL)
        find(l, t, "issued, but not in the spool");
    return strcmp(t->kind, QW_KIND_CERT) == 0
               ? check_certificate(l, db, t, pool)
               : NULL;
}

static qw_problem_t *check_orphan(look_t *l, qw_db_t *db, const qw_attempt_t *t,
                                  apr_pool_t *pool)
{
    qw_revocation_t *revocation;

    if (strcmp(t->kind, QW_KIND_CRL) == 0)
        return NULL; /* its number is not used again, and that is all */
    QW_TRY(qw_revocation_get(&revocation, db, t->issuer, t->serial, pool));
    if (revocation == NULL)
        find(l, t, "orphan, but its serial is not revoked");
    return NULL;
}

static qw_problem_t *check_one(look_t *l, qw_db_t *db, const qw_attempt_t *t,
                               apr_pool_t *pool)
{
    const qw_spool_record_t *record =
        apr_hash_get(l->spooled, t->id, APR_HASH_KEY_STRING);

    apr_hash_set(l->known, apr_pstrdup(l->pool, t->id), APR_HASH_KEY_STRING,
                 "");
    if (record != NULL && strcmp(record->tbs_hash, t->tbs_hash) != 0)
        find(l, t, "the spool has a signature over something else");
    if (t->status == QW_attempt_ISSUED || t->status == QW_attempt_SPENT)
        return check_issued(l, db, t, pool);
    if (t->status == QW_attempt_ORPHAN)
        return check_orphan(l, db, t, pool);
    if (t->lease_until < qw_world()->now())
        find(l, t, "open past its lease; run 'qwacmectl ledger reconcile'");
    return NULL;
}

static qw_problem_t *check_page(qw_db_t *db, void *baton, apr_pool_t *pool)
{
    look_t *l = baton;
    apr_array_header_t *page;
    int i;

    QW_TRY(qw_attempt_list(&page, db, &l->like, l->after, PAGE, pool));
    for (i = 0; i < page->nelts; i++) {
        const qw_attempt_t *t = APR_ARRAY_IDX(page, i, qw_attempt_t *);

        QW_TRY(check_one(l, db, t, pool));
        l->after = apr_pstrdup(l->pool, t->id);
    }
    l->more = page->nelts == PAGE;
    return NULL;
}

static qw_problem_t *check_status(look_t *l, qw_store_t *store,
                                  qw_state_e status)
{
    apr_pool_t *round;
    qw_problem_t *prob = NULL;

    l->like.issuer = l->issuing->issuer->spki_hash;
    l->like.status = status;
    l->after = NULL;
    apr_pool_create(&round, l->pool);
    do {
        apr_pool_clear(round);
        prob = qw_store_read(store, check_page, l, round);
    } while (prob == NULL && l->more);
    return prob;
}

static qw_problem_t *count(qw_db_t *db, void *baton, apr_pool_t *pool)
{
    look_t *l = baton;
    qw_attempt_count_t n;

    QW_TRY(qw_attempt_count(&n, db, l->issuing->issuer->spki_hash, pool));
    l->verified->attempts.all += n.all;
    l->verified->attempts.signing += n.signing;
    l->verified->attempts.issued += n.issued;
    l->verified->attempts.orphan += n.orphan;
    return NULL;
}

static void check_unknown(look_t *l)
{
    apr_hash_index_t *hi;

    for (hi = apr_hash_first(l->pool, l->spooled); hi != NULL;
         hi = apr_hash_next(hi)) {
        const char *id = apr_hash_this_key(hi);

        if (apr_hash_get(l->known, id, APR_HASH_KEY_STRING) == NULL)
            APR_ARRAY_PUSH(l->verified->findings, const char *) =
                apr_pstrcat(l->pool, l->issuing->authority->name,
                            ": the spool has a signature of attempt ", id,
                            ", which the ledger does not know", NULL);
    }
}

static qw_problem_t *verify_one(look_t *l, qw_store_t *store)
{
    int bad = 0;

    l->spooled = apr_hash_make(l->pool);
    l->known = apr_hash_make(l->pool);
    QW_TRY(qw_spool_each(&bad, l->issuing->spool, take, l, l->pool));
    QW_TRY(check_status(l, store, QW_attempt_ISSUED));
    QW_TRY(check_status(l, store, QW_attempt_SPENT));
    QW_TRY(check_status(l, store, QW_attempt_ORPHAN));
    QW_TRY(check_status(l, store, QW_attempt_SIGNING));
    check_unknown(l);
    return qw_store_read(store, count, l, l->pool);
}

typedef struct {
    const qw_ca_t *ca;
    qw_verified_t *verified;
} strangers_t;

static int is_ours(const qw_ca_t *ca, const char *issuer)
{
    int i;

    for (i = 0; i < ca->issuings->nelts; i++)
        if (strcmp(APR_ARRAY_IDX(ca->issuings, i, qw_issuing_t *)
                       ->issuer->spki_hash,
                   issuer)
            == 0)
            return 1;
    return 0;
}

/* What an issuer signed is looked at, revoked and shown only while it is
 * configured. */
static qw_problem_t *find_strangers(qw_db_t *db, void *baton, apr_pool_t *pool)
{
    strangers_t *s = baton;
    const char *issuer = "";

    for (;;) {
        QW_TRY(qw_attempt_next_issuer(&issuer, db, issuer, pool));
        if (issuer == NULL)
            return NULL;
        if (!is_ours(s->ca, issuer))
            APR_ARRAY_PUSH(s->verified->findings, const char *) =
                apr_psprintf(s->verified->findings->pool,
                             "issuer %s: in the ledger, but not configured; "
                             "write QwacmeIssuer CHAIN-FILE none",
                             issuer);
    }
}

qw_problem_t *qw_ledger_verify(qw_verified_t *verified, qw_ca_t *ca,
                               apr_pool_t *pool)
{
    strangers_t strangers = { ca, verified };
    int i;

    memset(verified, 0, sizeof(*verified));
    verified->findings = apr_array_make(pool, 4, sizeof(const char *));
    for (i = 0; i < ca->issuings->nelts; i++) {
        look_t l = { 0 };

        l.issuing = APR_ARRAY_IDX(ca->issuings, i, qw_issuing_t *);
        l.node = ca->node;
        l.verified = verified;
        l.pool = pool;
        QW_TRY(verify_one(&l, ca->store));
    }
    return qw_store_read(ca->store, find_strangers, &strangers, pool);
}
