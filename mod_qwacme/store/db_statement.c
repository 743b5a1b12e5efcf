#include "store/db_statement.h"

#include "store/db.h"

static void *row_action(qw_row_t *row)
{
    qw_action_t *a = apr_pcalloc(row->pool, sizeof(*a));

    a->actor = qw_row_text(row);
    a->event = qw_row_text(row);
    a->count = qw_row_int(row);
    return a;
}

static void *row_failed(qw_row_t *row)
{
    qw_failed_t *f = apr_pcalloc(row->pool, sizeof(*f));

    f->event = qw_row_text(row);
    f->detail = qw_row_text(row);
    return f;
}

static qw_problem_t *of_period(apr_array_header_t **list, qw_db_t *db,
                               qw_stmt_e all, qw_stmt_e some,
                               const qw_period_t *p, qw_row_fn row,
                               apr_pool_t *pool)
{
    const char *id = p->external_id;

    if (id == NULL)
        return qw_db_list(list, db, all,
                          QW_ARGS(p->authority, &p->from, &p->until), row,
                          pool);
    return qw_db_list(list, db, some,
                      QW_ARGS(p->authority, &p->from, &p->until, id, id, id, id,
                              id, id, id, id),
                      row, pool);
}

qw_problem_t *qw_period_actions(apr_array_header_t **actions, qw_db_t *db,
                                const qw_period_t *period, apr_pool_t *pool)
{
    return of_period(actions, db, AT_qw_actions_of_authority,
                     AT_qw_actions_of_external, period, row_action, pool);
}

qw_problem_t *qw_period_failures(apr_array_header_t **failures, qw_db_t *db,
                                 const qw_period_t *period, apr_pool_t *pool)
{
    return of_period(failures, db, AT_qw_failures_of_authority,
                     AT_qw_failures_of_external, period, row_failed, pool);
}
