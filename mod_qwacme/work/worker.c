#include "work/worker.h"

#include "base/log.h"
#include "base/world.h"
#include "check/diagnose.h"
#include "store/db_job.h"
#include "work/clean.h"
#include "work/diagnose_job.h"
#include "work/validate.h"

#include <apr_strings.h>
#include <pthread.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

enum { CLAIM = 1, PAUSE_MS = 250, STACK_BYTES = 512 * 1024 };

/* Hands that found nothing so often go, if so many others are idle. */
enum { IDLE_ROUNDS = 30, IDLE_MOST = 4 };

/* Descriptors of one hand: a resolver and its lookups, and two connections to
 * each of six perspectives, which stay open. */
enum { FILES_EACH = 32 };

/* Without a wake, for jobs of other children that died. */
#define LOOK_EVERY (apr_time_from_sec(1))
/* A lease outlives the attempt it is for. */
#define LEASE_SPARE (apr_time_from_sec(10))

struct qw_worker_t {
    const qw_conf_t *conf;
    qw_store_t *store;
    const qw_publisher_t *publisher;
    const char *node;
    const apr_array_header_t *chores;
    pthread_mutex_t mutex;
    pthread_cond_t wake;
    pthread_cond_t stop; /* for the chores' thread alone */
    pthread_cond_t gone; /* a thread ended */
    int pending;         /* wakes that nobody has taken up */
    int hands;           /* threads that validate, or could */
    int hands_most;
    int idle;    /* of those, the ones that do nothing */
    int threads; /* all */
    int numbers; /* given to hands so far */
    int stopping;
};

static apr_interval_time_t lease_span(const qw_conf_t *conf, const char *kind)
{
    int diagnosing = strcmp(kind, QW_JOB_DIAGNOSE) == 0;
    apr_interval_time_t most = 0;
    int i;

    for (i = 0; i < conf->authorities->nelts; i++) {
        const qw_authority_t *a =
            APR_ARRAY_IDX(conf->authorities, i, qw_authority_t *);

        apr_interval_time_t whole = a->validation_timeout;

        if (a->perspectives->nelts > 0)
            whole += a->perspective_timeout;
        if (diagnosing)
            whole = qw_diagnose_span(a);
        if (whole > most)
            most = whole;
        if (!diagnosing && a->ct_timeout + conf->signer_wait > most)
            most = a->ct_timeout + conf->signer_wait;
    }
    return most + LEASE_SPARE;
}

/* What clients wait for comes first. */
static const char *const kinds[] = { QW_JOB_VALIDATE, QW_JOB_PUBLISH,
                                     QW_JOB_DIAGNOSE };
enum { KINDS = sizeof(kinds) / sizeof(kinds[0]) };

typedef struct {
    const char *kind; /* one that has something due, or NULL */
    qw_job_t lease;
    apr_time_t now;
    apr_array_header_t *jobs;
} claim_t;

static qw_problem_t *claim(qw_db_t *db, void *baton, apr_pool_t *pool)
{
    claim_t *c = baton;

    return qw_job_claim(&c->jobs, db, c->kind, &c->lease, c->now, CLAIM, pool);
}

static qw_problem_t *look_due(qw_db_t *db, void *baton, apr_pool_t *pool)
{
    claim_t *c = baton;

    for (int i = 0; i < KINDS && c->kind == NULL; i++) {
        apr_time_t due;

        QW_TRY(qw_job_next(&due, db, kinds[i], pool));
        if (due != 0 && due <= c->now)
            c->kind = kinds[i];
    }
    return NULL;
}

/* Reading costs nothing, claiming a durable commit: look first. */
static int is_due(qw_worker_t *w, claim_t *c, apr_pool_t *pool)
{
    qw_problem_t *prob = qw_store_read(w->store, look_due, c, pool);

    if (prob != NULL)
        qw_log_problem("QW0210", prob, pool);
    return prob == NULL && c->kind != NULL;
}

static qw_problem_t *add_hand(qw_worker_t *w, apr_pool_t *pool);

/* Whoever takes up work leaves somebody behind to look for more. */
static void set_busy(qw_worker_t *w, apr_pool_t *pool)
{
    qw_problem_t *prob = NULL;

    pthread_mutex_lock(&w->mutex);
    w->idle--;
    if (w->idle == 0 && w->hands < w->hands_most && !w->stopping)
        prob = add_hand(w, pool);
    pthread_mutex_unlock(&w->mutex);
    if (prob != NULL)
        qw_log_problem("QW0217", prob, pool);
}

static void set_idle(qw_worker_t *w)
{
    pthread_mutex_lock(&w->mutex);
    w->idle++;
    pthread_mutex_unlock(&w->mutex);
}

static void do_job(const qw_worker_t *w, const qw_job_t *job)
{
    if (strcmp(job->kind, QW_JOB_PUBLISH) == 0)
        qw_publish(w->publisher, job);
    else if (strcmp(job->kind, QW_JOB_DIAGNOSE) == 0)
        qw_diagnose_job(w->conf, w->store, job);
    else
        qw_validate(w->conf, w->store, job);
}

static void do_all(qw_worker_t *w, const apr_array_header_t *jobs,
                   apr_pool_t *pool)
{
    if (jobs->nelts == 0)
        return;
    set_busy(w, pool);
    for (int i = 0; i < jobs->nelts; i++)
        do_job(w, APR_ARRAY_IDX(jobs, i, qw_job_t *));
    set_idle(w);
}

/* 1 if there was something to do. */
static int work_once(qw_worker_t *w, int number, apr_pool_t *pool)
{
    claim_t c = { 0 };
    qw_problem_t *prob;

    c.now = qw_world()->now();
    if (!is_due(w, &c, pool))
        return 0;
    c.lease.owner =
        apr_psprintf(pool, "%s/%ld/%d", w->node, (long)getpid(), number);
    c.lease.lease_until = c.now + lease_span(w->conf, c.kind);
    prob = qw_store_write(w->store, claim, &c, pool);
    if (prob != NULL) {
        qw_log_problem("QW0211", prob, pool);
        return 0;
    }
    do_all(w, c.jobs, pool);
    return c.jobs->nelts > 0;
}

/* By the clock that nobody sets: APR waits by the other, and would wait for as long
 * as that was set back. The mutex is held. */
static void wait_for(pthread_cond_t *what, qw_worker_t *w,
                     apr_interval_time_t most)
{
    struct timespec end;

    clock_gettime(CLOCK_MONOTONIC, &end);
    most += end.tv_nsec / 1000;
    end.tv_sec += (time_t)apr_time_sec(most);
    end.tv_nsec = (long)apr_time_usec(most) * 1000;
    pthread_cond_clockwait(what, &w->mutex, CLOCK_MONOTONIC, &end);
}

/* Wait for a wake or the next look, at most ROUNDS looks in a row. 0: time to
 * go, because all shall or because others are idle too. */
static int rest(qw_worker_t *w, int rounds)
{
    int go_on;

    pthread_mutex_lock(&w->mutex);
    if (!w->stopping && w->pending == 0)
        wait_for(&w->wake, w, LOOK_EVERY);
    go_on = !w->stopping && (rounds < IDLE_ROUNDS || w->idle <= IDLE_MOST);
    if (go_on && w->pending > 0)
        w->pending--;
    pthread_mutex_unlock(&w->mutex);
    return go_on;
}

static int is_stopping(qw_worker_t *w)
{
    int stopping;

    pthread_mutex_lock(&w->mutex);
    stopping = w->stopping;
    pthread_mutex_unlock(&w->mutex);
    return stopping;
}

static void leave(qw_worker_t *w, int hands)
{
    pthread_mutex_lock(&w->mutex);
    w->hands -= hands;
    w->idle -= hands;
    w->threads--;
    pthread_cond_signal(&w->gone);
    pthread_mutex_unlock(&w->mutex);
}

static int take_number(qw_worker_t *w)
{
    int number;

    pthread_mutex_lock(&w->mutex);
    number = ++w->numbers;
    pthread_mutex_unlock(&w->mutex);
    return number;
}

/* It looks before it rests: what it was made for may be due already. */
static void *hands(void *baton)
{
    qw_worker_t *w = baton;
    int number = take_number(w), rounds = 0;
    apr_pool_t *pool;

    apr_pool_create(&pool, NULL); /* a tree of its own: pools are not shared */
    do {
        apr_pool_clear(pool);
        rounds++;
        while (!is_stopping(w) && work_once(w, number, pool)) {
            apr_pool_clear(pool);
            rounds = 0;
        }
    } while (rest(w, rounds));
    apr_pool_destroy(pool);
    leave(w, 1);
    return NULL;
}

static void do_chores(qw_worker_t *w, apr_time_t *due, int slow,
                      apr_pool_t *pool)
{
    for (int i = 0; i < w->chores->nelts; i++) {
        const qw_chore_t *chore = &APR_ARRAY_IDX(w->chores, i, qw_chore_t);
        qw_problem_t *prob;

        if (chore->is_slow != slow || !qw_is_due(due[i], chore->every))
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

static void have_a_pause(qw_worker_t *w)
{
    pthread_mutex_lock(&w->mutex);
    if (!w->stopping)
        wait_for(&w->stop, w, apr_time_from_msec(PAUSE_MS));
    pthread_mutex_unlock(&w->mutex);
}

/* DUE has a place for each chore and, at its end, for housekeeping. */
static void do_round(qw_worker_t *w, apr_time_t *due, int slow,
                     apr_pool_t *pool)
{
    apr_time_t *tidy_due = &due[w->chores->nelts];

    do_chores(w, due, slow, pool);
    if (slow || !qw_is_due(*tidy_due, QW_CLEAN_EVERY))
        return;
    tidy(w, pool);
    *tidy_due = qw_world()->now() + QW_CLEAN_EVERY;
}

static void go_round(qw_worker_t *w, int slow)
{
    apr_pool_t *pool, *round;
    apr_time_t *due;

    apr_pool_create(&pool, NULL);
    apr_pool_create(&round, pool);
    due = apr_pcalloc(pool, sizeof(*due) * (apr_size_t)(w->chores->nelts + 1));
    while (!is_stopping(w)) {
        apr_pool_clear(round);
        do_round(w, due, slow, round);
        have_a_pause(w);
    }
    apr_pool_destroy(pool);
    leave(w, 0);
}

static void *chores(void *baton)
{
    go_round(baton, 0);
    return NULL;
}

static void *slow_chores(void *baton)
{
    go_round(baton, 1);
    return NULL;
}

/* A validation waits for most of its life: its stack can be small. */
static qw_problem_t *start_thread(qw_worker_t *w, void *(*fn)(void *baton),
                                  apr_pool_t *pool)
{
    pthread_attr_t how;
    pthread_t thread;
    int rc = pthread_attr_init(&how);

    if (rc == 0) {
        pthread_attr_setdetachstate(&how, PTHREAD_CREATE_DETACHED);
        pthread_attr_setstacksize(&how, STACK_BYTES);
        rc = pthread_create(&thread, &how, fn, w);
        pthread_attr_destroy(&how);
    }
    if (rc != 0)
        return QW_FAIL(pool, SERVER_INTERNAL,
                       "worker: a thread cannot be started");
    w->threads++;
    return NULL;
}

/* The mutex is held, or nobody else is there yet. */
static qw_problem_t *add_hand(qw_worker_t *w, apr_pool_t *pool)
{
    QW_TRY(start_thread(w, hands, pool));
    w->hands++;
    w->idle++;
    return NULL;
}

/* Half of the descriptors stay with httpd: without any it answers nobody, and
 * targets that hang could take them all. */
static int most_hands(const qw_conf_t *conf, apr_pool_t *pool)
{
    int most = conf->validation_threads;
    struct rlimit limit;

    if (getrlimit(RLIMIT_NOFILE, &limit) != 0
        || limit.rlim_cur / 2 / FILES_EACH >= (rlim_t)most)
        return most;
    qw_log(QW_LOG_WARNING, 0, pool,
           "QW0220: QwacmeValidationThreads %d is too much for %lu open files; "
           "let httpd have %d (LimitNOFILE= of systemd, or ulimit -n)",
           most, (unsigned long)limit.rlim_cur, most * 2 * FILES_EACH);
    most = (int)(limit.rlim_cur / 2 / FILES_EACH);
    return most > 0 ? most : 1;
}

qw_problem_t *qw_worker_start(qw_worker_t **worker, const qw_conf_t *conf,
                              const qw_publisher_t *publisher, const char *node,
                              const apr_array_header_t *list, apr_pool_t *pool)
{
    qw_worker_t *w = apr_pcalloc(pool, sizeof(*w));
    qw_problem_t *prob;

    w->conf = conf;
    w->store = publisher->store;
    w->publisher = publisher;
    w->node = node;
    w->chores = list;
    w->hands_most = most_hands(conf, pool);
    if (pthread_mutex_init(&w->mutex, NULL) != 0
        || pthread_cond_init(&w->wake, NULL) != 0
        || pthread_cond_init(&w->stop, NULL) != 0
        || pthread_cond_init(&w->gone, NULL) != 0)
        return QW_FAIL(pool, SERVER_INTERNAL, "worker: no mutex");
    *worker = w;
    pthread_mutex_lock(&w->mutex);
    prob = start_thread(w, chores, pool);
    if (prob == NULL)
        prob = start_thread(w, slow_chores, pool);
    if (prob == NULL)
        prob = add_hand(w, pool);
    pthread_mutex_unlock(&w->mutex);
    return prob;
}

void qw_worker_wake(void *baton)
{
    qw_worker_t *w = baton;

    pthread_mutex_lock(&w->mutex);
    if (w->pending < w->hands_most)
        w->pending++;
    pthread_cond_signal(&w->wake);
    pthread_mutex_unlock(&w->mutex);
}

void qw_worker_stop(qw_worker_t *w)
{
    pthread_mutex_lock(&w->mutex);
    w->stopping = 1;
    pthread_cond_broadcast(&w->wake);
    pthread_cond_broadcast(&w->stop);
    while (w->threads > 0)
        pthread_cond_wait(&w->gone, &w->mutex);
    pthread_mutex_unlock(&w->mutex);
}
