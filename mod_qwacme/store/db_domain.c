#include "store/db.h"
#include "store/db_external.h"

static void *row_domain(qw_row_t *row)
{
    qw_domain_t *d = apr_pcalloc(row->pool, sizeof(*d));

    d->id = qw_row_text(row);
    d->external_id = qw_row_text(row);
    d->name = qw_row_text(row);
    d->subtree = (int)qw_row_int(row);
    d->wildcard = (int)qw_row_int(row);
    d->confirmed_by = qw_row_text(row);
    d->confirmed_at = qw_row_int(row);
    d->removed_by = qw_row_text(row);
    d->removed_at = qw_row_int(row);
    d->reviewed_by = qw_row_text(row);
    return d;
}

qw_problem_t *qw_domain_insert(qw_db_t *db, const qw_domain_t *d,
                               apr_pool_t *pool)
{
    apr_int64_t subtree = d->subtree, wildcard = d->wildcard;
    qw_problem_t *prob =
        qw_db_change(db, AT_qw_domain_insert,
                     QW_ARGS(d->id, d->external_id, d->name, &subtree,
                             &wildcard, d->confirmed_by, &d->confirmed_at,
                             d->reviewed_by),
                     pool);

    if (prob != NULL && prob->code == QW_E_CONFLICT)
        return QW_FAIL(pool, CONFLICT,
                       "'%s' is on the list already; remove it first to "
                       "change it",
                       d->name);
    return prob;
}

qw_problem_t *qw_domain_find(qw_domain_t **domain, qw_db_t *db,
                             const char *external_id, const char *name,
                             apr_pool_t *pool)
{
    return qw_db_one((void **)domain, db, AT_qw_domain_find,
                     QW_ARGS(external_id, name), row_domain, pool);
}

static void *row_name(qw_row_t *row)
{
    return (void *)qw_row_text(row);
}

qw_problem_t *qw_domain_elsewhere(const char **account, qw_db_t *db,
                                  const char *authority, const char *name,
                                  const char *external_id, apr_pool_t *pool)
{
    return qw_db_one((void **)account, db, AT_qw_domain_elsewhere,
                     QW_ARGS(name, authority, external_id), row_name, pool);
}

qw_problem_t *qw_domain_list(apr_array_header_t **list, qw_db_t *db,
                             const char *external_id, int all, apr_pool_t *pool)
{
    return qw_db_list(list, db, all ? AT_qw_domain_list_all : AT_qw_domain_list,
                      QW_ARGS(external_id), row_domain, pool);
}

qw_problem_t *qw_domain_remove(qw_db_t *db, const char *external_id,
                               const char *name, const char *by, apr_time_t at,
                               apr_pool_t *pool)
{
    qw_problem_t *prob =
        qw_db_change(db, AT_qw_domain_remove,
                     QW_ARGS(by, &at, external_id, name), pool);

    if (prob != NULL && prob->code == QW_E_CONFLICT)
        return QW_FAIL(pool, NOT_FOUND, "'%s' is not on the list", name);
    return prob;
}
