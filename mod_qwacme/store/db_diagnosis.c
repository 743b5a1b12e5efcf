#include "store/db_diagnosis.h"

#include "store/db.h"

static void *row_diagnosis(qw_row_t *row)
{
    qw_diagnosis_t *d = apr_pcalloc(row->pool, sizeof(*d));

    d->id = qw_row_text(row);
    d->authority = qw_row_text(row);
    d->external_id = qw_row_text(row);
    d->name = qw_row_text(row);
    d->asked_by = qw_row_text(row);
    d->created = qw_row_int(row);
    d->expires = qw_row_int(row);
    d->ended = qw_row_int(row);
    d->findings = qw_row_text(row);
    return d;
}

qw_problem_t *qw_diagnosis_insert(qw_db_t *db, const qw_diagnosis_t *d,
                                  apr_pool_t *pool)
{
    return qw_db_change(db, AT_qw_diagnosis_insert,
                        QW_ARGS(d->id, d->authority, d->external_id, d->name,
                                d->asked_by, &d->created, &d->expires),
                        pool);
}

qw_problem_t *qw_diagnosis_get(qw_diagnosis_t **diagnosis, qw_db_t *db,
                               const char *authority, const char *id,
                               apr_pool_t *pool)
{
    return qw_db_get((void **)diagnosis, db, AT_qw_diagnosis_get,
                     QW_ARGS(id, authority), row_diagnosis, pool);
}

qw_problem_t *qw_diagnosis_list(apr_array_header_t **list, qw_db_t *db,
                                const char *external_id, apr_time_t now,
                                int limit, apr_pool_t *pool)
{
    apr_int64_t most = limit;

    return qw_db_list(list, db, AT_qw_diagnosis_list,
                      QW_ARGS(external_id, &now, &most), row_diagnosis, pool);
}

qw_problem_t *qw_diagnosis_finish(qw_db_t *db, const char *id, apr_time_t ended,
                                  const char *findings, apr_pool_t *pool)
{
    return qw_db_change(db, AT_qw_diagnosis_finish,
                        QW_ARGS(&ended, findings, id), pool);
}

qw_problem_t *qw_diagnosis_purge(qw_db_t *db, apr_time_t now, int limit,
                                 apr_pool_t *pool)
{
    apr_int64_t most = limit;

    return qw_db_do(db, AT_qw_diagnosis_purge, QW_ARGS(&now, &most), pool);
}
