#include "store/db_status.h"
#include "store/db.h"

/* Columns that come after these stay for the row that has them. */
static qw_serial_t *read_serial(qw_row_t *row)
{
    qw_serial_t *s = apr_pcalloc(row->pool, sizeof(*s));

    s->number = qw_row_text(row);
    s->issued = (int)qw_row_int(row);
    s->revoked_at = qw_row_int(row);
    s->reason = qw_row_int(row);
    return s;
}

static void *row_serial(qw_row_t *row)
{
    return read_serial(row);
}

static void *row_recent(qw_row_t *row)
{
    qw_serial_t *s = read_serial(row);

    s->signed_at = qw_row_int(row);
    return s;
}

static void *row_entry(qw_row_t *row)
{
    qw_serial_t *s = read_serial(row);

    s->crl_number = qw_row_int(row);
    s->crl_period = qw_row_text(row);
    return s;
}

static void *row_state(qw_row_t *row)
{
    qw_serial_t *s = apr_pcalloc(row->pool, sizeof(*s));

    s->issued = qw_row_int(row) > 0;
    s->revoked_at = qw_row_int(row);
    s->reason = qw_row_int(row);
    return s;
}

qw_problem_t *qw_serial_get(qw_serial_t **serial, qw_db_t *db,
                            const char *issuer, const char *number,
                            apr_pool_t *pool)
{
    QW_TRY(qw_db_get((void **)serial, db, AT_qw_serial_get,
                     QW_ARGS(issuer, number, issuer, number), row_state, pool));
    (*serial)->number = number;
    return NULL;
}

qw_problem_t *qw_serial_page(apr_array_header_t **list, qw_db_t *db,
                             const char *issuer, const char *kind,
                             const char *after, int limit, apr_pool_t *pool)
{
    apr_int64_t most = limit;

    return qw_db_list(list, db, AT_qw_serial_page,
                      QW_ARGS(issuer, kind, after, &most), row_serial, pool);
}

qw_problem_t *qw_serial_recent(apr_array_header_t **list, qw_db_t *db,
                               const char *issuer, apr_time_t since, int limit,
                               apr_pool_t *pool)
{
    apr_int64_t most = limit;

    return qw_db_list(list, db, AT_qw_serial_recent,
                      QW_ARGS(issuer, &since, &most), row_recent, pool);
}

/* ---- signers and their notices ---- */

qw_problem_t *qw_signer_seen(qw_db_t *db, const char *node, apr_time_t started,
                             apr_time_t now, apr_pool_t *pool)
{
    return qw_db_do(db, AT_qw_signer_seen, QW_ARGS(node, &started, &now), pool);
}

qw_problem_t *qw_signer_others(apr_int64_t *n, qw_db_t *db, const char *node,
                               apr_time_t since, apr_pool_t *pool)
{
    apr_int64_t *found;

    QW_TRY(qw_db_get((void **)&found, db, AT_qw_signer_others,
                     QW_ARGS(node, &since), qw_row_number, pool));
    *n = *found;
    return NULL;
}

qw_problem_t *qw_signer_purge(qw_db_t *db, apr_time_t before, apr_pool_t *pool)
{
    return qw_db_do(db, AT_qw_signer_purge, QW_ARGS(&before), pool);
}

qw_problem_t *qw_notice_list(apr_array_header_t **list, qw_db_t *db,
                             const char *node, const char *issuer,
                             const char *after, int limit, apr_pool_t *pool)
{
    apr_int64_t most = limit;

    return qw_db_list(list, db, AT_qw_notice_list,
                      QW_ARGS(node, issuer, after, &most), row_serial, pool);
}

qw_problem_t *qw_notice_answered(qw_db_t *db, const char *node,
                                 const char *issuer, const qw_serial_t *serial,
                                 apr_pool_t *pool)
{
    return qw_db_do(db, AT_qw_notice_answered,
                    QW_ARGS(node, issuer, serial->number, &serial->reason),
                    pool);
}

qw_problem_t *qw_notice_ready(apr_array_header_t **list, qw_db_t *db,
                              const char *node, const qw_crl_t *crl, int limit,
                              apr_pool_t *pool)
{
    apr_int64_t most = limit;

    return qw_db_list(list, db, AT_qw_notice_ready,
                      QW_ARGS(node, crl->issuer, crl->period, &crl->listed,
                              &most),
                      row_serial, pool);
}

qw_problem_t *qw_notice_done(qw_db_t *db, const char *node, const char *issuer,
                             const char *serial, apr_pool_t *pool)
{
    return qw_db_do(db, AT_qw_notice_done, QW_ARGS(node, issuer, serial), pool);
}

qw_problem_t *qw_revocation_shown(apr_array_header_t **list, qw_db_t *db,
                                  const char *issuer, apr_time_t alive,
                                  int limit, apr_pool_t *pool)
{
    apr_int64_t most = limit;

    return qw_db_list(list, db, AT_qw_revocation_shown,
                      QW_ARGS(issuer, &alive, &most), row_serial, pool);
}

qw_problem_t *qw_revocation_publish(qw_db_t *db, const char *issuer,
                                    const char *serial, apr_time_t now,
                                    apr_time_t alive, apr_pool_t *pool)
{
    return qw_db_do(db, AT_qw_revocation_publish,
                    QW_ARGS(&now, issuer, serial, &alive), pool);
}

/* ---- CRLs ---- */

static void *row_waiting(qw_row_t *row)
{
    qw_waiting_t *w = apr_palloc(row->pool, sizeof(*w));

    w->crl_period = qw_row_text(row);
    w->n = qw_row_int(row);
    w->oldest = qw_row_int(row);
    return w;
}

qw_problem_t *qw_revocation_waiting(apr_array_header_t **list, qw_db_t *db,
                                    const char *issuer, apr_pool_t *pool)
{
    return qw_db_list(list, db, AT_qw_revocation_waiting, QW_ARGS(issuer),
                      row_waiting, pool);
}

qw_problem_t *qw_revocation_newest(apr_int64_t *number, qw_db_t *db,
                                   const char *issuer, apr_pool_t *pool)
{
    qw_waiting_t *found;

    QW_TRY(qw_db_get((void **)&found, db, AT_qw_revocation_newest,
                     QW_ARGS(issuer), row_waiting, pool));
    *number = found->oldest;
    return NULL;
}

qw_problem_t *qw_revocation_unpublished(qw_waiting_t **waiting, qw_db_t *db,
                                        const char *issuer, apr_pool_t *pool)
{
    return qw_db_get((void **)waiting, db, AT_qw_revocation_unpublished,
                     QW_ARGS(issuer), row_waiting, pool);
}

qw_problem_t *qw_revocation_page(apr_array_header_t **list, qw_db_t *db,
                                 const qw_crl_t *crl, const char *after,
                                 apr_time_t since, int limit, apr_pool_t *pool)
{
    apr_int64_t most = limit;

    if (*crl->period == '\0')
        return qw_db_list(list, db, AT_qw_revocation_page,
                          QW_ARGS(crl->issuer, after, &since, &most), row_entry,
                          pool);
    return qw_db_list(list, db, AT_qw_revocation_page_period,
                      QW_ARGS(crl->issuer, crl->period, after, &since, &most),
                      row_entry, pool);
}

qw_problem_t *qw_revocation_listed(qw_db_t *db, const char *issuer,
                                   const qw_serial_t *serial,
                                   apr_int64_t number, apr_pool_t *pool)
{
    return qw_db_do(db, AT_qw_revocation_listed,
                    QW_ARGS(&number, issuer, serial->number, &serial->reason),
                    pool);
}

static void *row_crl(qw_row_t *row)
{
    qw_crl_t *c = apr_pcalloc(row->pool, sizeof(*c));

    c->issuer = qw_row_text(row);
    c->period = qw_row_text(row);
    c->authority = qw_row_text(row);
    c->number = qw_row_int(row);
    c->listed = qw_row_int(row);
    c->attempt_id = qw_row_text(row);
    c->this_update = qw_row_int(row);
    c->next_update = qw_row_int(row);
    c->entries = qw_row_int(row);
    c->newest = qw_row_int(row);
    return c;
}

qw_problem_t *qw_crl_get(qw_crl_t **crl, qw_db_t *db, const char *issuer,
                         const char *period, apr_pool_t *pool)
{
    return qw_db_one((void **)crl, db, AT_qw_crl_get, QW_ARGS(issuer, period),
                     row_crl, pool);
}

qw_problem_t *qw_crl_list(apr_array_header_t **list, qw_db_t *db,
                          const char *issuer, apr_pool_t *pool)
{
    return qw_db_list(list, db, AT_qw_crl_list, QW_ARGS(issuer), row_crl, pool);
}

qw_problem_t *qw_crl_reserve(qw_db_t *db, const qw_crl_t *crl,
                             apr_int64_t before, apr_pool_t *pool)
{
    return qw_db_change(db, AT_qw_crl_reserve,
                        QW_ARGS(crl->issuer, crl->period, crl->authority,
                                &crl->number, &before),
                        pool);
}

qw_problem_t *qw_crl_listed(qw_db_t *db, const qw_crl_t *crl, apr_pool_t *pool)
{
    return qw_db_change(db, AT_qw_crl_listed,
                        QW_ARGS(&crl->listed, crl->attempt_id,
                                &crl->this_update, &crl->next_update,
                                &crl->entries, &crl->newest, crl->issuer,
                                crl->period, &crl->listed),
                        pool);
}

qw_problem_t *qw_crl_part_insert(qw_db_t *db, const qw_crl_t *crl, int part,
                                 const char *data, apr_pool_t *pool)
{
    apr_int64_t n = part;

    return qw_db_do(db, AT_qw_crl_part_insert,
                    QW_ARGS(crl->issuer, crl->period, &crl->listed, &n, data),
                    pool);
}

static void *row_text(qw_row_t *row)
{
    return (void *)qw_row_text(row);
}

qw_problem_t *qw_crl_part_get(const char **data, qw_db_t *db,
                              const qw_crl_t *crl, int part, apr_pool_t *pool)
{
    apr_int64_t n = part;

    return qw_db_one((void **)data, db, AT_qw_crl_part_get,
                     QW_ARGS(crl->issuer, crl->period, &crl->listed, &n),
                     row_text, pool);
}

qw_problem_t *qw_crl_part_purge(qw_db_t *db, const qw_crl_t *crl,
                                apr_pool_t *pool)
{
    return qw_db_do(db, AT_qw_crl_part_purge,
                    QW_ARGS(crl->issuer, crl->period, &crl->listed), pool);
}

/* ---- the end of an issuer ---- */

qw_problem_t *qw_issuer_end(qw_db_t *db, const char *issuer,
                            const char *authority, apr_time_t at,
                            const char *actor, apr_pool_t *pool)
{
    return qw_db_change(db, AT_qw_issuer_end_insert,
                        QW_ARGS(issuer, authority, &at, actor), pool);
}

qw_problem_t *qw_issuer_ended(apr_time_t *at, qw_db_t *db, const char *issuer,
                              apr_pool_t *pool)
{
    apr_int64_t *found;

    QW_TRY(qw_db_one((void **)&found, db, AT_qw_issuer_ended, QW_ARGS(issuer),
                     qw_row_number, pool));
    *at = found != NULL ? *found : 0;
    return NULL;
}

qw_problem_t *qw_issuer_last_certificate(apr_time_t *not_after, qw_db_t *db,
                                         const char *issuer, apr_pool_t *pool)
{
    apr_int64_t *found;

    QW_TRY(qw_db_get((void **)&found, db, AT_qw_issuer_last_certificate,
                     QW_ARGS(issuer), qw_row_number, pool));
    *not_after = *found;
    return NULL;
}
