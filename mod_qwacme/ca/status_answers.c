#include "ca/status_part.h"

#include "base/log.h"
#include "base/world.h"
#include "model/ledger.h"

#include <apr_strings.h>

enum { NOTICES = 100, RECENT = 50, SWEEP = 50 };

#define SWEEP_EVERY (apr_time_from_sec(3600))
#define OVERLAP     (apr_time_from_sec(60))

static const char *const kinds[] = { QW_KIND_CERT, QW_KIND_PRECERT,
                                     QW_KIND_OCSP };
enum { KINDS = sizeof(kinds) / sizeof(kinds[0]) };

/* ---- lists of serials become files ---- */

typedef struct {
    qw_part_t *part;
    apr_array_header_t *list;
} look_t;

/* One that was lost is told about, and keeps no other from being told. */
static qw_problem_t *write_answers(const qw_part_t *p,
                                   const apr_array_header_t *list,
                                   apr_pool_t *pool)
{
    qw_answers_t a = qw_part_answers(p);

    for (int i = 0; i < list->nelts; i++) {
        const qw_serial_t *s = APR_ARRAY_IDX(list, i, const qw_serial_t *);
        qw_problem_t *prob = s->issued || s->revoked_at != 0
                                 ? qw_answers_write(&a, s, pool)
                                 : NULL;

        if (prob != NULL && prob->code != QW_E_CONFLICT)
            return prob;
        if (prob != NULL)
            qw_log_problem("QW0533", prob, pool);
    }
    return NULL;
}

/* ---- notices: what was revoked ---- */

static qw_problem_t *list_notices(qw_db_t *db, void *baton, apr_pool_t *pool)
{
    look_t *l = baton;

    return qw_notice_list(&l->list, db, l->part->ca->node, qw_part_id(l->part),
                          NOTICES, pool);
}

static qw_problem_t *mark_notices(qw_db_t *db, void *baton, apr_pool_t *pool)
{
    look_t *l = baton;

    for (int i = 0; i < l->list->nelts; i++)
        QW_TRY(
            qw_notice_answered(db, l->part->ca->node, qw_part_id(l->part),
                               APR_ARRAY_IDX(l->list, i, const qw_serial_t *),
                               pool));
    return NULL;
}

qw_problem_t *qw_part_notices(int *more, qw_part_t *p, apr_pool_t *pool)
{
    look_t l = { .part = p };
    qw_store_t *store = p->ca->store;

    QW_TRY(qw_store_read(store, list_notices, &l, pool));
    if (l.list->nelts == 0)
        return NULL;
    QW_TRY(write_answers(p, l.list, pool));
    QW_TRY(qw_store_write(store, mark_notices, &l, pool));
    *more |= l.list->nelts == NOTICES;
    return NULL;
}

/* ---- what was issued lately ---- */

static qw_problem_t *list_recent(qw_db_t *db, void *baton, apr_pool_t *pool)
{
    look_t *l = baton;

    return qw_serial_recent(&l->list, db, qw_part_id(l->part), l->part->recent,
                            RECENT, pool);
}

qw_problem_t *qw_part_recent(int *more, qw_part_t *p, apr_pool_t *pool)
{
    look_t l = { .part = p };
    apr_time_t now = qw_part_now(p);

    if (p->recent == 0 || p->recent > now)
        p->recent = now - OVERLAP;
    QW_TRY(qw_store_read(p->ca->store, list_recent, &l, pool));
    QW_TRY(write_answers(p, l.list, pool));
    if (l.list->nelts == RECENT) {
        *more = 1;
        p->recent =
            APR_ARRAY_IDX(l.list, RECENT - 1, const qw_serial_t *)->signed_at
            - 1;
    }
    else if (p->recent < now - OVERLAP)
        p->recent = now - OVERLAP;
    return NULL;
}

/* ---- the sweep over all serials ---- */

static qw_problem_t *list_page(qw_db_t *db, void *baton, apr_pool_t *pool)
{
    look_t *l = baton;

    return qw_serial_page(&l->list, db, qw_part_id(l->part),
                          kinds[l->part->kind], l->part->after, SWEEP, pool);
}

qw_problem_t *qw_part_sweep(int *more, qw_part_t *p, apr_pool_t *pool)
{
    look_t l = { .part = p };

    if (qw_world()->now() >= p->sweep_due) {
        p->sweep_due = qw_world()->now() + SWEEP_EVERY;
        p->kind = 0;
        *p->after = '\0';
    }
    if (p->kind < 0)
        return NULL;
    QW_TRY(qw_store_read(p->ca->store, list_page, &l, pool));
    QW_TRY(write_answers(p, l.list, pool));
    if (l.list->nelts == SWEEP)
        apr_cpystrn(
            p->after,
            APR_ARRAY_IDX(l.list, SWEEP - 1, const qw_serial_t *)->number,
            QW_PART_AFTER);
    else {
        p->kind = p->kind + 1 < KINDS ? p->kind + 1 : -1;
        *p->after = '\0';
    }
    p->finished = p->ended && p->kind < 0;
    *more |= p->kind >= 0;
    return NULL;
}
