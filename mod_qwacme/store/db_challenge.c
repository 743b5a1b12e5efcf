#include "store/db.h"
#include "store/db_authz_row.h"
#include "store/db_order.h"

#include <string.h>

static void *row_challenge(qw_row_t *row)
{
    qw_challenge_t *c = apr_pcalloc(row->pool, sizeof(*c));

    c->id = qw_row_text(row);
    c->authz_id = qw_row_text(row);
    c->type = qw_row_text(row);
    c->token = qw_row_text(row);
    c->status = qw_state_of("challenge", qw_row_text(row));
    c->validated_at = qw_row_int(row);
    c->error = qw_row_text(row);
    c->evidence = qw_row_text(row);
    return c;
}

typedef struct {
    qw_challenge_t *challenge;
    qw_authz_t *authz;
} both_t;

static void *row_both(qw_row_t *row)
{
    both_t *both = apr_palloc(row->pool, sizeof(*both));

    both->challenge = row_challenge(row);
    both->authz = qw_row_authz(row);
    return both;
}

qw_problem_t *qw_challenge_insert(qw_db_t *db, const qw_challenge_t *c,
                                  apr_pool_t *pool)
{
    return qw_db_do(db, AT_qw_challenge_insert,
                    QW_ARGS(c->id, c->authz_id, c->authz_id, c->type, c->token),
                    pool);
}

static int is_other(const char *wanted, const char *have)
{
    return wanted != NULL && strcmp(wanted, have) != 0;
}

/* NOLINTNEXTLINE(readability-function-size): each names a column */
qw_problem_t *qw_challenge_get(qw_challenge_t **challenge, qw_authz_t **authz,
                               qw_db_t *db, const char *authority,
                               const char *account_id, const char *id,
                               apr_pool_t *pool)
{
    both_t *both;

    QW_TRY(qw_db_get((void **)&both, db, AT_qw_challenge_get, QW_ARGS(id),
                     row_both, pool));
    if (is_other(authority, both->authz->authority)
        || is_other(account_id, both->authz->account_id))
        return QW_FAIL(pool, NOT_FOUND, "no such resource");
    *challenge = both->challenge;
    *authz = both->authz;
    return NULL;
}

qw_problem_t *qw_challenge_list(apr_array_header_t **list, qw_db_t *db,
                                const char *authz_id, apr_pool_t *pool)
{
    return qw_db_list(list, db, AT_qw_challenge_list, QW_ARGS(authz_id),
                      row_challenge, pool);
}

qw_problem_t *qw_challenge_show(apr_array_header_t **list, qw_db_t *db,
                                const char *authz_id, apr_pool_t *pool)
{
    return qw_db_list(list, db, AT_qw_challenge_show, QW_ARGS(authz_id),
                      row_challenge, pool);
}

qw_problem_t *qw_challenge_begin(qw_db_t *db, const char *id, apr_pool_t *pool)
{
    void *locked;

    QW_TRY(qw_db_one(&locked, db, AT_qw_challenge_lock, QW_ARGS(id),
                     qw_row_there, pool));
    return qw_db_change(db, AT_qw_challenge_begin, QW_ARGS(id), pool);
}

static qw_problem_t *end(qw_db_t *db, const qw_challenge_t *c,
                         qw_state_e status, apr_pool_t *pool)
{
    return qw_db_change(db, AT_qw_challenge_finish,
                        QW_ARGS(qw_state_word(status), &c->validated_at,
                                c->error, c->evidence, c->id),
                        pool);
}

qw_problem_t *qw_challenge_finish(qw_db_t *db, const qw_challenge_t *c,
                                  apr_pool_t *pool)
{
    return end(db, c, c->status, pool);
}

qw_problem_t *qw_challenge_again(qw_db_t *db, const qw_challenge_t *c,
                                 apr_pool_t *pool)
{
    return end(db, c, QW_challenge_PENDING, pool);
}
