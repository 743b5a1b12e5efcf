#include "store/db.h"
#include "store/db_ledger.h"

static void *row_attempt(qw_row_t *row)
{
    qw_attempt_t *t = apr_pcalloc(row->pool, sizeof(*t));

    t->id = qw_row_text(row);
    t->authority = qw_row_text(row);
    t->order_id = qw_row_text(row);
    t->kind = qw_row_text(row);
    t->issuer = qw_row_text(row);
    t->serial = qw_row_text(row);
    t->tbs = qw_row_text(row);
    t->tbs_hash = qw_row_text(row);
    t->profile_hash = qw_row_text(row);
    t->identity_version = qw_row_int(row);
    t->status = qw_state_of("attempt", qw_row_text(row));
    t->node = qw_row_text(row);
    t->lease_until = qw_row_int(row);
    t->created = qw_row_int(row);
    t->signed_at = qw_row_int(row);
    t->der = qw_row_text(row);
    t->crl_period = qw_row_text(row);
    t->not_after = qw_row_int(row);
    return t;
}

static void *row_count(qw_row_t *row)
{
    qw_attempt_count_t *c = apr_palloc(row->pool, sizeof(*c));

    c->all = qw_row_int(row);
    c->signing = qw_row_int(row);
    c->issued = qw_row_int(row);
    c->orphan = qw_row_int(row);
    return c;
}

qw_problem_t *qw_attempt_live(qw_attempt_t **attempt, qw_db_t *db,
                              const char *order_id, const char *kind,
                              apr_pool_t *pool)
{
    return qw_db_one((void **)attempt, db, AT_qw_attempt_live,
                     QW_ARGS(order_id, kind), row_attempt, pool);
}

qw_problem_t *qw_attempt_by_serial(qw_attempt_t **attempt, qw_db_t *db,
                                   const char *issuer, const char *kind,
                                   const char *serial, apr_pool_t *pool)
{
    return qw_db_one((void **)attempt, db, AT_qw_attempt_by_serial,
                     QW_ARGS(issuer, kind, serial), row_attempt, pool);
}

/* Which of the two uniqueness rules refused it? */
static qw_problem_t *refused(qw_db_t *db, const qw_attempt_t *t,
                             apr_pool_t *pool)
{
    qw_attempt_t *live = NULL, *taken;

    if (t->order_id != NULL)
        QW_TRY(qw_attempt_live(&live, db, t->order_id, t->kind, pool));
    if (live != NULL)
        return QW_FAIL(pool, CONFLICT, "the order has an attempt already");
    QW_TRY(
        qw_attempt_by_serial(&taken, db, t->issuer, t->kind, t->serial, pool));
    if (taken != NULL)
        return QW_FAIL_BECAUSE(pool, SERVER_INTERNAL, "serial taken",
                               "issuance failed");
    return QW_FAIL(pool, CONFLICT, "the order has an attempt already");
}

qw_problem_t *qw_attempt_insert(qw_db_t *db, const qw_attempt_t *t,
                                apr_pool_t *pool)
{
    int nrows;

    QW_TRY(qw_db_run(&nrows, db, AT_qw_attempt_insert,
                     QW_ARGS(t->id, t->authority, t->order_id, t->kind,
                             t->issuer, t->serial, t->tbs, t->tbs_hash,
                             t->profile_hash, &t->identity_version, t->node,
                             &t->lease_until, &t->created,
                             t->crl_period != NULL ? t->crl_period : "",
                             &t->not_after,
                             t->spki_hash != NULL ? t->spki_hash : ""),
                     pool));
    return nrows > 0 ? NULL : refused(db, t, pool);
}

qw_problem_t *qw_attempt_get(qw_attempt_t **attempt, qw_db_t *db,
                             const char *id, apr_pool_t *pool)
{
    return qw_db_get((void **)attempt, db, AT_qw_attempt_get, QW_ARGS(id),
                     row_attempt, pool);
}

qw_problem_t *qw_attempt_issue(qw_db_t *db, const char *id, const char *der,
                               apr_time_t at, apr_pool_t *pool)
{
    return qw_db_change(db, AT_qw_attempt_issue, QW_ARGS(der, &at, id), pool);
}

qw_problem_t *qw_attempt_orphan(qw_db_t *db, const char *id, apr_time_t at,
                                apr_pool_t *pool)
{
    return qw_db_change(db, AT_qw_attempt_orphan, QW_ARGS(&at, id), pool);
}

qw_problem_t *qw_attempt_attach(qw_db_t *db, const char *id, const char *der,
                                apr_pool_t *pool)
{
    return qw_db_change(db, AT_qw_attempt_attach, QW_ARGS(der, id), pool);
}

qw_problem_t *qw_attempt_spend(qw_db_t *db, const char *order_id,
                               apr_pool_t *pool)
{
    return qw_db_do(db, AT_qw_attempt_spend, QW_ARGS(order_id), pool);
}

qw_problem_t *qw_attempt_list(apr_array_header_t **list, qw_db_t *db,
                              const qw_attempt_t *like, const char *after_id,
                              int limit, apr_pool_t *pool)
{
    apr_int64_t most = limit;
    apr_time_t before =
        like->lease_until != 0 ? like->lease_until : APR_INT64_MAX;

    return qw_db_list(list, db, AT_qw_attempt_list,
                      QW_ARGS(like->issuer, qw_state_word(like->status),
                              after_id != NULL ? after_id : "", &before, &most),
                      row_attempt, pool);
}

qw_problem_t *qw_attempt_count(qw_attempt_count_t *count, qw_db_t *db,
                               const char *issuer, apr_pool_t *pool)
{
    qw_attempt_count_t *found;

    QW_TRY(qw_db_get((void **)&found, db, AT_qw_attempt_count, QW_ARGS(issuer),
                     row_count, pool));
    *count = *found;
    return NULL;
}

static void *row_issuer(qw_row_t *row)
{
    const char **issuer = apr_palloc(row->pool, sizeof(*issuer));

    *issuer = qw_row_text(row);
    return issuer;
}

qw_problem_t *qw_attempt_next_issuer(const char **issuer, qw_db_t *db,
                                     const char *after, apr_pool_t *pool)
{
    const char **found;

    QW_TRY(qw_db_one((void **)&found, db, AT_qw_attempt_next_issuer,
                     QW_ARGS(after), row_issuer, pool));
    *issuer = found != NULL ? *found : NULL;
    return NULL;
}

qw_problem_t *qw_attempt_of_order(apr_array_header_t **list, qw_db_t *db,
                                  const char *order_id, apr_pool_t *pool)
{
    return qw_db_list(list, db, AT_qw_attempt_of_order, QW_ARGS(order_id),
                      row_attempt, pool);
}
