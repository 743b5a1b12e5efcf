#include "store/db_seal.h"

#include "store/db_event_row.h"

static void *row_tail(qw_row_t *row)
{
    qw_seal_entry_t *s = apr_pcalloc(row->pool, sizeof(*s));

    s->seq = qw_row_int(row);
    s->event_id = qw_row_text(row);
    s->hash = qw_row_text(row);
    return s;
}

static void *row_entry(qw_row_t *row)
{
    qw_seal_entry_t *s = row_tail(row);

    s->event = qw_row_event(row);
    return s;
}

static void *row_id(qw_row_t *row)
{
    return (void *)qw_row_text(row);
}

static void *row_checkpoint(qw_row_t *row)
{
    qw_checkpoint_t *c = apr_pcalloc(row->pool, sizeof(*c));

    c->seq = qw_row_int(row);
    c->previous = qw_row_int(row);
    c->hash = qw_row_text(row);
    c->at = qw_row_int(row);
    c->signature = qw_row_text(row);
    c->timestamp = qw_row_text(row);
    return c;
}

static void *row_identity(qw_row_t *row)
{
    qw_identity_version_t *v = apr_pcalloc(row->pool, sizeof(*v));

    v->version = qw_row_int(row);
    v->identity = qw_row_text(row);
    v->verified_at = qw_row_int(row);
    v->verified_by = qw_row_text(row);
    v->verified_method = qw_row_text(row);
    v->profiles = qw_row_text(row);
    return v;
}

qw_problem_t *qw_seal_lock(qw_db_t *db, apr_pool_t *pool)
{
    void *locked;

    return qw_db_one(&locked, db, AT_qw_seal_lock, QW_NO_ARGS, qw_row_there,
                     pool);
}

qw_problem_t *qw_seal_waits(int *waits, qw_db_t *db, apr_pool_t *pool)
{
    void *there;

    QW_TRY(qw_db_one(&there, db, AT_qw_seal_waits, QW_NO_ARGS, qw_row_there,
                     pool));
    *waits = there != NULL;
    return NULL;
}

qw_problem_t *qw_seal_take(apr_array_header_t **events, qw_db_t *db, int limit,
                           apr_pool_t *pool)
{
    apr_int64_t most = limit;

    return qw_db_list(events, db, AT_qw_seal_take, QW_ARGS(&most), qw_row_event,
                      pool);
}

qw_problem_t *qw_seal_put(qw_db_t *db, const qw_seal_entry_t *s,
                          apr_pool_t *pool)
{
    QW_TRY(qw_db_change(db, AT_qw_seal_put,
                        QW_ARGS(&s->seq, s->event_id, s->hash), pool));
    return qw_db_do(db, AT_qw_seal_done, QW_ARGS(&s->event->at, s->event_id),
                    pool);
}

qw_problem_t *qw_seal_tail(qw_seal_entry_t **entry, qw_db_t *db,
                           apr_pool_t *pool)
{
    return qw_db_one((void **)entry, db, AT_qw_seal_tail, QW_NO_ARGS, row_tail,
                     pool);
}

qw_problem_t *qw_seal_page(apr_array_header_t **entries, qw_db_t *db,
                           apr_int64_t after, int limit, apr_pool_t *pool)
{
    apr_int64_t most = limit;

    return qw_db_list(entries, db, AT_qw_seal_page, QW_ARGS(&after, &most),
                      row_entry, pool);
}

qw_problem_t *qw_seal_of_subject(apr_array_header_t **entries, qw_db_t *db,
                                 const char *authority, const char *subject_id,
                                 apr_pool_t *pool)
{
    return qw_db_list(entries, db, AT_qw_seal_of_subject,
                      QW_ARGS(subject_id, authority), row_entry, pool);
}

qw_problem_t *qw_seal_unsealed(apr_array_header_t **ids, qw_db_t *db, int limit,
                               apr_pool_t *pool)
{
    apr_int64_t most = limit;

    return qw_db_list(ids, db, AT_qw_seal_unsealed, QW_ARGS(&most), row_id,
                      pool);
}

qw_problem_t *qw_seal_stuck(apr_array_header_t **ids, qw_db_t *db, int limit,
                            apr_pool_t *pool)
{
    apr_int64_t most = limit;

    return qw_db_list(ids, db, AT_qw_seal_stuck, QW_ARGS(&most), row_id, pool);
}

qw_problem_t *qw_checkpoint_insert(qw_db_t *db, const qw_checkpoint_t *c,
                                   apr_pool_t *pool)
{
    return qw_db_change(db, AT_qw_checkpoint_insert,
                        QW_ARGS(&c->seq, &c->previous, c->hash, &c->at,
                                c->signature),
                        pool);
}

qw_problem_t *qw_checkpoint_newest(qw_checkpoint_t **checkpoint, qw_db_t *db,
                                   apr_pool_t *pool)
{
    return qw_db_one((void **)checkpoint, db, AT_qw_checkpoint_newest,
                     QW_NO_ARGS, row_checkpoint, pool);
}

qw_problem_t *qw_checkpoint_page(apr_array_header_t **checkpoints, qw_db_t *db,
                                 apr_int64_t after, int limit, apr_pool_t *pool)
{
    apr_int64_t most = limit;

    return qw_db_list(checkpoints, db, AT_qw_checkpoint_page,
                      QW_ARGS(&after, &most), row_checkpoint, pool);
}

qw_problem_t *qw_checkpoint_stamp(qw_db_t *db, apr_int64_t seq,
                                  const char *timestamp, apr_pool_t *pool)
{
    return qw_db_change(db, AT_qw_checkpoint_stamp, QW_ARGS(timestamp, &seq),
                        pool);
}

qw_problem_t *qw_identity_version_get(qw_identity_version_t **found,
                                      qw_db_t *db, const char *external_id,
                                      apr_int64_t version, apr_pool_t *pool)
{
    return qw_db_get((void **)found, db, AT_qw_identity_version_get,
                     QW_ARGS(external_id, &version), row_identity, pool);
}
