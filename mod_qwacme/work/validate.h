/* validate.h -- one validation job: look, and write down what was seen.
 * Threads: any; one job, one thread. */
#ifndef QW_WORK_VALIDATE_H
#define QW_WORK_VALIDATE_H

#include "conf/conf.h"
#include "model/order.h"
#include "store/store.h"

/* Do JOB, whose lease this thread holds. Its result is written only if the
 * lease still stands and the challenge is still processing: it overwrites
 * nothing. Failures of ours leave the job to be tried again. */
void qw_validate(const qw_conf_t *conf, qw_store_t *store, const qw_job_t *job);

#endif
