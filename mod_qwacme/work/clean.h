/* clean.h -- housekeeping: what is past its time. Threads: one. */
#ifndef QW_WORK_CLEAN_H
#define QW_WORK_CLEAN_H

#include "conf/conf.h"
#include "store/store.h"

#define QW_CLEAN_EVERY (apr_time_from_sec(60))

/* Expire orders and authorizations, forget spent nonces and dead nodes: one
 * batch. */
qw_problem_t *qw_clean(const qw_conf_t *conf, qw_store_t *store,
                       apr_pool_t *pool) QW_MUST_CHECK;

#endif
