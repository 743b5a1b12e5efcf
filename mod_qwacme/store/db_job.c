#include "store/db_job.h"

#include "store/db.h"

/* A node that did not say so for a day is not there. */
#define NODE_GONE (apr_time_from_sec(86400))

static void *row_job(qw_row_t *row)
{
    qw_job_t *j = apr_pcalloc(row->pool, sizeof(*j));

    j->id = qw_row_text(row);
    j->authority = qw_row_text(row);
    j->kind = qw_row_text(row);
    j->subject_id = qw_row_text(row);
    j->due = qw_row_int(row);
    j->owner = qw_row_text(row);
    j->lease_until = qw_row_int(row);
    j->tries = qw_row_int(row);
    j->returns = qw_row_int(row);
    return j;
}

qw_problem_t *qw_job_insert(qw_db_t *db, const qw_job_t *j, apr_pool_t *pool)
{
    return qw_db_do(db, AT_qw_job_insert,
                    QW_ARGS(j->id, j->authority, j->kind, j->subject_id,
                            j->account_id, &j->due),
                    pool);
}

/* NOLINTNEXTLINE(readability-function-size): each names a column */
qw_problem_t *qw_job_claim(apr_array_header_t **jobs, qw_db_t *db,
                           const char *kind, const qw_job_t *lease,
                           apr_time_t now, int limit, apr_pool_t *pool)
{
    apr_int64_t most = limit;

    return qw_db_list(jobs, db, AT_qw_job_claim,
                      QW_ARGS(lease->owner, &lease->lease_until, kind, &now,
                              &now, &most, &now),
                      row_job, pool);
}

qw_problem_t *qw_job_count(apr_int64_t *n, qw_db_t *db, const char *account_id,
                           const char *kind, apr_pool_t *pool)
{
    apr_int64_t *found;

    QW_TRY(qw_db_get((void **)&found, db, AT_qw_job_count,
                     QW_ARGS(account_id, kind), qw_row_number, pool));
    *n = *found;
    return NULL;
}

qw_problem_t *qw_job_done(qw_db_t *db, const qw_job_t *j, apr_pool_t *pool)
{
    return qw_db_change(db, AT_qw_job_done,
                        QW_ARGS(j->id, j->owner, &j->lease_until), pool);
}

qw_problem_t *qw_job_release(qw_db_t *db, const qw_job_t *j, apr_pool_t *pool)
{
    return qw_db_change(db, AT_qw_job_release,
                        QW_ARGS(&j->due, j->id, j->owner, &j->lease_until),
                        pool);
}

qw_problem_t *qw_job_next(apr_time_t *due, qw_db_t *db, const char *kind,
                          apr_pool_t *pool)
{
    apr_int64_t *found;

    QW_TRY(qw_db_one((void **)&found, db, AT_qw_job_next, QW_ARGS(kind),
                     qw_row_number, pool));
    *due = found != NULL ? *found : 0;
    return NULL;
}

qw_problem_t *qw_node_seen(qw_db_t *db, const char *node, apr_time_t started,
                           apr_time_t now, apr_pool_t *pool)
{
    return qw_db_do(db, AT_qw_node_seen, QW_ARGS(node, &started, &now), pool);
}

qw_problem_t *qw_node_others(apr_int64_t *others, apr_time_t *started,
                             qw_db_t *db, const char *node, apr_time_t since,
                             apr_pool_t *pool)
{
    apr_int64_t *found;

    QW_TRY(qw_db_one((void **)&found, db, AT_qw_node_others,
                     QW_ARGS(node, &since), qw_row_number, pool));
    *others = found != NULL ? *found : 0;
    QW_TRY(qw_db_one((void **)&found, db, AT_qw_node_started, QW_ARGS(node),
                     qw_row_number, pool));
    *started = found != NULL ? *found : 0;
    return NULL;
}

qw_problem_t *qw_nonce_spend(qw_db_t *db, const char *nonce, apr_time_t expires,
                             apr_pool_t *pool)
{
    return qw_db_change(db, AT_qw_nonce_spend, QW_ARGS(nonce, &expires), pool);
}

qw_problem_t *qw_nonce_purge(qw_db_t *db, apr_time_t now, int limit,
                             apr_pool_t *pool)
{
    apr_int64_t most = limit;
    apr_time_t gone = now - NODE_GONE;

    QW_TRY(qw_db_do(db, AT_qw_nonce_purge, QW_ARGS(&now, &most), pool));
    return qw_db_do(db, AT_qw_node_purge, QW_ARGS(&gone, &most), pool);
}
