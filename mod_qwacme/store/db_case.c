#include "store/db_case.h"

#include "store/db.h"
#include "store/db_authz_row.h"

#define CLOCKS_DIFFER (apr_time_from_sec(300)) /* of nodes, at the most */

static void *row_case(qw_row_t *row)
{
    qw_case_t *c = apr_pcalloc(row->pool, sizeof(*c));

    c->id = qw_row_text(row);
    c->authority = qw_row_text(row);
    c->kind = qw_row_text(row);
    c->subject = qw_row_text(row);
    c->options = qw_row_text(row);
    c->total = qw_row_int(row);
    c->status = qw_state_of("case", qw_row_text(row));
    c->opened_by = qw_row_text(row);
    c->opened = qw_row_int(row);
    c->due = qw_row_int(row);
    c->contact = qw_row_text(row);
    c->text = qw_row_text(row);
    c->approved_by = qw_row_text(row);
    c->approved = qw_row_int(row);
    c->warned = qw_row_int(row);
    c->conclusion = qw_row_text(row);
    c->closed_by = qw_row_text(row);
    c->closed = qw_row_int(row);
    return c;
}

static void *row_item(qw_row_t *row)
{
    qw_case_item_t *i = apr_pcalloc(row->pool, sizeof(*i));

    i->case_id = qw_row_text(row);
    i->seq = qw_row_int(row);
    i->authority = qw_row_text(row);
    i->kind = qw_row_text(row);
    i->subject_id = qw_row_text(row);
    i->label = qw_row_text(row);
    i->reason = qw_row_int(row);
    i->flagged = qw_row_int(row);
    i->not_before = qw_row_int(row);
    i->status = qw_state_of("case_item", qw_row_text(row));
    i->at = qw_row_int(row);
    i->actor = qw_row_text(row);
    i->result = qw_row_text(row);
    i->requested_at = qw_row_int(row);
    i->revoked_at = qw_row_int(row);
    i->published_at = qw_row_int(row);
    i->crl_number = qw_row_int(row);
    return i;
}

static void *row_count(qw_row_t *row)
{
    qw_case_count_t *c = apr_pcalloc(row->pool, sizeof(*c));

    c->kind = qw_row_text(row);
    c->status = qw_state_of("case_item", qw_row_text(row));
    c->n = qw_row_int(row);
    return c;
}

static void *row_pick(qw_row_t *row)
{
    qw_case_pick_t *p = apr_pcalloc(row->pool, sizeof(*p));

    p->id = qw_row_text(row);
    p->authority = qw_row_text(row);
    p->account_id = qw_row_text(row);
    p->external_id = qw_row_text(row);
    p->issuer = qw_row_text(row);
    p->serial = qw_row_text(row);
    p->names = qw_row_text(row);
    p->created = qw_row_int(row);
    p->not_after = qw_row_int(row);
    p->revoked_at = qw_row_int(row);
    p->reason = qw_row_int(row);
    return p;
}

qw_problem_t *qw_case_insert(qw_db_t *db, const qw_case_t *c, apr_pool_t *pool)
{
    return qw_db_change(db, AT_qw_case_insert,
                        QW_ARGS(c->id, c->authority, c->kind, c->subject,
                                c->options, &c->total, c->opened_by, &c->opened,
                                &c->due, c->contact, c->text),
                        pool);
}

qw_problem_t *qw_case_get(qw_case_t **c, qw_db_t *db, const char *authority,
                          const char *id, apr_pool_t *pool)
{
    return qw_db_get((void **)c, db, AT_qw_case_get, QW_ARGS(id, authority),
                     row_case, pool);
}

qw_problem_t *qw_case_list(apr_array_header_t **list, qw_db_t *db,
                           const qw_case_query_t *q, apr_pool_t *pool)
{
    apr_int64_t most = q->limit;

    return qw_db_list(list, db, AT_qw_case_list,
                      QW_ARGS(q->authority, q->kind, q->kind, q->status,
                              q->status, &most),
                      row_case, pool);
}

qw_problem_t *qw_case_list_due(apr_array_header_t **list, qw_db_t *db,
                               const char *authority, apr_time_t before,
                               apr_pool_t *pool)
{
    return qw_db_list(list, db, AT_qw_case_list_due,
                      QW_ARGS(authority, &before), row_case, pool);
}

qw_problem_t *qw_case_newest(apr_time_t *opened, qw_db_t *db,
                             const char *subject, const char *kind,
                             apr_pool_t *pool)
{
    void *found;

    QW_TRY(qw_db_get(&found, db, AT_qw_case_newest, QW_ARGS(subject, kind),
                     qw_row_number, pool));
    *opened = *(apr_int64_t *)found;
    return NULL;
}

qw_problem_t *qw_case_approve(qw_db_t *db, const char *id, const char *by,
                              apr_time_t at, apr_pool_t *pool)
{
    return qw_db_change(db, AT_qw_case_approve, QW_ARGS(by, &at, id), pool);
}

qw_problem_t *qw_case_close(qw_db_t *db, const qw_case_t *c, apr_pool_t *pool)
{
    return qw_db_change(db, AT_qw_case_close,
                        QW_ARGS(c->conclusion, c->closed_by, &c->closed, c->id),
                        pool);
}

qw_problem_t *qw_case_warn(int *mine, qw_db_t *db, const char *id,
                           apr_int64_t level, apr_pool_t *pool)
{
    return qw_db_run(mine, db, AT_qw_case_warn, QW_ARGS(&level, id, &level),
                     pool);
}

qw_problem_t *qw_case_item_insert(qw_db_t *db, const qw_case_item_t *i,
                                  apr_pool_t *pool)
{
    return qw_db_do(db, AT_qw_case_item_insert,
                    QW_ARGS(i->case_id, &i->seq, i->authority, i->kind,
                            i->subject_id, i->label, &i->reason, &i->flagged,
                            &i->not_before),
                    pool);
}

qw_problem_t *qw_case_item_next(apr_array_header_t **list, qw_db_t *db,
                                const char *case_id, apr_time_t now, int limit,
                                apr_pool_t *pool)
{
    apr_int64_t most = limit;

    return qw_db_list(list, db, AT_qw_case_item_next,
                      QW_ARGS(case_id, &now, &most), row_item, pool);
}

qw_problem_t *qw_case_item_next_here(apr_array_header_t **list, qw_db_t *db,
                                     const char *case_id, const char *authority,
                                     apr_time_t now, int limit,
                                     apr_pool_t *pool)
{
    apr_int64_t most = limit;

    return qw_db_list(list, db, AT_qw_case_item_next_here,
                      QW_ARGS(case_id, authority, &now, &most), row_item, pool);
}

qw_problem_t *qw_case_item_count_here(apr_int64_t *n, qw_db_t *db,
                                      const char *case_id,
                                      const char *authority, apr_time_t now,
                                      apr_pool_t *pool)
{
    void *found;

    QW_TRY(qw_db_get(&found, db, AT_qw_case_item_count_here,
                     QW_ARGS(case_id, authority, &now), qw_row_number, pool));
    *n = *(apr_int64_t *)found;
    return NULL;
}

qw_problem_t *qw_case_missed(apr_int64_t *n, qw_db_t *db, const qw_case_t *c,
                             apr_pool_t *pool)
{
    apr_time_t since = c->opened - CLOCKS_DIFFER;
    void *found;

    QW_TRY(
        qw_db_get(&found, db, AT_qw_case_missed,
                  QW_ARGS(c->authority, c->subject, c->subject, &since, c->id),
                  qw_row_number, pool));
    *n = *(apr_int64_t *)found;
    return NULL;
}

qw_problem_t *qw_case_item_scheduled(apr_array_header_t **list, qw_db_t *db,
                                     const char *authority, apr_time_t now,
                                     int limit, apr_pool_t *pool)
{
    apr_int64_t most = limit;

    return qw_db_list(list, db, AT_qw_case_item_scheduled,
                      QW_ARGS(authority, &now, &most), row_item, pool);
}

qw_problem_t *qw_case_item_soonest(apr_time_t *soonest, qw_db_t *db,
                                   const char *authority, apr_pool_t *pool)
{
    void *found;

    QW_TRY(qw_db_get(&found, db, AT_qw_case_item_soonest, QW_ARGS(authority),
                     qw_row_number, pool));
    *soonest = *(apr_int64_t *)found;
    return NULL;
}

qw_problem_t *qw_case_item_end(qw_db_t *db, const qw_case_item_t *i,
                               apr_pool_t *pool)
{
    return qw_db_change(db, AT_qw_case_item_end,
                        QW_ARGS(qw_state_word(i->status), &i->at, i->actor,
                                i->result, i->case_id, &i->seq),
                        pool);
}

qw_problem_t *qw_case_items_retry(int *n, qw_db_t *db, const char *case_id,
                                  apr_pool_t *pool)
{
    return qw_db_run(n, db, AT_qw_case_items_retry, QW_ARGS(case_id), pool);
}

qw_problem_t *qw_case_items_skip(int *n, qw_db_t *db, const qw_case_item_t *how,
                                 apr_pool_t *pool)
{
    return qw_db_run(n, db, AT_qw_case_items_skip,
                     QW_ARGS(&how->at, how->actor, how->result, how->case_id),
                     pool);
}

qw_problem_t *qw_case_item_list(apr_array_header_t **list, qw_db_t *db,
                                const char *case_id, apr_int64_t after,
                                int limit, apr_pool_t *pool)
{
    apr_int64_t most = limit;

    return qw_db_list(list, db, AT_qw_case_item_list,
                      QW_ARGS(case_id, &after, &most), row_item, pool);
}

qw_problem_t *qw_case_item_counts(apr_array_header_t **list, qw_db_t *db,
                                  const char *case_id, apr_pool_t *pool)
{
    return qw_db_list(list, db, AT_qw_case_item_counts, QW_ARGS(case_id),
                      row_count, pool);
}

qw_problem_t *qw_case_pick(apr_array_header_t **list, qw_db_t *db,
                           const qw_pick_query_t *q, apr_pool_t *pool)
{
    static const qw_stmt_e stmts[] = {
        AT_qw_case_pick_authority,  AT_qw_case_pick_external,
        AT_qw_case_pick_account,    AT_qw_case_pick_key,
        AT_qw_case_pick_serial,     AT_qw_case_pick_precert,
        AT_qw_case_pick_precert_key
    };
    const char *id = q->after != NULL ? q->after->id : "";
    apr_int64_t created = q->after != NULL ? q->after->created : 0;
    apr_int64_t most = q->limit;

    return qw_db_list(list, db, stmts[q->by],
                      QW_ARGS(q->key, &created, id, &most), row_pick, pool);
}

qw_problem_t *qw_case_authzs(apr_array_header_t **list, qw_db_t *db,
                             const char *account_id, apr_time_t now,
                             apr_pool_t *pool)
{
    return qw_db_list(list, db, AT_qw_case_authzs, QW_ARGS(account_id, &now),
                      qw_row_authz, pool);
}
