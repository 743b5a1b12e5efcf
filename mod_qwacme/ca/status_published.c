#include "ca/status_part.h"

#include "base/log.h"
#include "base/world.h"

enum { DONE_MOST = 500 };

#define WARN_EVERY   (apr_time_from_sec(3600))
#define REVIEW_EVERY (apr_time_from_sec(30))
#define HOURS(n)     (apr_time_from_sec((apr_time_t)(n)*3600))

typedef struct {
    qw_part_t *part;
    apr_array_header_t *list;
    qw_crl_t crl;
} look_t;

static qw_problem_t *list_ready(qw_db_t *db, void *baton, apr_pool_t *pool)
{
    look_t *l = baton;

    return qw_notice_ready(&l->list, db, l->part->ca->node, &l->crl, DONE_MOST,
                           pool);
}

static qw_problem_t *close_ready(qw_db_t *db, void *baton, apr_pool_t *pool)
{
    look_t *l = baton;
    apr_time_t alive = qw_world()->now() - QW_NODE_ALIVE;

    for (int i = 0; i < l->list->nelts; i++) {
        const char *serial =
            APR_ARRAY_IDX(l->list, i, const qw_serial_t *)->number;

        QW_TRY(qw_notice_done(db, l->part->ca->node, qw_part_id(l->part),
                              serial, pool));
        QW_TRY(qw_revocation_publish(db, qw_part_id(l->part), serial,
                                     qw_part_now(l->part), alive, pool));
    }
    return NULL;
}

/* ---- and what waited for a node that is not seen any more ---- */

static qw_problem_t *list_shown(qw_db_t *db, void *baton, apr_pool_t *pool)
{
    look_t *l = baton;

    return qw_revocation_shown(&l->list, db, qw_part_id(l->part),
                               qw_world()->now() - QW_NODE_ALIVE, DONE_MOST,
                               pool);
}

static qw_problem_t *publish_shown(qw_db_t *db, void *baton, apr_pool_t *pool)
{
    look_t *l = baton;
    apr_time_t alive = qw_world()->now() - QW_NODE_ALIVE;

    for (int i = 0; i < l->list->nelts; i++)
        QW_TRY(qw_revocation_publish(
            db, qw_part_id(l->part),
            APR_ARRAY_IDX(l->list, i, const qw_serial_t *)->number,
            qw_part_now(l->part), alive, pool));
    return NULL;
}

static qw_problem_t *review(int *more, qw_part_t *p, apr_pool_t *pool)
{
    look_t l = { .part = p };

    if (!qw_is_due(p->review_due, REVIEW_EVERY))
        return NULL;
    QW_TRY(qw_store_read(p->ca->store, list_shown, &l, pool));
    if (l.list->nelts > 0)
        QW_TRY(qw_store_write(p->ca->store, publish_shown, &l, pool));
    *more |= l.list->nelts == DONE_MOST;
    if (l.list->nelts < DONE_MOST)
        p->review_due = qw_world()->now() + REVIEW_EVERY;
    return NULL;
}

qw_problem_t *qw_part_published(int *more, qw_part_t *p, apr_pool_t *pool)
{
    qw_store_t *store = p->ca->store;
    apr_hash_index_t *hi;

    for (hi = apr_hash_first(pool, p->shown); hi != NULL;
         hi = apr_hash_next(hi)) {
        look_t l = { .part = p };

        l.crl.issuer = qw_part_id(p);
        l.crl.period = apr_hash_this_key(hi);
        l.crl.listed = *(apr_int64_t *)apr_hash_this_val(hi);
        QW_TRY(qw_store_read(store, list_ready, &l, pool));
        if (l.list->nelts == 0)
            continue;
        QW_TRY(qw_store_write(store, close_ready, &l, pool));
        *more |= l.list->nelts == DONE_MOST;
    }
    return review(more, p, pool);
}

/* ---- the 24 hours of eIDAS 24(3) ---- */

typedef struct {
    qw_part_t *part;
    qw_waiting_t *waiting;
} clock_t24;

static qw_problem_t *look_unpublished(qw_db_t *db, void *baton,
                                      apr_pool_t *pool)
{
    clock_t24 *c = baton;

    return qw_revocation_unpublished(&c->waiting, db, qw_part_id(c->part),
                                     pool);
}

qw_problem_t *qw_part_clock(int *more, qw_part_t *p, apr_pool_t *pool)
{
    clock_t24 c = { .part = p };
    apr_interval_time_t age;

    (void)more; /* it only looks */
    QW_TRY(qw_store_read(p->ca->store, look_unpublished, &c, pool));
    if (c.waiting->n == 0)
        p->warn_due = 0;
    age = c.waiting->n > 0 ? qw_part_now(p) - c.waiting->oldest : 0;
    if (age < HOURS(12) || !qw_is_due(p->warn_due, WARN_EVERY))
        return NULL;
    p->warn_due = qw_world()->now() + WARN_EVERY;
    qw_log(age < HOURS(20) ? QW_LOG_WARNING : QW_LOG_ERR, 0, pool,
           "QW0534: issuer %s: %" APR_INT64_T_FMT " revocations are not "
           "published, the oldest for %d hours of the 24 that the law allows; "
           "see 'qwacmectl status show'",
           p->issuing->issuer->id, c.waiting->n,
           (int)(apr_time_sec(age) / 3600));
    return NULL;
}
