#include "work/again.h"

#include "base/world.h"

enum { DOUBLED_MOST = 4 };
#define FIRST (apr_time_from_sec(3))

qw_problem_t *qw_job_again(qw_db_t *db, const qw_job_t *job, apr_pool_t *pool)
{
    qw_job_t again = *job;

    again.due = qw_world()->now()
                + (FIRST << (job->returns < DOUBLED_MOST ? job->returns
                                                         : DOUBLED_MOST));
    return qw_problem_unless(qw_job_release(db, &again, pool), QW_E_CONFLICT);
}
