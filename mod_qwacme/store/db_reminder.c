#include "store/db_reminder.h"

#include "store/db.h"
#include "store/db_external_row.h"

static void *row_reminder(qw_row_t *row)
{
    qw_reminder_t *r = apr_pcalloc(row->pool, sizeof(*r));

    r->id = qw_row_text(row);
    r->authority = qw_row_text(row);
    r->external_id = qw_row_text(row);
    r->clock = qw_row_text(row);
    r->subject = qw_row_text(row);
    r->ends = qw_row_int(row);
    r->ahead = qw_row_int(row);
    r->mail = qw_row_text(row);
    r->person_id = qw_row_text(row);
    r->language = qw_row_text(row);
    r->status = qw_row_text(row);
    r->created = qw_row_int(row);
    r->due = qw_row_int(row);
    r->owner = qw_row_text(row);
    r->lease_until = qw_row_int(row);
    r->tries = qw_row_int(row);
    r->ended = qw_row_int(row);
    r->result = qw_row_text(row);
    return r;
}

qw_problem_t *qw_reminder_there(int *there, qw_db_t *db, const qw_reminder_t *r,
                                apr_pool_t *pool)
{
    void *found;

    QW_TRY(qw_db_one(&found, db, AT_qw_reminder_there,
                     QW_ARGS(r->external_id, r->clock, r->subject, &r->ends,
                             &r->ahead, r->mail),
                     qw_row_there, pool));
    *there = found != NULL;
    return NULL;
}

qw_problem_t *qw_reminder_insert(int *is_new, qw_db_t *db,
                                 const qw_reminder_t *r, apr_pool_t *pool)
{
    return qw_db_run(is_new, db, AT_qw_reminder_insert,
                     QW_ARGS(r->id, r->authority, r->external_id, r->clock,
                             r->subject, &r->ends, &r->ahead, r->mail,
                             r->person_id, r->language, &r->created, &r->due),
                     pool);
}

qw_problem_t *qw_reminder_due(apr_array_header_t **list, qw_db_t *db,
                              const char *authority, apr_time_t now, int limit,
                              apr_pool_t *pool)
{
    apr_int64_t most = limit;

    return qw_db_list(list, db, AT_qw_reminder_due,
                      QW_ARGS(authority, &now, &now, &most), row_reminder,
                      pool);
}

qw_problem_t *qw_reminder_claim(int *mine, qw_db_t *db, const qw_reminder_t *r,
                                apr_time_t now, apr_time_t until,
                                const char *owner, apr_pool_t *pool)
{
    return qw_db_run(mine, db, AT_qw_reminder_claim,
                     QW_ARGS(owner, &until, r->id, &now, &now), pool);
}

qw_problem_t *qw_reminder_end(qw_db_t *db, const qw_reminder_t *r,
                              const char *owner, const char *status,
                              apr_time_t at, const char *why, apr_pool_t *pool)
{
    return qw_db_change(db, AT_qw_reminder_end,
                        QW_ARGS(status, &at, why, r->id, owner), pool);
}

qw_problem_t *qw_reminder_later(qw_db_t *db, const qw_reminder_t *r,
                                const char *owner, apr_time_t due,
                                const char *why, apr_pool_t *pool)
{
    return qw_db_change(db, AT_qw_reminder_later,
                        QW_ARGS(&due, why, r->id, owner), pool);
}

qw_problem_t *qw_reminder_list(apr_array_header_t **list, qw_db_t *db,
                               const char *authority, int limit,
                               apr_pool_t *pool)
{
    apr_int64_t most = limit;

    return qw_db_list(list, db, AT_qw_reminder_list, QW_ARGS(authority, &most),
                      row_reminder, pool);
}

static void *row_reader(qw_row_t *row)
{
    qw_reader_t *r = apr_pcalloc(row->pool, sizeof(*r));

    r->person_id = qw_row_text(row);
    r->mail = qw_row_text(row);
    r->language = qw_row_text(row);
    return r;
}

qw_problem_t *qw_reminder_operators(apr_array_header_t **list, qw_db_t *db,
                                    const char *external_id, apr_pool_t *pool)
{
    return qw_db_list(list, db, AT_qw_reminder_operators, QW_ARGS(external_id),
                      row_reader, pool);
}

qw_problem_t *qw_reminder_officers(apr_array_header_t **list, qw_db_t *db,
                                   const char *authority, apr_pool_t *pool)
{
    return qw_db_list(list, db, AT_qw_reminder_officers, QW_ARGS(authority),
                      row_reader, pool);
}

/* ---- what runs out ------------------------------------------------------------ */

qw_problem_t *qw_external_ending(apr_array_header_t **list, qw_db_t *db,
                                 const qw_ending_query_t *q, apr_pool_t *pool)
{
    return qw_db_list(list, db, AT_qw_external_ending,
                      QW_ARGS(q->authority, &q->now, &q->horizon, &q->verified,
                              q->terms != NULL ? q->terms : ""),
                      qw_row_external, pool);
}

static void *row_soonest(qw_row_t *row)
{
    qw_soonest_t *s = apr_pcalloc(row->pool, sizeof(*s));

    s->expires = qw_row_int(row);
    s->verified = qw_row_int(row);
    s->binding = qw_row_int(row);
    return s;
}

qw_problem_t *qw_soonest_get(qw_soonest_t *soonest, qw_db_t *db,
                             const qw_ending_query_t *q, apr_pool_t *pool)
{
    void *found;

    QW_TRY(qw_db_get(&found, db, AT_qw_soonest_get,
                     QW_ARGS(q->authority, &q->now, q->authority, &q->verified,
                             q->authority, &q->now),
                     row_soonest, pool));
    *soonest = *(qw_soonest_t *)found;
    return NULL;
}
