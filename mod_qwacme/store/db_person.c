#include "store/db_person.h"

#include "store/db.h"
#include "store/db_external_row.h"

static void *row_person(qw_row_t *row)
{
    qw_person_t *p = apr_pcalloc(row->pool, sizeof(*p));

    p->id = qw_row_text(row);
    p->authority = qw_row_text(row);
    p->role = qw_row_text(row);
    p->name = qw_row_text(row);
    p->mail = qw_row_text(row);
    p->language = qw_row_text(row);
    p->status = qw_state_of("person", qw_row_text(row));
    p->created = qw_row_int(row);
    p->created_by = qw_row_text(row);
    p->login = qw_row_text(row);
    p->removed_by = qw_row_text(row);
    p->removed_at = qw_row_int(row);
    return p;
}

qw_problem_t *qw_person_insert(qw_db_t *db, const qw_person_t *p,
                               apr_pool_t *pool)
{
    return qw_db_change(db, AT_qw_person_insert,
                        QW_ARGS(p->id, p->authority, p->role, p->name,
                                p->name_key, p->mail, p->language, &p->created,
                                p->created_by, p->login),
                        pool);
}

qw_problem_t *qw_person_get(qw_person_t **person, qw_db_t *db, const char *id,
                            apr_pool_t *pool)
{
    return qw_db_get((void **)person, db, AT_qw_person_get, QW_ARGS(id),
                     row_person, pool);
}

qw_problem_t *qw_person_find(qw_person_t **person, qw_db_t *db,
                             const char *name_key, const char *authority,
                             apr_pool_t *pool)
{
    return qw_db_one((void **)person, db, AT_qw_person_find,
                     QW_ARGS(name_key, authority), row_person, pool);
}

/* *THERE: 1 if STMT finds a row. */
static qw_problem_t *is_there(int *there, qw_db_t *db, qw_stmt_e stmt,
                              const void **args, apr_pool_t *pool)
{
    void *row;

    QW_TRY(qw_db_one(&row, db, stmt, args, qw_row_there, pool));
    *there = row != NULL;
    return NULL;
}

qw_problem_t *qw_person_elsewhere(int *known, qw_db_t *db, const char *name_key,
                                  apr_pool_t *pool)
{
    return is_there(known, db, AT_qw_person_elsewhere, QW_ARGS(name_key), pool);
}

qw_problem_t *qw_person_other_role(int *known, qw_db_t *db, const char *role,
                                   const qw_person_t *p, apr_pool_t *pool)
{
    return is_there(known, db, AT_qw_person_other_role,
                    QW_ARGS(role, p->authority, p->authority, p->mail,
                            p->login),
                    pool);
}

qw_problem_t *qw_person_list(apr_array_header_t **list, qw_db_t *db,
                             const char *role, const char *authority,
                             apr_pool_t *pool)
{
    return qw_db_list(list, db, AT_qw_person_list, QW_ARGS(role, authority),
                      row_person, pool);
}

qw_problem_t *qw_person_accept(qw_db_t *db, const char *id, apr_pool_t *pool)
{
    return qw_db_do(db, AT_qw_person_accept, QW_ARGS(id), pool);
}

qw_problem_t *qw_person_set_language(qw_db_t *db, const char *id,
                                     const char *language, apr_pool_t *pool)
{
    return qw_db_change(db, AT_qw_person_set_language, QW_ARGS(language, id),
                        pool);
}

qw_problem_t *qw_person_remove(qw_db_t *db, const char *id, const char *by,
                               apr_time_t at, apr_pool_t *pool)
{
    return qw_db_change(db, AT_qw_person_remove, QW_ARGS(by, &at, id), pool);
}

qw_problem_t *qw_external_lock(qw_db_t *db, const char *external_id,
                               apr_pool_t *pool)
{
    int there;

    return is_there(&there, db, AT_qw_external_lock, QW_ARGS(external_id),
                    pool);
}

qw_problem_t *qw_operator_insert(qw_db_t *db, const qw_operator_t *o,
                                 apr_pool_t *pool)
{
    return qw_db_change(db, AT_qw_operator_insert,
                        QW_ARGS(o->id, o->person_id, o->authority,
                                o->external_id, &o->created, o->created_by),
                        pool);
}

qw_problem_t *qw_operator_remove(qw_db_t *db, const char *person_id,
                                 const char *external_id, const char *by,
                                 apr_time_t at, apr_pool_t *pool)
{
    return qw_db_change(db, AT_qw_operator_remove,
                        QW_ARGS(by, &at, person_id, external_id), pool);
}

qw_problem_t *qw_operator_has(int *has, qw_db_t *db, const char *person_id,
                              const char *external_id, apr_pool_t *pool)
{
    return is_there(has, db, AT_qw_operator_has,
                    QW_ARGS(person_id, external_id), pool);
}

qw_problem_t *qw_operator_list(apr_array_header_t **list, qw_db_t *db,
                               const char *external_id, apr_pool_t *pool)
{
    return qw_db_list(list, db, AT_qw_operator_list, QW_ARGS(external_id),
                      row_person, pool);
}

qw_problem_t *qw_operator_accounts(apr_array_header_t **list, qw_db_t *db,
                                   const char *person_id, const char *authority,
                                   apr_pool_t *pool)
{
    return qw_db_list(list, db, AT_qw_operator_accounts,
                      QW_ARGS(person_id, authority), qw_row_external, pool);
}

qw_problem_t *qw_operator_count(apr_int64_t *n, qw_db_t *db,
                                const char *person_id, apr_pool_t *pool)
{
    void *number;

    QW_TRY(qw_db_get(&number, db, AT_qw_operator_count, QW_ARGS(person_id),
                     qw_row_number, pool));
    *n = *(apr_int64_t *)number;
    return NULL;
}
