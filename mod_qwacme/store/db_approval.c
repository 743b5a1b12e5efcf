#include "store/db_approval.h"

#include "store/db.h"

static void *row_approval(qw_row_t *row)
{
    qw_approval_t *a = apr_pcalloc(row->pool, sizeof(*a));

    a->id = qw_row_text(row);
    a->authority = qw_row_text(row);
    a->action = qw_row_text(row);
    a->subject_kind = qw_row_text(row);
    a->subject_id = qw_row_text(row);
    a->request = qw_row_text(row);
    a->reason = qw_row_text(row);
    a->requested_by = qw_row_text(row);
    a->requested_at = qw_row_int(row);
    a->expires = qw_row_int(row);
    a->decided_by = qw_row_text(row);
    a->decided_at = qw_row_int(row);
    a->status = qw_state_of("approval", qw_row_text(row));
    return a;
}

qw_problem_t *qw_approval_insert(qw_db_t *db, const qw_approval_t *a,
                                 apr_pool_t *pool)
{
    return qw_db_change(db, AT_qw_approval_insert,
                        QW_ARGS(a->id, a->authority, a->action, a->subject_kind,
                                a->subject_id, a->request, a->reason,
                                a->requested_by, &a->requested_at, &a->expires),
                        pool);
}

qw_problem_t *qw_approval_get(qw_approval_t **approval, qw_db_t *db,
                              const char *authority, const char *id,
                              apr_pool_t *pool)
{
    return qw_db_get((void **)approval, db, AT_qw_approval_get,
                     QW_ARGS(id, authority), row_approval, pool);
}

qw_problem_t *qw_approval_list(apr_array_header_t **list, qw_db_t *db,
                               const char *authority, int limit,
                               apr_pool_t *pool)
{
    apr_int64_t most = limit;

    if (limit == 0)
        return qw_db_list(list, db, AT_qw_approval_list_open,
                          QW_ARGS(authority), row_approval, pool);
    return qw_db_list(list, db, AT_qw_approval_list, QW_ARGS(authority, &most),
                      row_approval, pool);
}

qw_problem_t *qw_approval_decide(qw_db_t *db, const qw_approval_t *a,
                                 apr_pool_t *pool)
{
    return qw_db_change(db, AT_qw_approval_decide,
                        QW_ARGS(qw_state_word(a->status), a->decided_by,
                                &a->decided_at, a->id, &a->decided_at),
                        pool);
}

qw_problem_t *qw_approval_set_done(qw_db_t *db, const char *id,
                                   apr_pool_t *pool)
{
    return qw_db_change(db, AT_qw_approval_done, QW_ARGS(id), pool);
}

qw_problem_t *qw_approval_overdue(apr_int64_t *n, qw_db_t *db,
                                  const char *authority, apr_time_t now,
                                  apr_time_t before, apr_pool_t *pool)
{
    apr_int64_t *found;

    QW_TRY(qw_db_get((void **)&found, db, AT_qw_approval_overdue,
                     QW_ARGS(authority, &now, &before), qw_row_number, pool));
    *n = *found;
    return NULL;
}

qw_problem_t *qw_approval_expire(qw_db_t *db, const char *authority,
                                 apr_time_t now, apr_time_t before,
                                 apr_pool_t *pool)
{
    return qw_db_do(db, AT_qw_approval_expire,
                    QW_ARGS(authority, &now, &before), pool);
}

qw_problem_t *qw_approval_of(qw_approval_t **approval, qw_db_t *db,
                             const char *authority, const char *action,
                             const char *subject_kind, const char *subject_id,
                             apr_pool_t *pool)
{
    return qw_db_get((void **)approval, db, AT_qw_approval_of,
                     QW_ARGS(authority, action, subject_kind, subject_id),
                     row_approval, pool);
}
