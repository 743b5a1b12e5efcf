/* diagnose_job.h -- one diagnosis that somebody asked for: look, and keep what was
 * found for a while. Threads: any; one job, one thread. */
#ifndef QW_WORK_DIAGNOSE_JOB_H
#define QW_WORK_DIAGNOSE_JOB_H

#include "conf/conf.h"
#include "model/order.h"
#include "store/store.h"

/* Do JOB, whose lease this thread holds. A name that has left the list causes no
 * traffic. What is found is written only if the lease still stands. */
void qw_diagnose_job(const qw_conf_t *conf, qw_store_t *store,
                     const qw_job_t *job);

#endif
