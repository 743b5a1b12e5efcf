#include "work/watch.h"

#include "base/log.h"
#include "base/text.h"
#include "ca/cases.h"

#include <apr_strings.h>

/* [REV-22] Of a clock of 24 hours: at 12, at 20, and when it has run out. */
static const struct {
    int hours_left, level;
    const char *what;
} levels[] = {
    { 12, QW_LOG_WARNING, "is due" },
    { 4, QW_LOG_ERR, "is due soon" },
    { 0, QW_LOG_ERR, "is OVERDUE" },
};

enum { LEVELS = sizeof(levels) / sizeof(levels[0]), BATCHES = 25 };

typedef struct {
    const qw_authority_t *authority;
    apr_time_t now;
    apr_array_header_t *late; /* of qw_case_t * that nobody warned of so late */
} watch_t;

/* 1 and more from 12 hours before it is due, 0 earlier. */
static int level_of(const qw_case_t *c, apr_time_t now)
{
    int level = 0;

    while (level < LEVELS
           && c->due - now
                  <= apr_time_from_sec(levels[level].hours_left * 3600))
        level++;
    return level;
}

static qw_problem_t *look(qw_db_t *db, void *baton, apr_pool_t *pool)
{
    watch_t *w = baton;
    apr_array_header_t *due;

    QW_TRY(qw_case_list_due(
        &due, db, w->authority->name,
        w->now + apr_time_from_sec(levels[0].hours_left * 3600), pool));
    w->late = apr_array_make(pool, 2, sizeof(qw_case_t *));
    for (int i = 0; i < due->nelts; i++) {
        qw_case_t *c = APR_ARRAY_IDX(due, i, qw_case_t *);

        if (level_of(c, w->now) > c->warned)
            APR_ARRAY_PUSH(w->late, qw_case_t *) = c;
    }
    return NULL;
}

/* What another node warns of leaves the list. */
static qw_problem_t *claim(qw_db_t *db, void *baton, apr_pool_t *pool)
{
    watch_t *w = baton;
    apr_array_header_t *mine =
        apr_array_make(pool, w->late->nelts, sizeof(qw_case_t *));

    for (int i = 0; i < w->late->nelts; i++) {
        qw_case_t *c = APR_ARRAY_IDX(w->late, i, qw_case_t *);
        int is_mine;

        QW_TRY(qw_case_warn(&is_mine, db, c->id, level_of(c, w->now), pool));
        if (is_mine)
            APR_ARRAY_PUSH(mine, qw_case_t *) = c;
    }
    w->late = mine;
    return NULL;
}

static void warn(const watch_t *w, apr_pool_t *pool)
{
    for (int i = 0; i < w->late->nelts; i++) {
        const qw_case_t *c = APR_ARRAY_IDX(w->late, i, qw_case_t *);
        int level = level_of(c, w->now) - 1;

        qw_log(levels[level].level, 0, pool,
               "QW0420: case %s of authority %s (%s, %s) %s: %s; see qwacmectl "
               "case show %s",
               c->id, w->authority->name, c->kind,
               qw_text_safe(c->subject, 64, pool), levels[level].what,
               qw_text_time(c->due, pool), c->id);
    }
}

static qw_problem_t *warn_of_late(const qw_authority_t *authority,
                                  qw_store_t *store, apr_pool_t *pool)
{
    watch_t w = { authority, qw_authority_now(authority), NULL };

    QW_TRY(qw_store_read(store, look, &w, pool));
    if (w.late->nelts == 0)
        return NULL;
    QW_TRY(qw_store_write(store, claim, &w, pool));
    warn(&w, pool);
    return NULL;
}

/* Not all at once if they are many: other chores wait meanwhile. */
static qw_problem_t *work_scheduled(const qw_conf_t *conf, qw_store_t *store,
                                    const qw_authority_t *authority,
                                    apr_pool_t *pool)
{
    int all = 0, n, i = 0;

    do {
        QW_TRY(qw_cases_scheduled(&n, conf, store, authority, pool));
        all += n;
    } while (n > 0 && ++i < BATCHES);
    if (all > 0)
        qw_log(QW_LOG_NOTICE, 0, pool,
               "QW0421: authority %s: %d revocations whose time had come were "
               "worked",
               authority->name, all);
    return NULL;
}

typedef struct {
    const qw_authority_t *authority;
    apr_int64_t n;
} overdue_t;

static qw_problem_t *count_overdue(qw_db_t *db, void *baton, apr_pool_t *pool)
{
    overdue_t *o = baton;
    const qw_registry_t r = { db, o->authority, "worker", pool };

    return qw_approval_count_overdue(&o->n, &r);
}

static qw_problem_t *write_overdue(qw_db_t *db, void *baton, apr_pool_t *pool)
{
    const overdue_t *o = baton;
    const qw_registry_t r = { db, o->authority, "worker", pool };

    return qw_approval_end_overdue(&r);
}

/* Requests for approval that nobody decided in time, and approvals that nobody
 * made use of. There are hardly ever any: no writing to find that out. */
static qw_problem_t *end_overdue(const qw_authority_t *authority,
                                 qw_store_t *store, apr_pool_t *pool)
{
    overdue_t o = { authority, 0 };

    QW_TRY(qw_store_read(store, count_overdue, &o, pool));
    return o.n > 0 ? qw_store_write(store, write_overdue, &o, pool) : NULL;
}

qw_problem_t *qw_watch_cases(const qw_conf_t *conf, qw_store_t *store,
                             apr_pool_t *pool)
{
    for (int i = 0; i < conf->authorities->nelts; i++) {
        const qw_authority_t *a =
            APR_ARRAY_IDX(conf->authorities, i, qw_authority_t *);

        QW_TRY(end_overdue(a, store, pool));
        QW_TRY(warn_of_late(a, store, pool));
        QW_TRY(work_scheduled(conf, store, a, pool));
    }
    return NULL;
}
