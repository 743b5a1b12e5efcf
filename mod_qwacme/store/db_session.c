/* Sessions of the portal, and what was signed in them. */
#include "store/db.h"
#include "store/db_person.h"

static void *row_session(qw_row_t *row)
{
    qw_session_t *s = apr_pcalloc(row->pool, sizeof(*s));

    s->id = qw_row_text(row);
    s->authority = qw_row_text(row);
    s->person_id = qw_row_text(row);
    s->authenticator_id = qw_row_text(row);
    s->created = qw_row_int(row);
    s->seen = qw_row_int(row);
    s->expires = qw_row_int(row);
    s->subject = qw_row_text(row);
    return s;
}

qw_problem_t *qw_session_insert(qw_db_t *db, const qw_session_t *s,
                                apr_pool_t *pool)
{
    return qw_db_change(db, AT_qw_session_insert,
                        QW_ARGS(s->id, s->authority, s->person_id,
                                s->authenticator_id, &s->created, &s->seen,
                                &s->expires),
                        pool);
}

qw_problem_t *qw_session_get(qw_session_t **session, qw_db_t *db,
                             const char *id, const char *authority,
                             apr_pool_t *pool)
{
    return qw_db_one((void **)session, db, AT_qw_session_get,
                     QW_ARGS(id, authority), row_session, pool);
}

qw_problem_t *qw_session_see(qw_db_t *db, const char *id, apr_time_t at,
                             apr_pool_t *pool)
{
    return qw_db_do(db, AT_qw_session_see, QW_ARGS(&at, id), pool);
}

qw_problem_t *qw_session_end(qw_db_t *db, const char *id, apr_pool_t *pool)
{
    return qw_db_do(db, AT_qw_session_end, QW_ARGS(id), pool);
}

qw_problem_t *qw_session_end_all(qw_db_t *db, const char *person_id,
                                 apr_pool_t *pool)
{
    return qw_db_do(db, AT_qw_session_end_all, QW_ARGS(person_id), pool);
}

qw_problem_t *qw_session_purge(qw_db_t *db, apr_time_t now, int batch,
                               apr_pool_t *pool)
{
    apr_int64_t most = batch;

    return qw_db_do(db, AT_qw_session_purge, QW_ARGS(&now, &most), pool);
}

static void *row_confirmation(qw_row_t *row)
{
    qw_confirmation_t *c = apr_pcalloc(row->pool, sizeof(*c));

    c->id = qw_row_text(row);
    c->session_id = qw_row_text(row);
    c->action = qw_row_text(row);
    c->shown = qw_row_int(row);
    c->expires = qw_row_int(row);
    return c;
}

qw_problem_t *qw_confirmation_insert(qw_db_t *db, const qw_confirmation_t *c,
                                     apr_pool_t *pool)
{
    return qw_db_change(db, AT_qw_confirmation_insert,
                        QW_ARGS(c->id, c->session_id, c->action, &c->shown,
                                &c->expires),
                        pool);
}

qw_problem_t *qw_confirmation_get(qw_confirmation_t **found, qw_db_t *db,
                                  const char *id, const char *session_id,
                                  apr_pool_t *pool)
{
    return qw_db_one((void **)found, db, AT_qw_confirmation_get,
                     QW_ARGS(id, session_id), row_confirmation, pool);
}

qw_problem_t *qw_confirmation_take(qw_db_t *db, const char *id,
                                   const char *session_id, apr_pool_t *pool)
{
    return qw_db_change(db, AT_qw_confirmation_take, QW_ARGS(id, session_id),
                        pool);
}

qw_problem_t *qw_confirmation_purge(qw_db_t *db, apr_time_t now, int batch,
                                    apr_pool_t *pool)
{
    apr_int64_t most = batch;

    return qw_db_do(db, AT_qw_confirmation_purge, QW_ARGS(&now, &most), pool);
}

qw_problem_t *qw_action_insert(qw_db_t *db, const char *authority,
                               const qw_action_t *a, apr_pool_t *pool)
{
    return qw_db_change(db, AT_qw_action_insert,
                        QW_ARGS(a->id, authority, a->external_id, a->person_id,
                                a->authenticator_id, a->action, a->nonce,
                                a->client_data, a->authenticator_data,
                                a->signature, &a->at, a->proof),
                        pool);
}

static void *row_action(qw_row_t *row)
{
    qw_action_t *a = apr_pcalloc(row->pool, sizeof(*a));

    a->id = qw_row_text(row);
    a->external_id = qw_row_text(row);
    a->person_id = qw_row_text(row);
    a->person = qw_row_text(row);
    a->authenticator_id = qw_row_text(row);
    a->action = qw_row_text(row);
    a->nonce = qw_row_text(row);
    a->client_data = qw_row_text(row);
    a->authenticator_data = qw_row_text(row);
    a->signature = qw_row_text(row);
    a->at = qw_row_int(row);
    a->proof = qw_row_text(row);
    return a;
}

qw_problem_t *qw_action_list(apr_array_header_t **list, qw_db_t *db,
                             const char *external_id, int limit,
                             apr_pool_t *pool)
{
    apr_int64_t most = limit;

    return qw_db_list(list, db, AT_qw_action_list, QW_ARGS(external_id, &most),
                      row_action, pool);
}

qw_problem_t *qw_action_list_person(apr_array_header_t **list, qw_db_t *db,
                                    const char *person_id, int limit,
                                    apr_pool_t *pool)
{
    apr_int64_t most = limit;

    return qw_db_list(list, db, AT_qw_action_list_person,
                      QW_ARGS(person_id, &most), row_action, pool);
}
