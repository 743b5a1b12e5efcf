/* db_limit.h -- what has been used up of limits, their overrides, and names that
 * fail. Threads: as qw_db_t. */
#ifndef QW_STORE_DB_LIMIT_H
#define QW_STORE_DB_LIMIT_H

#include "model/limit.h"
#include "store/store.h"

/* One counter. */
typedef struct {
    const char *authority;
    const char *name;    /* of the limit */
    const char *subject; /* whose: an address, an account, a domain */
} qw_meter_t;

/* *TAT after one more at NOW that takes STEP: the time at which all of it would
 * be regained. A time beyond ABSURD, left by a clock that was set back, counts
 * as none. */
qw_problem_t *qw_limit_spend(apr_time_t *tat, qw_db_t *db,
                             const qw_meter_t *meter, apr_time_t now,
                             apr_interval_time_t step, apr_time_t absurd,
                             apr_pool_t *pool) QW_MUST_CHECK;
/* *TAT as it stands; 0: never used. */
qw_problem_t *qw_limit_get(apr_time_t *tat, qw_db_t *db,
                           const qw_meter_t *meter,
                           apr_pool_t *pool) QW_MUST_CHECK;
/* Forget at most LIMIT counters that had regained all before NOW. */
qw_problem_t *qw_limit_purge(qw_db_t *db, apr_time_t now, int limit,
                             apr_pool_t *pool) QW_MUST_CHECK;

/* Another rate for one subject: an address, a domain, an ACME account, or
 * "external:" and the id of an external account, for all that it does. */
typedef struct {
    const char *name, *subject;
    const char *rate, *burst; /* as qw_limit_parse() reads them */
    const char *comment, *created_by;
    apr_time_t created, expires;
} qw_override_t;

/* *LIST: of qw_override_t *, those in force at NOW. */
qw_problem_t *qw_override_list(apr_array_header_t **list, qw_db_t *db,
                               const char *authority, apr_time_t now,
                               apr_pool_t *pool) QW_MUST_CHECK;
qw_problem_t *qw_override_set(qw_db_t *db, const char *authority,
                              const qw_override_t *override,
                              apr_pool_t *pool) QW_MUST_CHECK;
/* CONFLICT if there is none. */
qw_problem_t *qw_override_remove(qw_db_t *db, const char *authority,
                                 const char *name, const char *subject,
                                 apr_pool_t *pool) QW_MUST_CHECK;

/* A name whose validation failed so many times in a row for an ACME account. */
typedef struct {
    const char *account_id;
    const char *name; /* "*." kept */
    apr_int64_t failures;
    apr_time_t failed_at;
} qw_failure_t;

qw_problem_t *qw_failure_count(qw_db_t *db, const char *account_id,
                               const char *name, apr_time_t now,
                               apr_pool_t *pool) QW_MUST_CHECK;
/* *FORGOTTEN: whether there was anything to forget; may be NULL. */
qw_problem_t *qw_failure_forget(int *forgotten, qw_db_t *db,
                                const char *account_id, const char *name,
                                apr_pool_t *pool) QW_MUST_CHECK;
/* *LIST: of qw_failure_t *, with FAILURES or more, of the ACME account; of all
 * accounts of AUTHORITY. */
qw_problem_t *qw_failure_list(apr_array_header_t **list, qw_db_t *db,
                              const char *account_id, int failures,
                              apr_pool_t *pool) QW_MUST_CHECK;
qw_problem_t *qw_failure_of_authority(apr_array_header_t **list, qw_db_t *db,
                                      const char *authority, int failures,
                                      apr_pool_t *pool) QW_MUST_CHECK;

#endif
