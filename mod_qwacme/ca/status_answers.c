#include "ca/status_part.h"

#include "base/file.h"
#include "base/log.h"
#include "base/world.h"
#include "ca/status_path.h"
#include "model/ledger.h"

#include <apr_file_io.h>
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

/* One that was lost is told about, and no more. */
static qw_problem_t *write_answer(const qw_answers_t *a, const qw_serial_t *s,
                                  apr_pool_t *pool)
{
    qw_problem_t *prob =
        s->issued || s->revoked_at != 0 ? qw_answers_write(a, s, pool) : NULL;

    if (prob == NULL || prob->code != QW_E_CONFLICT)
        return prob;
    qw_log_problem("QW0533", prob, pool);
    return NULL;
}

/* LIST keeps those that are done: one that cannot be written keeps no other from
 * being told. The problem is that of the first. */
static qw_problem_t *write_answers(qw_part_t *p, apr_array_header_t *list,
                                   apr_pool_t *pool)
{
    const qw_serial_t **serials = (const qw_serial_t **)list->elts;
    qw_answers_t a = qw_part_answers(p);
    qw_problem_t *first = NULL;
    int done = 0;

    for (int i = 0; i < list->nelts; i++) {
        qw_problem_t *prob = write_answer(&a, serials[i], pool);

        if (prob == NULL)
            serials[done++] = serials[i];
        else if (first == NULL)
            first = prob;
    }
    list->nelts = done;
    return first;
}

/* ---- notices: what was revoked ---- */

static qw_problem_t *list_notices(qw_db_t *db, void *baton, apr_pool_t *pool)
{
    look_t *l = baton;

    return qw_notice_list(&l->list, db, l->part->ca->node, qw_part_id(l->part),
                          l->part->noticed, NOTICES, pool);
}

/* Behind LIST, or from the first again: a page of answers that cannot be written
 * keeps none behind it waiting. */
static void move_notices(int *more, qw_part_t *p,
                         const apr_array_header_t *list)
{
    *more |= list->nelts == NOTICES;
    apr_cpystrn(
        p->noticed,
        list->nelts == NOTICES
            ? APR_ARRAY_IDX(list, NOTICES - 1, const qw_serial_t *)->number
            : "",
        QW_PART_AFTER);
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
    qw_problem_t *prob;

    QW_TRY(qw_store_read(store, list_notices, &l, pool));
    move_notices(more, p, l.list);
    prob = write_answers(p, l.list, pool);
    if (l.list->nelts > 0)
        QW_TRY(qw_store_write(store, mark_notices, &l, pool));
    return prob;
}

/* ---- what was issued lately ---- */

static qw_problem_t *list_recent(qw_db_t *db, void *baton, apr_pool_t *pool)
{
    look_t *l = baton;

    return qw_serial_recent(&l->list, db, qw_part_id(l->part), l->part->recent,
                            RECENT, pool);
}

/* Behind LIST, or where the next look begins. */
static void move_recent(int *more, qw_part_t *p, const apr_array_header_t *list,
                        apr_time_t now)
{
    if (list->nelts == RECENT) {
        *more = 1;
        p->recent =
            APR_ARRAY_IDX(list, RECENT - 1, const qw_serial_t *)->signed_at - 1;
    }
    else if (p->recent < now - OVERLAP)
        p->recent = now - OVERLAP;
}

/* What cannot be written is left to the sweep. */
qw_problem_t *qw_part_recent(int *more, qw_part_t *p, apr_pool_t *pool)
{
    look_t l = { .part = p };
    apr_time_t now = qw_part_now(p);

    if (p->recent == 0 || p->recent > now)
        p->recent = now - OVERLAP;
    QW_TRY(qw_store_read(p->ca->store, list_recent, &l, pool));
    move_recent(more, p, l.list, now);
    return write_answers(p, l.list, pool);
}

/* ---- the sweep over all serials ---- */

static qw_problem_t *list_page(qw_db_t *db, void *baton, apr_pool_t *pool)
{
    look_t *l = baton;

    return qw_serial_page(&l->list, db, qw_part_id(l->part),
                          kinds[l->part->kind], l->part->after, SWEEP, pool);
}

static void start_sweep(qw_part_t *p)
{
    p->sweep_due = qw_world()->now() + SWEEP_EVERY;
    p->kind = 0;
    p->missed = 0;
    p->meeting = 0;
    *p->after = '\0';
}

/* Behind LIST: to the next page, the next kind, or the end. */
static void move_sweep(qw_part_t *p, const apr_array_header_t *list)
{
    if (list->nelts == SWEEP) {
        apr_cpystrn(p->after,
                    APR_ARRAY_IDX(list, SWEEP - 1, const qw_serial_t *)->number,
                    QW_PART_AFTER);
        return;
    }
    p->kind = p->kind + 1 < KINDS ? p->kind + 1 : -1;
    *p->after = '\0';
}

/* For those who watch: httpd's processes know nothing of this one. */
static qw_problem_t *tell_oldest(qw_part_t *p, apr_pool_t *pool)
{
    const char *path =
        qw_status_oldest_path(p->ca->conf, p->issuing->issuer, pool);
    const qw_file_how_t how = { 0644, 0, p->meeting };
    const qw_bytes_t nothing = { (const unsigned char *)"", 0 };

    p->oldest = p->meeting;
    if (p->oldest != 0 && !p->ended)
        return qw_file_replace(path, &nothing, &how, pool);
    (void)apr_file_remove(path, pool);
    return NULL;
}

/* What cannot be written is left to the next. */
qw_problem_t *qw_part_sweep(int *more, qw_part_t *p, apr_pool_t *pool)
{
    look_t l = { .part = p };
    qw_problem_t *prob, *told;

    if (qw_is_due(p->sweep_due, SWEEP_EVERY))
        start_sweep(p);
    if (p->kind < 0)
        return NULL;
    QW_TRY(qw_store_read(p->ca->store, list_page, &l, pool));
    move_sweep(p, l.list);
    prob = write_answers(p, l.list, pool);
    p->missed |= prob != NULL;
    p->finished = p->ended && p->kind < 0 && !p->missed;
    *more |= p->kind >= 0;
    told = p->kind < 0 ? tell_oldest(p, pool) : NULL;
    return prob != NULL ? prob : told;
}
