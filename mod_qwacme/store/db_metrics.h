/* db_metrics.h -- numbers for those who watch; never a name of a subscriber.
 * Results live in POOL. Threads: as qw_db_t. */
#ifndef QW_STORE_DB_METRICS_H
#define QW_STORE_DB_METRICS_H

#include "store/store.h"

/* How many of KEY, and the earliest of their times (0: none). */
typedef struct {
    const char *key;
    apr_int64_t count;
    apr_time_t first;
} qw_tally_t;

/* *COUNT of certificates, of revocations, of the issuer key ISSUER. */
qw_problem_t *qw_metrics_issued(apr_int64_t *count, qw_db_t *db,
                                const char *issuer,
                                apr_pool_t *pool) QW_MUST_CHECK;
qw_problem_t *qw_metrics_revoked(apr_int64_t *count, qw_db_t *db,
                                 const char *issuer,
                                 apr_pool_t *pool) QW_MUST_CHECK;

/* *LIST: of qw_tally_t *. Orders of AUTHORITY that are open at NOW by status,
 * without times; its jobs by kind and when they are due; notices of ISSUER that
 * a node has not answered by node, without times. */
qw_problem_t *qw_metrics_orders(apr_array_header_t **list, qw_db_t *db,
                                const char *authority, apr_time_t now,
                                apr_pool_t *pool) QW_MUST_CHECK;
qw_problem_t *qw_metrics_jobs(apr_array_header_t **list, qw_db_t *db,
                              const char *authority,
                              apr_pool_t *pool) QW_MUST_CHECK;
qw_problem_t *qw_metrics_notices(apr_array_header_t **list, qw_db_t *db,
                                 const char *issuer,
                                 apr_pool_t *pool) QW_MUST_CHECK;

#endif
