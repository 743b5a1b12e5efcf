#include "store/db.h"
#include "store/db_ledger.h"

static void *row_sct(qw_row_t *row)
{
    qw_sct_t *s = apr_pcalloc(row->pool, sizeof(*s));

    s->attempt_id = qw_row_text(row);
    s->log_id = qw_row_text(row);
    s->sct = qw_row_text(row);
    s->at = qw_row_int(row);
    return s;
}

qw_problem_t *qw_sct_insert(qw_db_t *db, const qw_sct_t *s, apr_pool_t *pool)
{
    return qw_db_do(db, AT_qw_sct_insert,
                    QW_ARGS(s->attempt_id, s->log_id, s->sct, &s->at), pool);
}

qw_problem_t *qw_sct_list(apr_array_header_t **list, qw_db_t *db,
                          const char *attempt_id, apr_pool_t *pool)
{
    return qw_db_list(list, db, AT_qw_sct_list, QW_ARGS(attempt_id), row_sct,
                      pool);
}
