#include "store/db_order.h"

#include "store/db.h"

#include <string.h>

static void *row_order(qw_row_t *row)
{
    qw_order_t *o = apr_pcalloc(row->pool, sizeof(*o));

    o->id = qw_row_text(row);
    o->authority = qw_row_text(row);
    o->account_id = qw_row_text(row);
    o->external_id = qw_row_text(row);
    o->status = qw_state_of("order", qw_row_text(row));
    o->created = qw_row_int(row);
    o->expires = qw_row_int(row);
    o->names = qw_row_text(row);
    o->profile = qw_row_text(row);
    o->profile_hash = qw_row_text(row);
    o->error = qw_row_text(row);
    o->certificate_id = qw_row_text(row);
    o->csr = qw_row_text(row);
    o->replaces = qw_row_text(row);
    return o;
}

/* What a listing shows. */
static void *row_brief(qw_row_t *row)
{
    qw_order_t *o = apr_pcalloc(row->pool, sizeof(*o));

    o->id = qw_row_text(row);
    o->status = qw_state_of("order", qw_row_text(row));
    o->created = qw_row_int(row);
    o->expires = qw_row_int(row);
    return o;
}

static void *row_id(qw_row_t *row)
{
    return (void *)qw_row_text(row);
}

qw_problem_t *qw_order_insert(qw_db_t *db, const qw_order_t *o,
                              const apr_array_header_t *authz_ids,
                              apr_pool_t *pool)
{
    apr_int64_t position;

    if (o->replaces != NULL)
        QW_TRY(qw_db_do(db, AT_qw_order_free_replaced,
                        QW_ARGS(o->authority, o->replaces, &o->created), pool));
    QW_TRY(qw_db_change(db, AT_qw_order_insert,
                        QW_ARGS(o->id, o->authority, o->account_id,
                                o->external_id, qw_state_word(o->status),
                                &o->created, &o->expires, o->names, o->profile,
                                o->profile_hash, o->replaces),
                        pool));
    for (position = 0; position < authz_ids->nelts; position++)
        QW_TRY(qw_db_do(db, AT_qw_order_link,
                        QW_ARGS(o->id, &position,
                                APR_ARRAY_IDX(authz_ids, (int)position,
                                              const char *)),
                        pool));
    return NULL;
}

qw_problem_t *qw_order_get(qw_order_t **order, qw_db_t *db,
                           const char *authority, const char *account_id,
                           const char *id, apr_pool_t *pool)
{
    void *found;

    QW_TRY(qw_db_get(&found, db, AT_qw_order_get, QW_ARGS(id, authority),
                     row_order, pool));
    if (account_id != NULL
        && strcmp(((qw_order_t *)found)->account_id, account_id) != 0)
        return QW_FAIL(pool, NOT_FOUND, "no such resource");
    *order = found;
    return NULL;
}

qw_problem_t *qw_order_authz_ids(apr_array_header_t **ids, qw_db_t *db,
                                 const char *order_id, apr_pool_t *pool)
{
    return qw_db_list(ids, db, AT_qw_order_authz_ids, QW_ARGS(order_id), row_id,
                      pool);
}

qw_problem_t *qw_order_page(apr_array_header_t **orders, qw_db_t *db,
                            const char *account_id, const char *after_id,
                            int limit, apr_pool_t *pool)
{
    apr_int64_t most = limit;

    if (after_id == NULL)
        return qw_db_list(orders, db, AT_qw_order_page,
                          QW_ARGS(account_id, &most), row_brief, pool);
    return qw_db_list(orders, db, AT_qw_order_page_after,
                      QW_ARGS(after_id, account_id, &most), row_brief, pool);
}

qw_problem_t *qw_order_latest(apr_array_header_t **orders, qw_db_t *db,
                              const char *external_id, int limit,
                              apr_pool_t *pool)
{
    apr_int64_t most = limit;

    return qw_db_list(orders, db, AT_qw_order_latest,
                      QW_ARGS(external_id, &most), row_order, pool);
}

qw_problem_t *qw_order_find_open(qw_order_t **order, qw_db_t *db,
                                 const qw_order_t *like, apr_time_t after,
                                 apr_pool_t *pool)
{
    return qw_db_one((void **)order, db, AT_qw_order_find_open,
                     QW_ARGS(like->account_id, like->names, like->profile,
                             &after, &like->created),
                     row_order, pool);
}

qw_problem_t *qw_order_move(qw_db_t *db, const char *id, qw_state_e from,
                            qw_state_e to, const char *error, apr_pool_t *pool)
{
    return qw_db_change(db, AT_qw_order_move,
                        QW_ARGS(qw_state_word(to), error, id,
                                qw_state_word(from)),
                        pool);
}

qw_problem_t *qw_order_begin(qw_db_t *db, const char *id, const char *csr,
                             apr_pool_t *pool)
{
    return qw_db_change(db, AT_qw_order_begin, QW_ARGS(csr, id), pool);
}

qw_problem_t *qw_order_finish(qw_db_t *db, const char *id,
                              const char *certificate_id, apr_pool_t *pool)
{
    return qw_db_change(db, AT_qw_order_finish, QW_ARGS(certificate_id, id),
                        pool);
}

qw_problem_t *qw_orders_lock(qw_db_t *db, const char *authz_id,
                             apr_pool_t *pool)
{
    apr_array_header_t *ids;

    return qw_db_list(&ids, db, AT_qw_orders_lock, QW_ARGS(authz_id), row_id,
                      pool);
}

qw_problem_t *qw_orders_settle(qw_db_t *db, const char *authz_id,
                               apr_pool_t *pool)
{
    return qw_db_do(db, AT_qw_orders_settle, QW_ARGS(authz_id), pool);
}

qw_problem_t *qw_orders_fail(qw_db_t *db, const char *authz_id,
                             const char *error, apr_pool_t *pool)
{
    return qw_db_do(db, AT_qw_orders_fail, QW_ARGS(error, authz_id), pool);
}

qw_problem_t *qw_orders_of_account_end(qw_db_t *db, const char *account_id,
                                       const char *error, apr_pool_t *pool)
{
    QW_TRY(qw_db_do(db, AT_qw_orders_of_account_end, QW_ARGS(error, account_id),
                    pool));
    QW_TRY(qw_db_do(db, AT_qw_challenges_of_account_end,
                    QW_ARGS(error, account_id), pool));
    return qw_db_do(db, AT_qw_authzs_of_account_end, QW_ARGS(account_id), pool);
}

qw_problem_t *qw_orders_expire(int *n, qw_db_t *db, apr_time_t now, int limit,
                               apr_pool_t *pool)
{
    apr_int64_t most = limit;
    int orders, authzs;

    QW_TRY(qw_db_run(&orders, db, AT_qw_orders_expire, QW_ARGS(&now, &most),
                     pool));
    QW_TRY(qw_db_run(&authzs, db, AT_qw_authzs_expire, QW_ARGS(&now, &most),
                     pool));
    *n = orders + authzs;
    return NULL;
}

qw_problem_t *qw_order_stranded(apr_array_header_t **orders, qw_db_t *db,
                                const char *authority, apr_pool_t *pool)
{
    return qw_db_list(orders, db, AT_qw_order_stranded, QW_ARGS(authority),
                      row_order, pool);
}
