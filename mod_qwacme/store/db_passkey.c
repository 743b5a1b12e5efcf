/* Invitations, and the authenticators that people come by them to. */
#include "store/db.h"
#include "store/db_person.h"

static void *row_invite(qw_row_t *row)
{
    qw_invite_t *i = apr_pcalloc(row->pool, sizeof(*i));

    i->id = qw_row_text(row);
    i->person_id = qw_row_text(row);
    i->secret_hash = qw_row_text(row);
    i->created = qw_row_int(row);
    i->created_by = qw_row_text(row);
    i->expires = qw_row_int(row);
    i->tries = qw_row_int(row);
    i->used_at = qw_row_int(row);
    return i;
}

qw_problem_t *qw_invite_insert(qw_db_t *db, const qw_invite_t *i,
                               apr_pool_t *pool)
{
    return qw_db_change(db, AT_qw_invite_insert,
                        QW_ARGS(i->id, i->person_id, i->secret_hash,
                                &i->created, i->created_by, &i->expires),
                        pool);
}

qw_problem_t *qw_invite_get(qw_invite_t **invite, qw_db_t *db, const char *id,
                            apr_pool_t *pool)
{
    return qw_db_one((void **)invite, db, AT_qw_invite_get, QW_ARGS(id),
                     row_invite, pool);
}

qw_problem_t *qw_invite_try(qw_db_t *db, const char *id, apr_pool_t *pool)
{
    return qw_db_do(db, AT_qw_invite_try, QW_ARGS(id), pool);
}

qw_problem_t *qw_invite_use(qw_db_t *db, const char *id, apr_time_t at,
                            apr_pool_t *pool)
{
    return qw_db_change(db, AT_qw_invite_use, QW_ARGS(&at, id), pool);
}

qw_problem_t *qw_invite_void(qw_db_t *db, const char *person_id, apr_time_t at,
                             apr_pool_t *pool)
{
    return qw_db_do(db, AT_qw_invite_void, QW_ARGS(&at, person_id), pool);
}

static void *row_authenticator(qw_row_t *row)
{
    qw_authenticator_t *a = apr_pcalloc(row->pool, sizeof(*a));

    a->id = qw_row_text(row);
    a->person_id = qw_row_text(row);
    a->credential_id = qw_row_text(row);
    a->algorithm = qw_row_int(row);
    a->public_key = qw_row_text(row);
    a->sign_count = qw_row_int(row);
    a->aaguid = qw_row_text(row);
    a->attestation = qw_row_text(row);
    a->transports = qw_row_text(row);
    a->created = qw_row_int(row);
    a->used_at = qw_row_int(row);
    a->removed_by = qw_row_text(row);
    a->removed_at = qw_row_int(row);
    a->subject = qw_row_text(row);
    return a;
}

qw_problem_t *qw_authenticator_insert(qw_db_t *db, const qw_authenticator_t *a,
                                      apr_pool_t *pool)
{
    return qw_db_change(db, AT_qw_authenticator_insert,
                        QW_ARGS(a->id, a->person_id, a->credential_id,
                                &a->algorithm, a->public_key, &a->sign_count,
                                a->aaguid, a->attestation, a->transports,
                                &a->created, a->subject),
                        pool);
}

qw_problem_t *qw_authenticator_find(qw_authenticator_t **found, qw_db_t *db,
                                    const char *credential_id, apr_pool_t *pool)
{
    return qw_db_one((void **)found, db, AT_qw_authenticator_find,
                     QW_ARGS(credential_id), row_authenticator, pool);
}

qw_problem_t *qw_authenticator_list(apr_array_header_t **list, qw_db_t *db,
                                    const char *person_id, apr_pool_t *pool)
{
    return qw_db_list(list, db, AT_qw_authenticator_list, QW_ARGS(person_id),
                      row_authenticator, pool);
}

qw_problem_t *qw_authenticator_use(qw_db_t *db, const char *id,
                                   apr_int64_t sign_count, apr_time_t at,
                                   apr_pool_t *pool)
{
    return qw_db_change(db, AT_qw_authenticator_use,
                        QW_ARGS(&sign_count, &at, id, &sign_count, &sign_count),
                        pool);
}

qw_problem_t *qw_authenticator_step_up(qw_db_t *db, const char *id,
                                       apr_time_t at, apr_time_t now,
                                       apr_pool_t *pool)
{
    apr_time_t used = at > now ? at : now;

    return qw_db_change(db, AT_qw_authenticator_step_up,
                        QW_ARGS(&used, id, &at), pool);
}

qw_problem_t *qw_authenticator_release(qw_db_t *db, const char *person_id,
                                       apr_pool_t *pool)
{
    return qw_db_do(db, AT_qw_authenticator_release, QW_ARGS(person_id), pool);
}

qw_problem_t *qw_authenticator_remove(qw_db_t *db, const char *id,
                                      const char *by, apr_time_t at,
                                      apr_pool_t *pool)
{
    return qw_db_change(db, AT_qw_authenticator_remove, QW_ARGS(by, &at, id),
                        pool);
}
