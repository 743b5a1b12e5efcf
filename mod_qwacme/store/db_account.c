#include "store/db_account.h"

#include "store/db.h"

#include <apr_strings.h>

static apr_time_t later(apr_time_t a, apr_time_t b)
{
    return a > b ? a : b;
}

static void *row_account(qw_row_t *row)
{
    qw_account_t *a = apr_pcalloc(row->pool, sizeof(*a));

    a->id = qw_row_text(row);
    a->authority = qw_row_text(row);
    a->external_id = qw_row_text(row);
    a->binding_id = qw_row_text(row);
    a->status = qw_state_of("account", qw_row_text(row));
    a->suspended = (int)qw_row_int(row);
    a->thumbprint = qw_row_text(row);
    a->jwk = qw_row_text(row);
    a->contacts = qw_row_text(row);
    a->eab = qw_row_text(row);
    a->terms_version = qw_row_text(row);
    a->terms_at = qw_row_int(row);
    a->created = qw_row_int(row);
    a->suspended_at = qw_row_int(row);
    a->external_status = qw_state_of("external", qw_row_text(row));
    a->external_expires = qw_row_int(row);
    a->stopped_at = later(a->suspended_at, qw_row_int(row));
    a->binding_status = qw_state_of("binding", qw_row_text(row));
    a->stopped_at = later(a->stopped_at, qw_row_int(row));
    a->key_blocked = qw_row_int(row) > 0;
    return a;
}

qw_problem_t *qw_account_insert(qw_db_t *db, const qw_account_t *a,
                                apr_pool_t *pool)
{
    return qw_db_change(db, AT_qw_account_insert,
                        QW_ARGS(a->id, a->authority, a->external_id,
                                a->binding_id, a->thumbprint, a->jwk,
                                a->contacts, a->eab, a->terms_version,
                                &a->terms_at, &a->created),
                        pool);
}

qw_problem_t *qw_account_get(qw_account_t **account, qw_db_t *db,
                             const char *authority, const char *id,
                             apr_pool_t *pool)
{
    return qw_db_get((void **)account, db, AT_qw_account_get,
                     QW_ARGS(id, authority), row_account, pool);
}

qw_problem_t *qw_account_by_thumbprint(qw_account_t **account, qw_db_t *db,
                                       const char *authority,
                                       const char *thumbprint, apr_pool_t *pool)
{
    return qw_db_get((void **)account, db, AT_qw_account_by_thumbprint,
                     QW_ARGS(authority, thumbprint), row_account, pool);
}

qw_problem_t *qw_account_key_used(int *used, qw_db_t *db,
                                  const char *thumbprint, apr_pool_t *pool)
{
    void *found;

    QW_TRY(qw_db_one(&found, db, AT_qw_account_key_used, QW_ARGS(thumbprint),
                     qw_row_there, pool));
    *used = found != NULL;
    return NULL;
}

qw_problem_t *qw_account_list(apr_array_header_t **list, qw_db_t *db,
                              const char *authority, const char *external_id,
                              apr_pool_t *pool)
{
    if (external_id == NULL)
        return qw_db_list(list, db, AT_qw_account_list, QW_ARGS(authority),
                          row_account, pool);
    return qw_db_list(list, db, AT_qw_account_list_external,
                      QW_ARGS(external_id, authority), row_account, pool);
}

qw_problem_t *qw_account_list_by_key(apr_array_header_t **list, qw_db_t *db,
                                     const char *thumbprint, apr_pool_t *pool)
{
    return qw_db_list(list, db, AT_qw_account_list_by_key, QW_ARGS(thumbprint),
                      row_account, pool);
}

qw_problem_t *qw_account_set_contacts(qw_db_t *db, const char *id,
                                      const char *contacts, apr_pool_t *pool)
{
    return qw_db_change(db, AT_qw_account_set_contacts, QW_ARGS(contacts, id),
                        pool);
}

qw_problem_t *qw_account_set_terms(qw_db_t *db, const char *id,
                                   const char *version, apr_time_t at,
                                   apr_pool_t *pool)
{
    return qw_db_change(db, AT_qw_account_set_terms, QW_ARGS(version, &at, id),
                        pool);
}

qw_problem_t *qw_account_move(qw_db_t *db, const char *id, qw_state_e from,
                              qw_state_e to, apr_pool_t *pool)
{
    return qw_db_change(db, AT_qw_account_move,
                        QW_ARGS(qw_state_word(to), id, qw_state_word(from)),
                        pool);
}

qw_problem_t *qw_account_suspend(qw_db_t *db, const char *id, apr_time_t at,
                                 apr_pool_t *pool)
{
    qw_problem_t *prob =
        qw_db_change(db, AT_qw_account_suspend, QW_ARGS(&at, &at, id), pool);

    if (prob != NULL && prob->code == QW_E_CONFLICT)
        return QW_FAIL(pool, CONFLICT, "the ACME account is suspended already");
    return prob;
}

qw_problem_t *qw_account_resume(qw_db_t *db, const char *id, apr_pool_t *pool)
{
    qw_problem_t *prob =
        qw_db_change(db, AT_qw_account_resume, QW_ARGS(id), pool);

    if (prob != NULL && prob->code == QW_E_CONFLICT)
        return QW_FAIL(pool, CONFLICT, "the ACME account is not suspended");
    return prob;
}

qw_problem_t *qw_account_set_key(qw_db_t *db, const qw_account_t *a,
                                 const char *old_thumbprint, apr_pool_t *pool)
{
    return qw_db_change(db, AT_qw_account_set_key,
                        QW_ARGS(a->thumbprint, a->jwk, a->id, old_thumbprint,
                                a->authority, a->thumbprint),
                        pool);
}
