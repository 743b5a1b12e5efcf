#include "store/db.h"
#include "store/db_ledger.h"

#include <string.h>

static void *row_certificate(qw_row_t *row)
{
    qw_certificate_t *c = apr_pcalloc(row->pool, sizeof(*c));

    c->id = qw_row_text(row);
    c->authority = qw_row_text(row);
    c->order_id = qw_row_text(row);
    c->account_id = qw_row_text(row);
    c->external_id = qw_row_text(row);
    c->attempt_id = qw_row_text(row);
    c->issuer = qw_row_text(row);
    c->serial = qw_row_text(row);
    c->spki_hash = qw_row_text(row);
    c->fingerprint = qw_row_text(row);
    c->names = qw_row_text(row);
    c->profile = qw_row_text(row);
    c->identity_version = qw_row_int(row);
    c->not_before = qw_row_int(row);
    c->not_after = qw_row_int(row);
    c->created = qw_row_int(row);
    c->pem = qw_row_text(row);
    c->revoked_at = qw_row_int(row);
    c->reason = qw_row_int(row);
    return c;
}

static void *row_revocation(qw_row_t *row)
{
    qw_revocation_t *r = apr_pcalloc(row->pool, sizeof(*r));

    r->issuer = qw_row_text(row);
    r->serial = qw_row_text(row);
    r->authority = qw_row_text(row);
    r->reason = qw_row_int(row);
    r->requested_at = qw_row_int(row);
    r->revoked_at = qw_row_int(row);
    r->actor = qw_row_text(row);
    r->crl_period = qw_row_text(row);
    r->not_after = qw_row_int(row);
    r->crl_number = qw_row_int(row);
    r->published_at = qw_row_int(row);
    return r;
}

qw_problem_t *qw_certificate_insert(qw_db_t *db, const qw_certificate_t *c,
                                    apr_pool_t *pool)
{
    return qw_db_do(db, AT_qw_certificate_insert,
                    QW_ARGS(c->id, c->authority, c->order_id, c->account_id,
                            c->external_id, c->attempt_id, c->issuer, c->serial,
                            c->spki_hash, c->fingerprint, c->names, c->profile,
                            &c->identity_version, &c->not_before, &c->not_after,
                            &c->created, c->pem),
                    pool);
}

qw_problem_t *qw_certificate_get(qw_certificate_t **certificate, qw_db_t *db,
                                 const char *authority, const char *account_id,
                                 const char *id, apr_pool_t *pool)
{
    void *found;

    QW_TRY(qw_db_get(&found, db, AT_qw_certificate_get, QW_ARGS(id, authority),
                     row_certificate, pool));
    if (account_id != NULL
        && strcmp(((qw_certificate_t *)found)->account_id, account_id) != 0)
        return QW_FAIL(pool, NOT_FOUND, "no such resource");
    *certificate = found;
    return NULL;
}

qw_problem_t *qw_certificate_by_serial(qw_certificate_t **certificate,
                                       qw_db_t *db, const char *issuer,
                                       const char *serial, apr_pool_t *pool)
{
    return qw_db_get((void **)certificate, db, AT_qw_certificate_by_serial,
                     QW_ARGS(issuer, serial), row_certificate, pool);
}

static const char *or_any(const char *value)
{
    return value != NULL ? value : "";
}

/* The narrowest condition leads. */
static qw_stmt_e listing(const qw_certificate_query_t *q)
{
    if (q->serial != NULL)
        return AT_qw_certificate_list_serial;
    if (q->spki_hash != NULL)
        return AT_qw_certificate_list_spki;
    if (q->account_id != NULL)
        return AT_qw_certificate_list_account;
    if (q->external_id != NULL)
        return AT_qw_certificate_list_external;
    return AT_qw_certificate_list;
}

qw_problem_t *qw_certificate_list(apr_array_header_t **list, qw_db_t *db,
                                  const qw_certificate_query_t *q,
                                  apr_pool_t *pool)
{
    const char *external = or_any(q->external_id);
    const char *account = or_any(q->account_id);
    const char *spki = or_any(q->spki_hash), *serial = or_any(q->serial);
    const char *after = or_any(q->after_id);
    apr_int64_t most = q->limit;

    return qw_db_list(list, db, listing(q),
                      QW_ARGS(q->authority, external, external, account,
                              account, spki, spki, serial, serial, after, after,
                              &most),
                      row_certificate, pool);
}

qw_problem_t *qw_certificate_list_by_key(apr_array_header_t **list, qw_db_t *db,
                                         const char *spki_hash,
                                         apr_pool_t *pool)
{
    return qw_db_list(list, db, AT_qw_certificate_list_by_key,
                      QW_ARGS(spki_hash), row_certificate, pool);
}

qw_problem_t *qw_precert_list_by_key(apr_array_header_t **list, qw_db_t *db,
                                     const char *spki_hash, apr_pool_t *pool)
{
    return qw_db_list(list, db, AT_qw_precert_list_by_key, QW_ARGS(spki_hash),
                      row_certificate, pool);
}

/* To the signer of each node: its status service has to show it. */
static qw_problem_t *send_notices(qw_db_t *db, const char *issuer,
                                  const char *serial, apr_pool_t *pool)
{
    return qw_db_do(db, AT_qw_notice_send, QW_ARGS(issuer, serial), pool);
}

qw_problem_t *qw_revocation_insert(qw_db_t *db, const qw_revocation_t *r,
                                   apr_pool_t *pool)
{
    QW_TRY(qw_db_change(db, AT_qw_revocation_insert,
                        QW_ARGS(r->issuer, r->serial, r->authority, &r->reason,
                                &r->requested_at, &r->revoked_at, r->actor,
                                r->issuer, r->serial, r->issuer, r->serial),
                        pool));
    return send_notices(db, r->issuer, r->serial, pool);
}

qw_problem_t *qw_revocation_get(qw_revocation_t **revocation, qw_db_t *db,
                                const char *issuer, const char *serial,
                                apr_pool_t *pool)
{
    return qw_db_one((void **)revocation, db, AT_qw_revocation_get,
                     QW_ARGS(issuer, serial), row_revocation, pool);
}

qw_problem_t *qw_revocation_upgrade(qw_db_t *db, const char *issuer,
                                    const char *serial, const char *actor,
                                    apr_pool_t *pool)
{
    QW_TRY(qw_db_change(db, AT_qw_revocation_upgrade,
                        QW_ARGS(actor, issuer, serial), pool));
    return send_notices(db, issuer, serial, pool);
}

qw_problem_t *qw_download_insert(qw_db_t *db, const char *certificate_id,
                                 apr_time_t at, apr_pool_t *pool)
{
    return qw_db_do(db, AT_qw_download_insert, QW_ARGS(certificate_id, &at),
                    pool);
}

qw_problem_t *qw_download_get(apr_time_t *at, qw_db_t *db,
                              const char *certificate_id, apr_pool_t *pool)
{
    apr_int64_t *found;

    QW_TRY(qw_db_one((void **)&found, db, AT_qw_download_get,
                     QW_ARGS(certificate_id), qw_row_number, pool));
    *at = found != NULL ? *found : 0;
    return NULL;
}
