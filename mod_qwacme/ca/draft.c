#include "ca/draft.h"

#include "base/b64.h"
#include "base/world.h"
#include "ca/ct.h"
#include "ca/record.h"
#include "model/dates.h"
#include "store/db_ledger.h"
#include "store/db_order.h"
#include "x509/cert.h"
#include "x509/der.h"
#include "x509/sct.h"
#include "x509/tbs.h"

#include <apr_strings.h>

#include <string.h>

/* 128 bits, positive, of full length: the first byte is 1 to 127. BR-7.1 */
qw_problem_t *qw_draft_serial(unsigned char **serial, apr_pool_t *pool)
{
    unsigned char *made = apr_palloc(pool, QW_SERIAL_BYTES);

    do {
        QW_TRY(qw_random(made, QW_SERIAL_BYTES, pool));
        made[0] &= 0x7f;
    } while (made[0] == 0);
    *serial = made;
    return NULL;
}

static apr_array_header_t *pds_of(const qw_authority_t *authority,
                                  apr_pool_t *pool)
{
    apr_array_header_t *list = apr_array_make(pool, 2, sizeof(qw_tbs_pds_t));
    int i;

    for (i = 0; i < authority->pds->nelts; i++) {
        const qw_pds_t *pds = &APR_ARRAY_IDX(authority->pds, i, qw_pds_t);
        qw_tbs_pds_t *to = apr_array_push(list);

        to->language = pds->language;
        to->url = pds->url;
    }
    return list;
}

/* The least of what is configured, of the profile's and of today's rules. */
static int validity_days(const qw_authority_t *authority,
                         const qw_profile_t *profile, apr_time_t now)
{
    int most = qw_rule(QW_RULE_VALIDITY, now);

    if (qw_profile_max_days(profile) < most)
        most = qw_profile_max_days(profile);
    return authority->validity_days < most ? authority->validity_days : most;
}

static qw_problem_t *make_tbs(qw_issue_t *item, const qw_permit_t *permit)
{
    const qw_authority_t *authority = item->issuing->authority;
    qw_tbs_in_t in = { 0 };
    apr_time_t not_before;

    in.profile = permit->profile;
    in.identity = permit->identity;
    in.names = permit->names;
    in.spki = item->csr->spki;
    in.serial.data = item->draft.serial;
    in.serial.len = QW_SERIAL_BYTES;
    in.not_before = item->draft.at;
    in.days = validity_days(authority, permit->profile, in.not_before);
    in.issuer = item->issuing->issuer;
    in.ocsp_url = item->issuing->ocsp_url;
    in.issuer_url = item->issuing->issuer_url;
    item->draft.crl_period =
        qw_crl_period(authority, in.not_before, item->pool);
    in.crl_url = qw_period_url(item->issuing->crl_url, item->draft.crl_period,
                               item->pool);
    in.pds = pds_of(authority, item->pool);
    in.precert = strcmp(item->draft.kind, QW_KIND_PRECERT) == 0;
    qw_tbs_validity(&not_before, &item->draft.not_after, &in);
    QW_TRY(qw_tbs_make(&item->tbs, &in, item->pool));
    return qw_tbs_lint(&item->tbs, &in, item->pool);
}

qw_problem_t *qw_draft_order(qw_issue_t *item, const qw_permit_t *permit)
{
    const qw_authority_t *authority = item->issuing->authority;
    qw_draft_t *draft = &item->draft;

    draft->kind = qw_ct_wanted(authority, permit->profile) ? QW_KIND_PRECERT
                                                           : QW_KIND_CERT;
    draft->dry_run = permit->dry_run;
    draft->profile = qw_profile_name(permit->profile);
    draft->profile_hash = permit->order->profile_hash;
    draft->identity_version = permit->external->identity_version;
    draft->spki_hash =
        qw_hex_sha256(item->csr->spki.data, item->csr->spki.len, item->pool);
    if (draft->linted.data == NULL) {
        unsigned char *serial;

        draft->at = qw_authority_now(authority);
        QW_TRY(qw_draft_serial(&serial, item->pool));
        draft->serial = serial;
    }
    QW_TRY(make_tbs(item, permit));
    if (draft->linted.data != NULL
        && !qw_bytes_equal(&draft->linted, &item->tbs))
        return QW_FAIL(item->pool, ORDER_NOT_READY,
                       "what the certificate says has just changed; finalize "
                       "again");
    return NULL;
}

/* ---- the certificate of a precertificate ---- */

/* Locks the order's row: one signer at a time completes an order, and none one
 * that a publisher is giving up. */
static qw_problem_t *hold_order(qw_db_t *db, const qw_attempt_t *precert,
                                apr_pool_t *pool)
{
    qw_problem_t *prob =
        qw_order_move(db, precert->order_id, QW_order_PROCESSING,
                      QW_order_PROCESSING, NULL, pool);

    return prob != NULL && prob->code == QW_E_CONFLICT
               ? QW_FAIL(pool, ORDER_NOT_READY, "the order is not processing")
               : prob;
}

static qw_problem_t *get_precert(qw_attempt_t **precert, qw_issue_t *item,
                                 qw_db_t *db)
{
    qw_attempt_t *t, *other;
    qw_revocation_t *revoked;
    apr_pool_t *pool = item->pool;

    QW_TRY(qw_attempt_get(&t, db, item->precert_id, pool));
    if (strcmp(t->kind, QW_KIND_PRECERT) != 0
        || strcmp(t->authority, item->issuing->authority->name) != 0
        || strcmp(t->issuer, item->issuing->issuer->spki_hash) != 0)
        return QW_FAIL(pool, NOT_FOUND, "no such precertificate");
    QW_TRY(hold_order(db, t, pool));
    QW_TRY(qw_attempt_live(&other, db, t->order_id, QW_KIND_CERT, pool));
    if (t->status != QW_attempt_ISSUED || other != NULL)
        return QW_FAIL(pool, ORDER_NOT_READY,
                       "the precertificate has its certificate, or will have "
                       "none");
    QW_TRY(qw_revocation_get(&revoked, db, t->issuer, t->serial, pool));
    if (revoked != NULL)
        return QW_FAIL(pool, UNAUTHORIZED,
                       "the certificate was revoked before it was issued");
    *precert = t;
    return NULL;
}

static qw_problem_t *check_precert(const qw_issue_t *item,
                                   const qw_attempt_t *precert,
                                   const qw_cert_facts_t *facts, qw_db_t *db)
{
    qw_permit_t *permit;

    QW_TRY(qw_gate_may_complete(&permit, db, item->issuing->authority,
                                precert->order_id, facts->spki_hash,
                                item->pool));
    if (permit->external->identity_version != precert->identity_version)
        return QW_FAIL(item->pool, UNAUTHORIZED,
                       "the identity was verified anew meanwhile; order again");
    return NULL;
}

/* FIN-31: nothing but the list in the poison's place. */
static qw_problem_t *embed(qw_issue_t *item, const qw_attempt_t *precert,
                           const qw_cert_facts_t *facts, qw_db_t *db)
{
    const qw_authority_t *authority = item->issuing->authority;
    qw_sct_entry_t entry = { { NULL, 0 }, precert->issuer };
    int needed = qw_ct_needed(facts->not_before, facts->not_after);
    apr_array_header_t *stored, *chosen;

    if (!qw_b64url_decode(&entry.tbs, precert->tbs, item->pool))
        return QW_FAIL(item->pool, SERVER_INTERNAL, "the ledger is damaged");
    QW_TRY(qw_sct_list(&stored, db, precert->id, item->pool));
    chosen = qw_ct_choose(authority, stored, &entry, needed, item->pool);
    if (chosen->nelts < needed)
        return QW_FAIL(item->pool, UNAVAILABLE,
                       "%d of %d SCTs of different operators are there",
                       chosen->nelts, needed);
    return qw_sct_embed(&item->tbs, &entry.tbs, chosen, item->pool);
}

qw_problem_t *qw_draft_completion(qw_issue_t *item, qw_db_t *db)
{
    qw_cert_facts_t *facts;
    qw_attempt_t *precert;
    qw_bytes_t der, serial;

    QW_TRY(get_precert(&precert, item, db));
    if (!qw_b64url_decode(&der, precert->der, item->pool)
        || !qw_hex_decode(&serial, precert->serial, item->pool)
        || serial.len != QW_SERIAL_BYTES)
        return QW_FAIL(item->pool, SERVER_INTERNAL, "the ledger is damaged");
    QW_TRY(qw_cert_parse(&facts, &der, item->pool));
    QW_TRY(check_precert(item, precert, facts, db));
    QW_TRY(embed(item, precert, facts, db));
    item->order_id = precert->order_id;
    item->draft.kind = QW_KIND_CERT;
    item->draft.serial = serial.data;
    item->draft.profile_hash = precert->profile_hash;
    item->draft.spki_hash = facts->spki_hash;
    item->draft.identity_version = precert->identity_version;
    item->draft.crl_period = precert->crl_period;
    item->draft.not_after = precert->not_after;
    return NULL;
}

/* ---- the ledger's row ---- */

const char *qw_draft_hash(const qw_issue_t *item)
{
    return qw_hex_sha256(item->tbs.data, item->tbs.len, item->pool);
}

qw_problem_t *qw_draft_attempt(qw_issue_t *item, const char *node)
{
    qw_attempt_t *t;

    QW_TRY(qw_record_start(&t, item->issuing, node, item->pool));
    t->order_id = item->order_id;
    t->kind = item->draft.kind;
    t->serial = qw_hex_encode(item->draft.serial, QW_SERIAL_BYTES, item->pool);
    t->tbs = qw_b64url_encode(item->tbs.data, item->tbs.len, item->pool);
    t->tbs_hash = qw_draft_hash(item);
    t->profile_hash = item->draft.profile_hash;
    t->identity_version = item->draft.identity_version;
    t->crl_period = item->draft.crl_period;
    t->not_after = item->draft.not_after;
    t->spki_hash = item->draft.spki_hash;
    item->attempt = t;
    return NULL;
}
