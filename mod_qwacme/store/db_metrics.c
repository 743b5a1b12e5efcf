#include "store/db_metrics.h"

#include "store/db.h"

static void *row_tally(qw_row_t *row)
{
    qw_tally_t *tally = apr_pcalloc(row->pool, sizeof(*tally));

    tally->key = qw_row_text(row);
    tally->count = qw_row_int(row);
    tally->first = qw_row_int(row);
    return tally;
}

static qw_problem_t *count_of(apr_int64_t *count, qw_db_t *db, qw_stmt_e stmt,
                              const char *issuer, apr_pool_t *pool)
{
    apr_int64_t *found;

    QW_TRY(qw_db_get((void **)&found, db, stmt, QW_ARGS(issuer), qw_row_number,
                     pool));
    *count = *found;
    return NULL;
}

qw_problem_t *qw_metrics_issued(apr_int64_t *count, qw_db_t *db,
                                const char *issuer, apr_pool_t *pool)
{
    return count_of(count, db, AT_qw_metrics_issued, issuer, pool);
}

qw_problem_t *qw_metrics_revoked(apr_int64_t *count, qw_db_t *db,
                                 const char *issuer, apr_pool_t *pool)
{
    return count_of(count, db, AT_qw_metrics_revoked, issuer, pool);
}

qw_problem_t *qw_metrics_orders(apr_array_header_t **list, qw_db_t *db,
                                const char *authority, apr_time_t now,
                                apr_pool_t *pool)
{
    return qw_db_list(list, db, AT_qw_metrics_orders,
                      QW_ARGS(authority, &now, authority), row_tally, pool);
}

qw_problem_t *qw_metrics_jobs(apr_array_header_t **list, qw_db_t *db,
                              const char *authority, apr_pool_t *pool)
{
    return qw_db_list(list, db, AT_qw_metrics_jobs, QW_ARGS(authority),
                      row_tally, pool);
}

qw_problem_t *qw_metrics_notices(apr_array_header_t **list, qw_db_t *db,
                                 const char *issuer, apr_pool_t *pool)
{
    return qw_db_list(list, db, AT_qw_metrics_notices, QW_ARGS(issuer),
                      row_tally, pool);
}
