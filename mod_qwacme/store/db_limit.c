#include "store/db_limit.h"

#include "store/db.h"

/* NOLINTNEXTLINE(readability-function-size): each is a number of the rule */
qw_problem_t *qw_limit_spend(apr_time_t *tat, qw_db_t *db, const qw_meter_t *m,
                             apr_time_t now, apr_interval_time_t step,
                             apr_time_t absurd, apr_pool_t *pool)
{
    apr_time_t first = now + step;
    apr_int64_t *found;

    QW_TRY(qw_db_get((void **)&found, db, AT_qw_limit_spend,
                     QW_ARGS(m->authority, m->name, m->subject, &first, &now,
                             &absurd, &step),
                     qw_row_number, pool));
    *tat = *found;
    return NULL;
}

qw_problem_t *qw_limit_get(apr_time_t *tat, qw_db_t *db, const qw_meter_t *m,
                           apr_pool_t *pool)
{
    apr_int64_t *found;

    QW_TRY(qw_db_one((void **)&found, db, AT_qw_limit_get,
                     QW_ARGS(m->authority, m->name, m->subject), qw_row_number,
                     pool));
    *tat = found != NULL ? *found : 0;
    return NULL;
}

qw_problem_t *qw_limit_purge(qw_db_t *db, apr_time_t now, int limit,
                             apr_pool_t *pool)
{
    apr_int64_t most = limit;

    return qw_db_do(db, AT_qw_limit_purge, QW_ARGS(&now, &most), pool);
}

static void *row_override(qw_row_t *row)
{
    qw_override_t *o = apr_pcalloc(row->pool, sizeof(*o));

    o->name = qw_row_text(row);
    o->subject = qw_row_text(row);
    o->rate = qw_row_text(row);
    o->burst = qw_row_text(row);
    o->comment = qw_row_text(row);
    o->created_by = qw_row_text(row);
    o->created = qw_row_int(row);
    o->expires = qw_row_int(row);
    return o;
}

qw_problem_t *qw_override_list(apr_array_header_t **list, qw_db_t *db,
                               const char *authority, apr_time_t now,
                               apr_pool_t *pool)
{
    return qw_db_list(list, db, AT_qw_limit_overrides, QW_ARGS(authority, &now),
                      row_override, pool);
}

qw_problem_t *qw_override_set(qw_db_t *db, const char *authority,
                              const qw_override_t *o, apr_pool_t *pool)
{
    return qw_db_do(db, AT_qw_limit_override_set,
                    QW_ARGS(authority, o->name, o->subject, o->rate, o->burst,
                            o->comment, o->created_by, &o->created,
                            &o->expires),
                    pool);
}

qw_problem_t *qw_override_remove(qw_db_t *db, const char *authority,
                                 const char *name, const char *subject,
                                 apr_pool_t *pool)
{
    return qw_db_change(db, AT_qw_limit_override_remove,
                        QW_ARGS(authority, name, subject), pool);
}

static void *row_failure(qw_row_t *row)
{
    qw_failure_t *f = apr_pcalloc(row->pool, sizeof(*f));

    f->account_id = qw_row_text(row);
    f->name = qw_row_text(row);
    f->failures = qw_row_int(row);
    f->failed_at = qw_row_int(row);
    return f;
}

qw_problem_t *qw_failure_count(qw_db_t *db, const char *account_id,
                               const char *name, apr_time_t now,
                               apr_pool_t *pool)
{
    return qw_db_do(db, AT_qw_failure_count, QW_ARGS(account_id, name, &now),
                    pool);
}

qw_problem_t *qw_failure_forget(int *forgotten, qw_db_t *db,
                                const char *account_id, const char *name,
                                apr_pool_t *pool)
{
    int nrows;

    QW_TRY(qw_db_run(&nrows, db, AT_qw_failure_forget,
                     QW_ARGS(account_id, name), pool));
    if (forgotten != NULL)
        *forgotten = nrows > 0;
    return NULL;
}

qw_problem_t *qw_failure_list(apr_array_header_t **list, qw_db_t *db,
                              const char *account_id, int failures,
                              apr_pool_t *pool)
{
    apr_int64_t least = failures;

    return qw_db_list(list, db, AT_qw_failure_list, QW_ARGS(account_id, &least),
                      row_failure, pool);
}

qw_problem_t *qw_failure_of_authority(apr_array_header_t **list, qw_db_t *db,
                                      const char *authority, int failures,
                                      apr_pool_t *pool)
{
    apr_int64_t least = failures;

    return qw_db_list(list, db, AT_qw_failure_of_authority,
                      QW_ARGS(authority, &least), row_failure, pool);
}
