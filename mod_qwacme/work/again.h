/* again.h -- jobs that are given back. Threads: as qw_db_t. */
#ifndef QW_WORK_AGAIN_H
#define QW_WORK_AGAIN_H

#include "store/db_job.h"

/* Give JOB back, to be done in a moment by whoever is free: twice as long each
 * time, for what is away for a minute is back for those who wait, and what is
 * away for an hour is not asked a thousand times. A lease that was lost is no
 * failure. */
qw_problem_t *qw_job_again(qw_db_t *db, const qw_job_t *job,
                           apr_pool_t *pool) QW_MUST_CHECK;

#endif
