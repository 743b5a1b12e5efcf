/* watch.h -- open cases: who is late, and what has come to its time.
 * Threads: one. */
#ifndef QW_WORK_WATCH_H
#define QW_WORK_WATCH_H

#include "conf/conf.h"
#include "store/store.h"

#define QW_WATCH_EVERY (apr_time_from_sec(10))

/* Warn, once on all nodes, of cases of CONF's authorities that are due in 12 h,
 * in 4 h, or overdue; and revoke what a case has set a time for that has come. */
qw_problem_t *qw_watch_cases(const qw_conf_t *conf, qw_store_t *store,
                             apr_pool_t *pool) QW_MUST_CHECK;

#endif
