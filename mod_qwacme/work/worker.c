#include "work/worker.h"

#include "base/log.h"
#include "base/world.h"
#include "store/db_job.h"
#include "work/clean.h"
#include "work/validate.h"

#include <apr_strings.h>
#include <apr_thread_cond.h>
#include <apr_thread_mutex.h>
#include <apr_thread_proc.h>

#include <unistd.h>

enum { CLAIM = 1, PAUSE_MS = 250 };

/* Without a wake, for jobs of other children that died. */
#define LOOK_EVERY (apr_time_from_sec(1))
/* A lease outlives the attempt it is for. */
#define LEASE_SPARE (apr_time_from_sec(10))

struct qw_worker_t {
    const qw_conf_t *conf;
    qw_store_t *store;
    const char *node;
    const apr_array_header_t *chores;
    apr_array_header_t *threads; /* of apr_thread_t * */
    apr_thread_mutex_t *mutex;
    apr_thread_cond_t *wake;
    apr_thread_cond_t *stop; /* for the chores' thread alone */
    int pending;             /* wakes that nobody has taken up */
    int stopping;
};

typedef struct {
    qw_worker_t *worker;
    int number;
} hand_t;

static apr_interval_time_t lease_span(const qw_conf_t *conf)
{
    apr_interval_time_t most = 0;
    int i;

    for (i = 0; i < conf->authorities->nelts; i++) {
        const qw_authority_t *a =
            APR_ARRAY_IDX(conf->authorities, i, qw_authority_t *);

        apr_interval_time_t whole = a->validation_timeout;

        if (a->perspectives->nelts > 0)
            whole += a->perspective_timeout;
        if (whole > most)
            most = whole;
    }
    return most + LEASE_SPARE;
}

typedef struct {
    qw_job_t lease;
    apr_time_t now;
    apr_array_header_t *jobs;
} claim_t;

static qw_problem_t *claim(qw_db_t *db, void *baton, apr_pool_t *pool)
{
    claim_t *c = baton;

    return qw_job_claim(&c->jobs, db, QW_JOB_VALIDATE, &c->lease, c->now, CLAIM,
                        pool);
}

static qw_problem_t *look_due(qw_db_t *db, void *baton, apr_pool_t *pool)
{
    return qw_job_next(baton, db, QW_JOB_VALIDATE, pool);
}

/* Reading costs nothing, claiming a durable commit: look first. */
static int is_due(qw_worker_t *w, apr_pool_t *pool)
{
    apr_time_t due = 0;
    qw_problem_t *prob = qw_store_read(w->store, look_due, &due, pool);

    if (prob != NULL)
        qw_log_problem("QW0210", prob, pool);
    return prob == NULL && due != 0 && due <= qw_world()->now();
}

/* 1 if there was something to do. */
static int work_once(const hand_t *hand, apr_pool_t *pool)
{
    qw_worker_t *w = hand->worker;
    claim_t c = { 0 };
    qw_problem_t *prob;
    int i;

    if (!is_due(w, pool))
        return 0;
    c.now = qw_world()->now();
    c.lease.owner =
        apr_psprintf(pool, "%s/%ld/%d", w->node, (long)getpid(), hand->number);
    c.lease.lease_until = c.now + lease_span(w->conf);
    prob = qw_store_write(w->store, claim, &c, pool);
    if (prob != NULL) {
        qw_log_problem("QW0211", prob, pool);
        return 0;
    }
    for (i = 0; i < c.jobs->nelts; i++)
        qw_validate(w->conf, w->store, APR_ARRAY_IDX(c.jobs, i, qw_job_t *));
    return c.jobs->nelts > 0;
}

/* Wait for a wake or the next look. 0: time to go. */
static int rest(qw_worker_t *w)
{
    int go_on;

    apr_thread_mutex_lock(w->mutex);
    if (!w->stopping && w->pending == 0)
        apr_thread_cond_timedwait(w->wake, w->mutex, LOOK_EVERY);
    if (w->pending > 0)
        w->pending--;
    go_on = !w->stopping;
    apr_thread_mutex_unlock(w->mutex);
    return go_on;
}

static int is_stopping(qw_worker_t *w)
{
    int stopping;

    apr_thread_mutex_lock(w->mutex);
    stopping = w->stopping;
    apr_thread_mutex_unlock(w->mutex);
    return stopping;
}

static void *APR_THREAD_FUNC hands(apr_thread_t *thread, void *baton)
{
    const hand_t *hand = baton;
    apr_pool_t *pool;

    apr_pool_create(&pool, NULL); /* a tree of its own: pools are not shared */
    while (rest(hand->worker))
        do
            apr_pool_clear(pool);
        while (work_once(hand, pool) && !is_stopping(hand->worker));
    apr_pool_destroy(pool);
    return NULL;
}

static void do_chores(qw_worker_t *w, apr_time_t *due, apr_pool_t *pool)
{
    apr_time_t now = qw_world()->now();
    int i;

    for (i = 0; i < w->chores->nelts; i++) {
        const qw_chore_t *chore = &APR_ARRAY_IDX(w->chores, i, qw_chore_t);
        qw_problem_t *prob;

        if (now < due[i])
            continue;
        prob = chore->run(chore->baton, pool);
        if (prob != NULL)
            qw_log_problem("QW0212", prob, pool);
        due[i] = qw_world()->now() + chore->every;
    }
}

static void tidy(qw_worker_t *w, apr_pool_t *pool)
{
    qw_problem_t *prob = qw_clean(w->conf, w->store, pool);

    if (prob != NULL)
        qw_log_problem("QW0213", prob, pool);
}

static void *APR_THREAD_FUNC chores(apr_thread_t *thread, void *baton)
{
    qw_worker_t *w = ((hand_t *)baton)->worker;
    apr_pool_t *pool, *round;
    apr_time_t *due;

    apr_pool_create(&pool, NULL);
    apr_pool_create(&round, pool);
    due = apr_pcalloc(pool, sizeof(*due) * (apr_size_t)(w->chores->nelts + 1));
    while (!is_stopping(w)) {
        apr_pool_clear(round);
        do_chores(w, due, round);
        if (qw_world()->now() >= due[w->chores->nelts]) {
            tidy(w, round);
            due[w->chores->nelts] = qw_world()->now() + QW_CLEAN_EVERY;
        }
        apr_thread_mutex_lock(w->mutex);
        if (!w->stopping)
            apr_thread_cond_timedwait(w->stop, w->mutex,
                                      apr_time_from_msec(PAUSE_MS));
        apr_thread_mutex_unlock(w->mutex);
    }
    apr_pool_destroy(pool);
    return NULL;
}

static qw_problem_t *start_thread(qw_worker_t *w, apr_thread_start_t fn,
                                  int number, apr_pool_t *pool)
{
    hand_t *hand = apr_palloc(pool, sizeof(*hand));
    apr_thread_t *thread;

    hand->worker = w;
    hand->number = number;
    if (apr_thread_create(&thread, NULL, fn, hand, pool) != APR_SUCCESS)
        return QW_FAIL(pool, SERVER_INTERNAL,
                       "worker: a thread cannot be started");
    APR_ARRAY_PUSH(w->threads, apr_thread_t *) = thread;
    return NULL;
}

qw_problem_t *qw_worker_start(qw_worker_t **worker, const qw_conf_t *conf,
                              qw_store_t *store, const char *node,
                              const apr_array_header_t *list, apr_pool_t *pool)
{
    qw_worker_t *w = apr_pcalloc(pool, sizeof(*w));
    int i;

    w->conf = conf;
    w->store = store;
    w->node = node;
    w->chores = list;
    w->threads = apr_array_make(pool, 8, sizeof(apr_thread_t *));
    if (apr_thread_mutex_create(&w->mutex, APR_THREAD_MUTEX_DEFAULT, pool)
            != APR_SUCCESS
        || apr_thread_cond_create(&w->wake, pool) != APR_SUCCESS
        || apr_thread_cond_create(&w->stop, pool) != APR_SUCCESS)
        return QW_FAIL(pool, SERVER_INTERNAL, "worker: no mutex");
    QW_TRY(start_thread(w, chores, 0, pool));
    for (i = 1; i <= conf->validation_threads; i++)
        QW_TRY(start_thread(w, hands, i, pool));
    *worker = w;
    return NULL;
}

void qw_worker_wake(void *baton)
{
    qw_worker_t *w = baton;

    apr_thread_mutex_lock(w->mutex);
    if (w->pending < w->conf->validation_threads)
        w->pending++;
    apr_thread_cond_signal(w->wake);
    apr_thread_mutex_unlock(w->mutex);
}

void qw_worker_stop(qw_worker_t *w)
{
    apr_status_t rv;
    int i;

    apr_thread_mutex_lock(w->mutex);
    w->stopping = 1;
    apr_thread_cond_broadcast(w->wake);
    apr_thread_cond_broadcast(w->stop);
    apr_thread_mutex_unlock(w->mutex);
    for (i = 0; i < w->threads->nelts; i++)
        apr_thread_join(&rv, APR_ARRAY_IDX(w->threads, i, apr_thread_t *));
}
