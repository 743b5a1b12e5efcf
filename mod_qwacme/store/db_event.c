#include "store/db_event_row.h"
#include "store/db_ledger.h"

void *qw_row_event(qw_row_t *row)
{
    qw_event_t *e = apr_pcalloc(row->pool, sizeof(*e));

    e->id = qw_row_text(row);
    e->authority = qw_row_text(row);
    e->at = qw_row_int(row);
    e->event = qw_row_text(row);
    e->actor = qw_row_text(row);
    e->subject_kind = qw_row_text(row);
    e->subject_id = qw_row_text(row);
    e->detail = qw_row_text(row);
    return e->id != NULL ? e : NULL;
}

qw_problem_t *qw_event_insert(qw_db_t *db, const qw_event_t *e,
                              apr_pool_t *pool)
{
    return qw_db_do(db, AT_qw_event_insert,
                    QW_ARGS(e->id, e->authority, &e->at, e->event, e->actor,
                            e->subject_kind, e->subject_id, e->detail),
                    pool);
}

qw_problem_t *qw_event_list(apr_array_header_t **list, qw_db_t *db,
                            const char *authority, const char *subject_id,
                            int limit, apr_pool_t *pool)
{
    apr_int64_t most = limit;

    if (subject_id == NULL)
        return qw_db_list(list, db, AT_qw_event_list, QW_ARGS(authority, &most),
                          qw_row_event, pool);
    return qw_db_list(list, db, AT_qw_event_list_subject,
                      QW_ARGS(subject_id, authority, &most), qw_row_event,
                      pool);
}
