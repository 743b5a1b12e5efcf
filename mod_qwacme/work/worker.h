/* worker.h -- slow things, done by a few threads of each child from jobs in the
 * database. A job of a killed child is taken over when its lease ends. */
#ifndef QW_WORK_WORKER_H
#define QW_WORK_WORKER_H

#include "conf/conf.h"
#include "work/publish.h"

typedef struct qw_worker_t qw_worker_t;

/* Something else that each child does every so often. */
typedef struct {
    qw_problem_t *(*run)(void *baton, apr_pool_t *pool);
    void *baton;
    apr_interval_time_t every;
    int is_slow; /* it may take seconds: by a thread that the others, which must
                    be in time, do not wait for */
} qw_chore_t;

/* Start the threads: one for jobs, and more, up to conf->validation_threads and
 * what the limit of open files is enough for, as long as all are busy; two for
 * CHORES (an array of qw_chore_t) and housekeeping. Child init only, after
 * qw_check_init(). CONF and PUBLISHER, whose store is used, outlive it. NODE: id
 * of this node, for leases. */
qw_problem_t *qw_worker_start(qw_worker_t **worker, const qw_conf_t *conf,
                              const qw_publisher_t *publisher, const char *node,
                              const apr_array_header_t *chores,
                              apr_pool_t *pool) QW_MUST_CHECK;

/* There is a new job: look now. Threads: any; takes one mutex. BATON is the
 * qw_worker_t. */
void qw_worker_wake(void *baton);

/* Take no new job and wait until the running ones have ended (they end within
 * their deadline). */
void qw_worker_stop(qw_worker_t *worker);

#endif
