#include "store/db.h"
#include "store/db_external.h"
#include "store/db_reminder.h"

static void *row_binding(qw_row_t *row)
{
    qw_binding_t *b = apr_pcalloc(row->pool, sizeof(*b));

    b->id = qw_row_text(row);
    b->authority = qw_row_text(row);
    b->external_id = qw_row_text(row);
    b->sealed = qw_row_text(row);
    b->algs = qw_row_text(row);
    b->status = qw_state_of("binding", qw_row_text(row));
    b->max_uses = qw_row_int(row);
    b->uses = qw_row_int(row);
    b->expires = qw_row_int(row);
    b->thumbprint = qw_row_text(row);
    b->created = qw_row_int(row);
    b->created_by = qw_row_text(row);
    b->mac_failures = qw_row_int(row);
    b->mac_failed_at = qw_row_int(row);
    b->suspended_at = qw_row_int(row);
    b->label = qw_row_text(row);
    return b;
}

qw_problem_t *qw_binding_insert(qw_db_t *db, const qw_binding_t *b,
                                apr_pool_t *pool)
{
    return qw_db_do(db, AT_qw_binding_insert,
                    QW_ARGS(b->id, b->authority, b->external_id, b->sealed,
                            b->algs, &b->max_uses, &b->expires, b->thumbprint,
                            &b->created, b->created_by),
                    pool);
}

qw_problem_t *qw_binding_get(qw_binding_t **binding, qw_db_t *db,
                             const char *authority, const char *id,
                             apr_pool_t *pool)
{
    return qw_db_get((void **)binding, db, AT_qw_binding_get,
                     QW_ARGS(id, authority), row_binding, pool);
}

qw_problem_t *qw_binding_list(apr_array_header_t **list, qw_db_t *db,
                              const char *external_id, apr_pool_t *pool)
{
    return qw_db_list(list, db, AT_qw_binding_list, QW_ARGS(external_id),
                      row_binding, pool);
}

qw_problem_t *qw_binding_set_label(qw_db_t *db, const char *id,
                                   const char *label, apr_pool_t *pool)
{
    return qw_db_change(db, AT_qw_binding_set_label, QW_ARGS(label, id), pool);
}

qw_problem_t *qw_binding_set_expires(qw_db_t *db, const char *id,
                                     apr_time_t expires, apr_pool_t *pool)
{
    return qw_db_change(db, AT_qw_binding_set_expires,
                        QW_ARGS(&expires, id, &expires), pool);
}

qw_problem_t *qw_binding_consume(qw_db_t *db, const char *id, apr_time_t now,
                                 apr_pool_t *pool)
{
    return qw_db_change(db, AT_qw_binding_consume, QW_ARGS(id, &now), pool);
}

qw_problem_t *qw_binding_revoke(qw_db_t *db, const char *id, qw_state_e from,
                                apr_pool_t *pool)
{
    return qw_db_change(db, AT_qw_binding_revoke,
                        QW_ARGS(id, qw_state_word(from)), pool);
}

qw_problem_t *qw_binding_suspend(qw_db_t *db, const char *id, apr_time_t at,
                                 apr_pool_t *pool)
{
    return qw_db_change(db, AT_qw_binding_suspend, QW_ARGS(&at, &at, id), pool);
}

qw_problem_t *qw_binding_resume(qw_db_t *db, const char *id, apr_pool_t *pool)
{
    return qw_db_change(db, AT_qw_binding_resume, QW_ARGS(id), pool);
}

qw_problem_t *qw_binding_mac_failed(qw_db_t *db, const char *id, apr_time_t now,
                                    apr_interval_time_t window,
                                    apr_pool_t *pool)
{
    apr_time_t before = now - window;
    int nrows;

    QW_TRY(qw_db_run(&nrows, db, AT_qw_binding_mac_restart,
                     QW_ARGS(&now, id, &before), pool));
    if (nrows > 0)
        return NULL;
    return qw_db_do(db, AT_qw_binding_mac_count, QW_ARGS(id), pool);
}

qw_problem_t *qw_binding_reseal(qw_db_t *db, const char *id, const char *old,
                                const char *sealed, apr_pool_t *pool)
{
    return qw_db_change(db, AT_qw_binding_reseal, QW_ARGS(sealed, id, old),
                        pool);
}

qw_problem_t *qw_binding_ending(apr_array_header_t **list, qw_db_t *db,
                                const qw_ending_query_t *q, apr_pool_t *pool)
{
    return qw_db_list(list, db, AT_qw_binding_ending,
                      QW_ARGS(q->authority, &q->now, &q->horizon), row_binding,
                      pool);
}
