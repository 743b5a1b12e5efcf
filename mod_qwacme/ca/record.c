#include "ca/record.h"

#include "audit/audit.h"
#include "base/b64.h"
#include "base/world.h"
#include "ca/revoke.h"
#include "store/db_job.h"
#include "store/db_key.h"
#include "store/db_order.h"
#include "x509/cert.h"
#include "x509/crl.h"
#include "x509/tbs.h"

#include <apr_strings.h>

#include <string.h>

static qw_problem_t *note(qw_db_t *db, const qw_record_t *r, const char *event,
                          apr_pool_t *pool)
{
    qw_audit_t who = { r->issuing->authority->name,
                       qw_authority_now(r->issuing->authority), r->actor,
                       "attempt", r->attempt->id };
    json_t *detail = qw_json_new_object(pool);

    json_object_set_new(detail, "serial", json_string(r->attempt->serial));
    json_object_set_new(detail, "kind", json_string(r->attempt->kind));
    if (r->attempt->order_id != NULL)
        json_object_set_new(detail, "order", json_string(r->attempt->order_id));
    json_object_set_new(detail, "issuer", json_string(r->attempt->issuer));
    return qw_audit(db, &who, event, detail, pool);
}

/* [REV-18] Its key was blocked while it was signed: who blocked it could not see
 * it. It is on record, and revoked in the same moment. */
static qw_problem_t *revoke_if_blocked(qw_db_t *db, const qw_record_t *r,
                                       const qw_certificate_t *c,
                                       apr_pool_t *pool)
{
    qw_revoke_t what = { 0 };
    int blocked;

    QW_TRY(qw_blocked_key_has(&blocked, db, c->spki_hash, pool));
    if (!blocked)
        return NULL;
    what.authority = r->issuing->authority;
    what.certificate = c;
    what.reason = QW_REASON_KEY_COMPROMISE;
    what.actor = r->actor;
    return qw_revoke(db, &what, pool);
}

static qw_problem_t *insert_certificate(const char **id, qw_db_t *db,
                                        const qw_record_t *r,
                                        const qw_order_t *order,
                                        apr_pool_t *pool)
{
    qw_certificate_t c = { 0 };
    qw_cert_facts_t *facts;

    QW_TRY(qw_cert_parse(&facts, &r->der, pool));
    QW_TRY(qw_id_make(&c.id, pool));
    c.authority = r->attempt->authority;
    c.order_id = order->id;
    c.account_id = order->account_id;
    c.external_id = order->external_id;
    c.attempt_id = r->attempt->id;
    c.issuer = r->attempt->issuer;
    c.serial = r->attempt->serial;
    c.spki_hash = facts->spki_hash;
    c.fingerprint = facts->fingerprint;
    c.names = order->names;
    c.profile = order->profile;
    c.identity_version = r->attempt->identity_version;
    c.not_before = facts->not_before;
    c.not_after = facts->not_after;
    c.created = qw_authority_now(r->issuing->authority);
    c.pem = qw_pem_encode("CERTIFICATE", r->der.data, r->der.len, pool);
    *id = c.id;
    QW_TRY(qw_blocked_key_lock(db, c.spki_hash, pool));
    QW_TRY(qw_certificate_insert(db, &c, pool));
    return revoke_if_blocked(db, r, &c, pool);
}

static qw_problem_t *finish_order(qw_db_t *db, const qw_record_t *r,
                                  const qw_order_t *order, apr_pool_t *pool)
{
    const char *id;

    QW_TRY(insert_certificate(&id, db, r, order, pool));
    QW_TRY(qw_order_finish(db, order->id, id, pool));
    return note(db, r, "certificate.issue", pool);
}

/* Logs come next: whoever is free has it done. */
static qw_problem_t *order_publication(qw_db_t *db, const qw_record_t *r,
                                       const qw_order_t *order,
                                       apr_pool_t *pool)
{
    qw_job_t job = { 0 };

    QW_TRY(qw_id_make(&job.id, pool));
    job.authority = r->attempt->authority;
    job.kind = QW_JOB_PUBLISH;
    job.subject_id = r->attempt->id;
    job.account_id = order->account_id;
    job.due = qw_world()->now();
    QW_TRY(qw_job_insert(db, &job, pool));
    return note(db, r, "precertificate.issue", pool);
}

static int is_kind(const qw_record_t *r, const char *kind)
{
    return strcmp(r->attempt->kind, kind) == 0;
}

/* ---- before it is written down ---- */

qw_problem_t *qw_record_start(qw_attempt_t **attempt,
                              const qw_issuing_t *issuing, const char *node,
                              apr_pool_t *pool)
{
    qw_attempt_t *t = apr_pcalloc(pool, sizeof(*t));

    QW_TRY(qw_id_make(&t->id, pool));
    t->authority = issuing->authority->name;
    t->issuer = issuing->issuer->spki_hash;
    t->node = node;
    t->created = qw_authority_now(issuing->authority);
    t->lease_until = qw_world()->now() + QW_ATTEMPT_LEASE;
    *attempt = t;
    return NULL;
}

/* ---- a signature against what was written down ---- */

qw_problem_t *qw_record_check(const qw_attempt_t *attempt,
                              const qw_bytes_t *der, const qw_issuer_t *issuer,
                              apr_pool_t *pool)
{
    qw_bytes_t tbs;

    if (!qw_b64url_decode(&tbs, attempt->tbs, pool))
        return QW_FAIL(pool, SERVER_INTERNAL, "the ledger is damaged");
    if (strcmp(attempt->kind, QW_KIND_CRL) != 0)
        return qw_cert_verify(der, &tbs, issuer, pool);
    return qw_digest_verify(issuer, &tbs, der, pool);
}

typedef struct {
    const char *id;
    int there;
} seen_t;

static qw_problem_t *see(qw_db_t *db, void *baton, apr_pool_t *pool)
{
    seen_t *seen = baton;
    qw_attempt_t *attempt;
    qw_problem_t *prob = qw_attempt_get(&attempt, db, seen->id, pool);

    seen->there = prob == NULL;
    return qw_problem_unless(prob, QW_E_NOT_FOUND);
}

qw_problem_t *qw_record_is_there(int *there, qw_store_t *store,
                                 const char *attempt_id, apr_pool_t *pool)
{
    seen_t seen = { attempt_id, 0 };

    QW_TRY(qw_store_read(store, see, &seen, pool));
    *there = seen.there;
    return NULL;
}

/* ---- how it ended ---- */

qw_problem_t *qw_record_issued(qw_db_t *db, const qw_record_t *r,
                               apr_pool_t *pool)
{
    apr_time_t now = qw_authority_now(r->issuing->authority);
    const char *der = qw_b64url_encode(r->der.data, r->der.len, pool);
    qw_order_t *order;

    QW_TRY(qw_attempt_issue(db, r->attempt->id, der, now, pool));
    if (is_kind(r, QW_KIND_CRL))
        return note(db, r, "crl.issue", pool);
    if (is_kind(r, QW_KIND_OCSP))
        return note(db, r, "responder.issue", pool);
    QW_TRY(qw_order_get(&order, db, r->attempt->authority, NULL,
                        r->attempt->order_id, pool));
    return is_kind(r, QW_KIND_PRECERT) ? order_publication(db, r, order, pool)
                                       : finish_order(db, r, order, pool);
}

static qw_problem_t *revoke_serial(qw_db_t *db, const qw_record_t *r,
                                   apr_time_t now, apr_pool_t *pool)
{
    qw_revocation_t row = { 0 };

    row.issuer = r->attempt->issuer;
    row.serial = r->attempt->serial;
    row.authority = r->attempt->authority;
    row.requested_at = now;
    row.revoked_at = now;
    row.actor = r->actor;
    /* it may have been revoked before */
    return qw_problem_unless(qw_revocation_insert(db, &row, pool),
                             QW_E_CONFLICT);
}

qw_problem_t *qw_record_orphan(qw_db_t *db, const qw_record_t *r,
                               apr_pool_t *pool)
{
    apr_time_t now = qw_authority_now(r->issuing->authority);
    const char *order_id = r->attempt->order_id;

    QW_TRY(qw_attempt_orphan(db, r->attempt->id, now, pool));
    if (!is_kind(r, QW_KIND_CRL))
        QW_TRY(revoke_serial(db, r, now, pool));
    if (order_id != NULL) {
        QW_TRY(qw_attempt_spend(db, order_id, pool));
        QW_TRY(
            qw_problem_unless(qw_order_move(db, order_id, QW_order_PROCESSING,
                                            QW_order_READY, NULL, pool),
                              QW_E_CONFLICT));
    }
    return note(db, r, "attempt.orphan", pool);
}
