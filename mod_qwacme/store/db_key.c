#include "store/db_key.h"

#include "store/db.h"

static void *row_blocked(qw_row_t *row)
{
    qw_blocked_key_t *key = apr_pcalloc(row->pool, sizeof(*key));

    key->spki_hash = qw_row_text(row);
    key->thumbprint = qw_row_text(row);
    key->why = qw_row_text(row);
    key->at = qw_row_int(row);
    return key;
}

qw_problem_t *qw_blocked_key_insert(qw_db_t *db, const qw_blocked_key_t *key,
                                    apr_pool_t *pool)
{
    return qw_db_do(db, AT_qw_blocked_key_insert,
                    QW_ARGS(key->spki_hash, key->thumbprint, key->why,
                            &key->at),
                    pool);
}

qw_problem_t *qw_blocked_key_has(int *has, qw_db_t *db, const char *spki_hash,
                                 apr_pool_t *pool)
{
    void *found;

    QW_TRY(qw_db_one(&found, db, AT_qw_blocked_key_has, QW_ARGS(spki_hash),
                     qw_row_there, pool));
    *has = found != NULL;
    return NULL;
}

qw_problem_t *qw_blocked_key_lock(qw_db_t *db, const char *spki_hash,
                                  apr_pool_t *pool)
{
    void *locked;

    return qw_db_one(&locked, db, AT_qw_blocked_key_lock, QW_ARGS(spki_hash),
                     qw_row_there, pool);
}

qw_problem_t *qw_blocked_key_list(apr_array_header_t **list, qw_db_t *db,
                                  apr_time_t before, int limit,
                                  apr_pool_t *pool)
{
    apr_int64_t most = limit;

    return qw_db_list(list, db, AT_qw_blocked_key_list, QW_ARGS(&before, &most),
                      row_blocked, pool);
}

qw_problem_t *qw_certificate_key_used(int *used, qw_db_t *db,
                                      const char *spki_hash, apr_pool_t *pool)
{
    void *found;

    QW_TRY(qw_db_one(&found, db, AT_qw_certificate_key_used, QW_ARGS(spki_hash),
                     qw_row_there, pool));
    *used = found != NULL;
    return NULL;
}

qw_problem_t *qw_certificate_key_of_others(int *used, qw_db_t *db,
                                           const char *spki_hash,
                                           const char *authority,
                                           const char *external_id,
                                           apr_pool_t *pool)
{
    void *found;

    QW_TRY(qw_db_one(&found, db, AT_qw_certificate_key_of_others,
                     QW_ARGS(spki_hash, authority, external_id), qw_row_there,
                     pool));
    *used = found != NULL;
    return NULL;
}
