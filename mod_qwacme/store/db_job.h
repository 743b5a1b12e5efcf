/* db_job.h -- the queue of slow things, nodes, used nonces. Threads: as
 * qw_db_t. */
#ifndef QW_STORE_DB_JOB_H
#define QW_STORE_DB_JOB_H

#include "model/order.h"
#include "store/store.h"

qw_problem_t *qw_job_insert(qw_db_t *db, const qw_job_t *job,
                            apr_pool_t *pool) QW_MUST_CHECK;
/* Lease up to LIMIT jobs of KIND, due at NOW and not leased by the living, to
 * OWNER until LEASE_UNTIL. *JOBS: of qw_job_t *. Times are of the real clock. */
qw_problem_t *qw_job_claim(apr_array_header_t **jobs, qw_db_t *db,
                           const char *kind, const qw_job_t *lease,
                           apr_time_t now, int limit,
                           apr_pool_t *pool) QW_MUST_CHECK;
/* *N: jobs of KIND of the ACME account that are not done. */
qw_problem_t *qw_job_count(apr_int64_t *n, qw_db_t *db, const char *account_id,
                           const char *kind, apr_pool_t *pool) QW_MUST_CHECK;
/* Delete it. CONFLICT unless JOB->owner still holds it: then its result must
 * not be written either. */
qw_problem_t *qw_job_done(qw_db_t *db, const qw_job_t *job,
                          apr_pool_t *pool) QW_MUST_CHECK;
/* Give the lease back, due again at JOB->due; it does not count as a try. */
qw_problem_t *qw_job_release(qw_db_t *db, const qw_job_t *job,
                             apr_pool_t *pool) QW_MUST_CHECK;
/* *DUE: when the next job of KIND is due or its lease ends; 0 if none. */
qw_problem_t *qw_job_next(apr_time_t *due, qw_db_t *db, const char *kind,
                          apr_pool_t *pool) QW_MUST_CHECK;

/* Say that NODE (id) is there, started at STARTED, at NOW. */
qw_problem_t *qw_node_seen(qw_db_t *db, const char *node, apr_time_t started,
                           apr_time_t now, apr_pool_t *pool) QW_MUST_CHECK;
/* *OTHERS: how many other nodes were seen since SINCE; *STARTED: when this one
 * first appeared in the table (0: never). */
qw_problem_t *qw_node_others(apr_int64_t *others, apr_time_t *started,
                             qw_db_t *db, const char *node, apr_time_t since,
                             apr_pool_t *pool) QW_MUST_CHECK;

/* CONFLICT if it was spent before. EXPIRES: when the row may go. */
qw_problem_t *qw_nonce_spend(qw_db_t *db, const char *nonce, apr_time_t expires,
                             apr_pool_t *pool) QW_MUST_CHECK;
/* Forget nonces that expired before NOW and nodes not seen for a day, at most
 * LIMIT of each. */
qw_problem_t *qw_nonce_purge(qw_db_t *db, apr_time_t now, int limit,
                             apr_pool_t *pool) QW_MUST_CHECK;

#endif
