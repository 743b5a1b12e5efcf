/* worker.h -- slow things, done by a few threads of each child from jobs in the
 * database. A job of a killed child is taken over when its lease ends. */
#ifndef QW_WORK_WORKER_H
#define QW_WORK_WORKER_H

#include "conf/conf.h"
#include "store/store.h"

typedef struct qw_worker_t qw_worker_t;

/* Kind of job row a challenge POST inserts; subject: the challenge. */
#define QW_JOB_VALIDATE "validate"

/* Start the threads. Child init only. STORE and CONF outlive it. NODE: id of
 * this node, for leases. */
qw_problem_t *qw_worker_start(qw_worker_t **worker, const qw_conf_t *conf,
                              qw_store_t *store, const char *node,
                              apr_pool_t *pool) QW_MUST_CHECK;

/* There is a new job: look now. Threads: any; async-safe enough for a request
 * thread (takes one mutex). BATON is the qw_worker_t. */
void qw_worker_wake(void *baton);

/* Take no new job and wait until the running ones have ended (they end within
 * their deadline). */
void qw_worker_stop(qw_worker_t *worker);

#endif
