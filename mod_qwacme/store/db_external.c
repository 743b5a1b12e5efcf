#include "store/db_external.h"

#include "store/db.h"
#include "store/db_external_row.h"

#include <apr_strings.h>

void *qw_row_external(qw_row_t *row)
{
    qw_external_t *e = apr_pcalloc(row->pool, sizeof(*e));

    e->id = qw_row_text(row);
    e->authority = qw_row_text(row);
    e->name = qw_row_text(row);
    e->status = qw_state_of("external", qw_row_text(row));
    e->created = qw_row_int(row);
    e->expires = qw_row_int(row);
    e->identity = qw_row_text(row);
    e->identity_version = qw_row_int(row);
    e->verified_at = qw_row_int(row);
    e->verified_by = qw_row_text(row);
    e->verified_method = qw_row_text(row);
    e->profiles = qw_row_text(row);
    e->terms_version = qw_row_text(row);
    e->terms_at = qw_row_int(row);
    e->reason = qw_row_text(row);
    e->suspended_at = qw_row_int(row);
    return e;
}

qw_problem_t *qw_external_insert(qw_db_t *db, const qw_external_t *e,
                                 apr_pool_t *pool)
{
    qw_problem_t *prob =
        qw_db_change(db, AT_qw_external_insert,
                     QW_ARGS(e->id, e->authority, e->name, &e->created,
                             &e->expires, e->identity, &e->identity_version,
                             &e->verified_at, e->verified_by,
                             e->verified_method, e->profiles),
                     pool);

    if (prob != NULL && prob->code == QW_E_CONFLICT)
        return QW_FAIL(pool, CONFLICT,
                       "the authority has an external account '%s' already",
                       e->name);
    return prob;
}

qw_problem_t *qw_external_get(qw_external_t **external, qw_db_t *db,
                              const char *authority, const char *id,
                              apr_pool_t *pool)
{
    return qw_db_get((void **)external, db, AT_qw_external_get,
                     QW_ARGS(id, authority), qw_row_external, pool);
}

qw_problem_t *qw_external_by_name(qw_external_t **external, qw_db_t *db,
                                  const char *authority, const char *name,
                                  apr_pool_t *pool)
{
    return qw_db_get((void **)external, db, AT_qw_external_by_name,
                     QW_ARGS(authority, name), qw_row_external, pool);
}

qw_problem_t *qw_external_keep(qw_db_t *db, const char *id, apr_pool_t *pool)
{
    void *kept;

    return qw_db_one(&kept, db, AT_qw_external_keep, QW_ARGS(id), qw_row_there,
                     pool);
}

qw_problem_t *qw_external_claim(qw_db_t *db, const char *id, apr_pool_t *pool)
{
    void *claimed;

    return qw_db_one(&claimed, db, AT_qw_external_claim, QW_ARGS(id),
                     qw_row_there, pool);
}

qw_problem_t *qw_external_list(apr_array_header_t **list, qw_db_t *db,
                               const char *authority, apr_pool_t *pool)
{
    return qw_db_list(list, db, AT_qw_external_list, QW_ARGS(authority),
                      qw_row_external, pool);
}

qw_problem_t *qw_external_move(qw_db_t *db, const char *id, qw_state_e from,
                               qw_state_e to, const char *reason,
                               apr_pool_t *pool)
{
    return qw_db_change(db, AT_qw_external_move,
                        QW_ARGS(qw_state_word(to), reason, id,
                                qw_state_word(from)),
                        pool);
}

qw_problem_t *qw_external_suspend(qw_db_t *db, const char *id, apr_time_t at,
                                  const char *reason, apr_pool_t *pool)
{
    return qw_db_change(db, AT_qw_external_suspend,
                        QW_ARGS(reason, &at, &at, id), pool);
}

qw_problem_t *qw_external_set_identity(qw_db_t *db, const qw_external_t *e,
                                       apr_pool_t *pool)
{
    return qw_db_change(db, AT_qw_external_set_identity,
                        QW_ARGS(e->identity, &e->verified_at, e->verified_by,
                                e->verified_method, e->profiles, e->id,
                                &e->identity_version),
                        pool);
}

qw_problem_t *qw_external_set_terms(qw_db_t *db, const char *id,
                                    const char *version, apr_time_t at,
                                    apr_pool_t *pool)
{
    return qw_db_change(db, AT_qw_external_set_terms, QW_ARGS(version, &at, id),
                        pool);
}

qw_problem_t *qw_external_set_expires(qw_db_t *db, const char *id,
                                      apr_time_t expires, apr_pool_t *pool)
{
    return qw_db_change(db, AT_qw_external_set_expires, QW_ARGS(&expires, id),
                        pool);
}
