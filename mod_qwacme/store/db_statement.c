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

/* A statement of the whole authority, the one of an external account, and what
 * their rows are. */
typedef struct {
    qw_stmt_e all, some;
    qw_row_fn row;
} kind_t;

static const kind_t actions_kind = { AT_qw_actions_of_authority,
                                     AT_qw_actions_of_external, row_action };
static const kind_t failures_kind = { AT_qw_failures_of_authority,
                                      AT_qw_failures_of_external, row_failed };

static qw_problem_t *of_period(apr_array_header_t **list, qw_db_t *db,
                               const kind_t *kind, const qw_period_t *p,
                               apr_pool_t *pool)
{
    const char *id = p->external_id;

    if (id == NULL)
        return qw_db_list(list, db, kind->all,
                          QW_ARGS(p->authority, &p->from, &p->until), kind->row,
                          pool);
    return qw_db_list(list, db, kind->some,
                      QW_ARGS(p->authority, &p->from, &p->until, id, id, id, id,
                              id, id, id, id),
                      kind->row, pool);
}

qw_problem_t *qw_period_actions(apr_array_header_t **actions, qw_db_t *db,
                                const qw_period_t *period, apr_pool_t *pool)
{
    return of_period(actions, db, &actions_kind, period, pool);
}

qw_problem_t *qw_period_failures(apr_array_header_t **failures, qw_db_t *db,
                                 const qw_period_t *period, apr_pool_t *pool)
{
    return of_period(failures, db, &failures_kind, period, pool);
}
