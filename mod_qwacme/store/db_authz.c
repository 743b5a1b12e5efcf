#include "store/db.h"
#include "store/db_authz_row.h"
#include "store/db_order.h"

#include <string.h>

void *qw_row_authz(qw_row_t *row)
{
    qw_authz_t *a = apr_pcalloc(row->pool, sizeof(*a));

    a->id = qw_row_text(row);
    a->authority = qw_row_text(row);
    a->account_id = qw_row_text(row);
    a->external_id = qw_row_text(row);
    a->name = qw_row_text(row);
    a->wildcard = (int)qw_row_int(row);
    a->status = qw_state_of("authz", qw_row_text(row));
    a->created = qw_row_int(row);
    a->expires = qw_row_int(row);
    a->method = qw_row_text(row);
    a->validated_at = qw_row_int(row);
    a->caa_at = qw_row_int(row);
    return a;
}

qw_problem_t *qw_authz_insert(qw_db_t *db, const qw_authz_t *a,
                              apr_pool_t *pool)
{
    apr_int64_t wildcard = a->wildcard;

    return qw_db_do(db, AT_qw_authz_insert,
                    QW_ARGS(a->id, a->authority, a->account_id, a->external_id,
                            a->name, &wildcard, &a->created, &a->expires),
                    pool);
}

qw_problem_t *qw_authz_get(qw_authz_t **authz, qw_db_t *db,
                           const char *authority, const char *account_id,
                           const char *id, apr_pool_t *pool)
{
    void *found;

    QW_TRY(qw_db_get(&found, db, AT_qw_authz_get, QW_ARGS(id, authority),
                     qw_row_authz, pool));
    if (account_id != NULL
        && strcmp(((qw_authz_t *)found)->account_id, account_id) != 0)
        return QW_FAIL(pool, NOT_FOUND, "no such resource");
    *authz = found;
    return NULL;
}

qw_problem_t *qw_authz_of_order(apr_array_header_t **authzs, qw_db_t *db,
                                const char *order_id, apr_pool_t *pool)
{
    return qw_db_list(authzs, db, AT_qw_authz_of_order, QW_ARGS(order_id),
                      qw_row_authz, pool);
}

qw_problem_t *qw_authz_find(qw_authz_t **authz, qw_db_t *db,
                            const qw_authz_t *like, apr_time_t after,
                            apr_time_t since, apr_pool_t *pool)
{
    apr_int64_t wildcard = like->wildcard;

    return qw_db_one((void **)authz, db, AT_qw_authz_find,
                     QW_ARGS(like->account_id, like->name, &wildcard,
                             qw_state_word(like->status), &after, &since,
                             &like->created),
                     qw_row_authz, pool);
}

qw_problem_t *qw_authz_move(qw_db_t *db, const char *id, qw_state_e from,
                            qw_state_e to, apr_pool_t *pool)
{
    return qw_db_change(db, AT_qw_authz_move,
                        QW_ARGS(qw_state_word(to), id, qw_state_word(from)),
                        pool);
}

qw_problem_t *qw_authz_prove(qw_db_t *db, const qw_authz_t *a, apr_pool_t *pool)
{
    return qw_db_change(db, AT_qw_authz_prove,
                        QW_ARGS(a->method, &a->validated_at, &a->validated_at,
                                &a->expires, a->id),
                        pool);
}

qw_problem_t *qw_authz_caa(qw_db_t *db, const qw_authz_t *a, apr_pool_t *pool)
{
    return qw_db_change(db, AT_qw_authz_caa, QW_ARGS(&a->caa_at, a->id), pool);
}

qw_problem_t *qw_authz_has_all(int *all, qw_db_t *db, const char *account_id,
                               const apr_array_header_t *names, apr_time_t now,
                               apr_pool_t *pool)
{
    int i;

    *all = 1;
    for (i = 0; i < names->nelts && *all; i++) {
        const char *name = APR_ARRAY_IDX(names, i, const char *);
        qw_authz_t like = { 0 }, *found;

        like.account_id = account_id;
        like.wildcard = strncmp(name, "*.", 2) == 0;
        like.name = like.wildcard ? name + 2 : name;
        like.status = QW_authz_VALID;
        QW_TRY(qw_authz_find(&found, db, &like, now, 0, pool));
        *all = found != NULL;
    }
    return NULL;
}
