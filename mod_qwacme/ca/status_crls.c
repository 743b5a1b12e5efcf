#include "ca/status_part.h"

#include "base/world.h"
#include "ca/crl_share.h"
#include "ca/status_path.h"

#include <apr_strings.h>

#include <string.h>
#include <unistd.h>

#define CRL_EVERY   (apr_time_from_sec(12 * 3600))
#define ENTRY_TIME  ((apr_interval_time_t)1000) /* 1 ms: see follows() */
#define FIRST_PAUSE (apr_time_from_sec(5))
#define LAST_PAUSE  (apr_time_from_sec(300))

typedef struct {
    qw_part_t *part;
    apr_array_header_t *crls;    /* of qw_crl_t * */
    apr_array_header_t *waiting; /* of qw_waiting_t * */
    apr_int64_t newest;          /* CRL that a revocation came to last */
    apr_time_t ended;
} crls_t;

static qw_problem_t *look_at_crls(qw_db_t *db, void *baton, apr_pool_t *pool)
{
    crls_t *c = baton;

    QW_TRY(qw_issuer_ended(&c->ended, db, qw_part_id(c->part), pool));
    QW_TRY(qw_revocation_waiting(&c->waiting, db, qw_part_id(c->part), pool));
    if (c->part->issuing->authority->crl_period != 0)
        QW_TRY(qw_revocation_newest(&c->newest, db, qw_part_id(c->part), pool));
    return qw_crl_list(&c->crls, db, qw_part_id(c->part), pool);
}

static const qw_crl_t *find_crl(const crls_t *c, const char *period)
{
    for (int i = 0; i < c->crls->nelts; i++) {
        const qw_crl_t *crl = APR_ARRAY_IDX(c->crls, i, const qw_crl_t *);

        if (strcmp(crl->period, period) == 0)
            return crl;
    }
    return NULL;
}

static int is_waited_for(const crls_t *c, const char *period, apr_time_t now)
{
    for (int i = 0; i < c->waiting->nelts; i++) {
        const qw_waiting_t *w =
            APR_ARRAY_IDX(c->waiting, i, const qw_waiting_t *);

        if (strcmp(w->crl_period, period) == 0
            && (now < w->oldest
                || now - w->oldest >= c->part->issuing->authority->crl_delay))
            return 1;
    }
    return 0;
}

static apr_int64_t shown(const qw_part_t *p, const char *period)
{
    const apr_int64_t *number =
        apr_hash_get(p->shown, period, APR_HASH_KEY_STRING);

    return number != NULL ? *number : 0;
}

static void show(qw_part_t *p, const char *period, apr_int64_t number)
{
    apr_int64_t *kept = apr_hash_get(p->shown, period, APR_HASH_KEY_STRING);

    if (kept == NULL) {
        kept = apr_palloc(p->pool, sizeof(*kept));
        apr_hash_set(p->shown, apr_pstrdup(p->pool, period),
                     APR_HASH_KEY_STRING, kept);
    }
    *kept = number;
}

static int is_due(const crls_t *c, const char *period)
{
    const qw_crl_t *crl = find_crl(c, period);
    apr_time_t now = qw_part_now(c->part);

    if (crl == NULL || crl->listed == 0)
        return 1;
    if (c->part->ended)
        return crl->next_update != QW_TIME_NEVER;
    return shown(c->part, period) < crl->listed || now < crl->this_update
           || now - crl->this_update >= CRL_EVERY
           || is_waited_for(c, period, now);
}

/* The full CRL is to have what came to the CRL of a period. It has all entries of
 * all of them: a millisecond is waited for each, so that a large one is made as
 * often as the signer can afford, and a usual one within minutes. */
static int follows(const crls_t *c)
{
    const qw_crl_t *full = find_crl(c, "");
    apr_interval_time_t age;

    if (full == NULL || c->newest <= full->newest)
        return 0;
    age = qw_part_now(c->part) - full->this_update;
    return age >= c->part->issuing->authority->crl_delay
                      + full->entries * ENTRY_TIME;
}

/* The full CRL, that of the period of now, those that were made before, and
 * those that revocations wait for: the first that is due, or NULL. */
static const char *find_due(const crls_t *c, apr_pool_t *pool)
{
    const char *now =
        qw_crl_period(c->part->issuing->authority, qw_part_now(c->part), pool);

    if (is_due(c, now))
        return now;
    if (is_due(c, ""))
        return "";
    for (int i = 0; i < c->crls->nelts; i++) {
        const char *period =
            APR_ARRAY_IDX(c->crls, i, const qw_crl_t *)->period;

        if (is_due(c, period))
            return period;
    }
    for (int i = 0; i < c->waiting->nelts; i++) {
        const char *period =
            APR_ARRAY_IDX(c->waiting, i, const qw_waiting_t *)->crl_period;

        if (is_due(c, period))
            return period;
    }
    return follows(c) ? "" : NULL;
}

/* Somebody may have removed the file. */
static int is_there(const qw_part_t *p, const char *period, apr_pool_t *pool)
{
    return access(qw_status_crl_path(p->ca->conf, p->issuing->issuer, period,
                                     pool),
                  R_OK)
           == 0;
}

/* What this node has on disk, or another has made. */
static qw_problem_t *find_shown(qw_part_t *p, const crls_t *c, apr_pool_t *pool)
{
    for (int i = 0; i < c->crls->nelts; i++) {
        const qw_crl_t *crl = APR_ARRAY_IDX(c->crls, i, const qw_crl_t *);
        int there;

        if (crl->listed == 0
            || (shown(p, crl->period) >= crl->listed
                && is_there(p, crl->period, pool)))
            continue;
        show(p, crl->period, 0);
        QW_TRY(qw_crl_share_fetch(&there, p->ca, p->issuing, crl, pool));
        if (there)
            show(p, crl->period, crl->listed);
    }
    return NULL;
}

/* By the clocks of all nodes: one of them may be ahead. */
static apr_int64_t greatest(const crls_t *c)
{
    apr_int64_t number = 0;

    for (int i = 0; i < c->crls->nelts; i++) {
        const qw_crl_t *crl = APR_ARRAY_IDX(c->crls, i, const qw_crl_t *);

        if (crl->number > number)
            number = crl->number;
    }
    return number;
}

static void stop_making(qw_part_t *p)
{
    if (p->making != NULL)
        qw_crl_make_end(p->making);
    p->making = NULL;
    apr_pool_clear(p->making_pool);
}

static qw_problem_t *start_crl(qw_part_t *p, apr_pool_t *pool)
{
    crls_t c = { .part = p };
    qw_crl_want_t want = { 0 };

    QW_TRY(qw_store_read(p->ca->store, look_at_crls, &c, pool));
    if (c.ended != 0 && !p->ended)
        p->sweep_due = 0; /* for the last answers */
    p->ended = c.ended != 0;
    QW_TRY(find_shown(p, &c, pool));
    if (!qw_is_due(p->crl_due, LAST_PAUSE))
        return NULL;
    want.period = find_due(&c, pool);
    if (want.period == NULL)
        return NULL;
    stop_making(p); /* one that did not start has left something */
    want.old = find_crl(&c, want.period);
    want.above = greatest(&c);
    want.newest = c.newest;
    want.last = p->ended;
    return qw_crl_make_start(&p->making, p->ca, p->issuing, &want,
                             p->making_pool);
}

/* Each try costs a signature: they become rare, until one is well. */
static void slow_down(qw_part_t *p, const qw_problem_t *prob)
{
    p->pause = prob == NULL ? 0 : 2 * p->pause + FIRST_PAUSE;
    if (p->pause > LAST_PAUSE)
        p->pause = LAST_PAUSE;
    p->crl_due = qw_world()->now() + p->pause;
}

static qw_problem_t *step_crl(qw_part_t *p, apr_pool_t *pool)
{
    qw_problem_t *prob;
    int done;

    prob = qw_crl_make_step(&done, p->making, pool);
    if (prob == NULL && !done)
        return NULL;
    if (prob == NULL) {
        const qw_crl_t *crl = qw_crl_make_what(p->making);

        prob = qw_crl_share_give(p->ca, p->issuing, crl, pool);
        show(p, crl->period, crl->listed);
    }
    stop_making(p);
    prob = qw_problem_unless(prob, QW_E_CONFLICT);
    slow_down(p, prob);
    return prob;
}

qw_problem_t *qw_part_crls(int *more, qw_part_t *p, apr_pool_t *pool)
{
    QW_TRY(p->making != NULL ? step_crl(p, pool) : start_crl(p, pool));
    *more |= p->making != NULL;
    return NULL;
}
