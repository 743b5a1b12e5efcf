/* limits.h -- how often: counters that all nodes share, spent in the transaction
 * of the request, so that a request that is refused for anything costs nothing.
 * Threads: as qw_db_t. */
#ifndef QW_GATE_LIMITS_H
#define QW_GATE_LIMITS_H

#include "model/account.h"
#include "model/authority.h"
#include "store/store.h"

/* One transaction's view of them. */
typedef struct {
    qw_db_t *db;
    const qw_authority_t *authority;
    const char *external_id; /* whose overrides count too; may be NULL */
    apr_time_t now;          /* of the authority */
    apr_array_header_t *overrides;
    apr_pool_t *pool;
} qw_limits_t;

/* Something that counts against a limit. */
typedef struct {
    qw_limit_e limit;
    const char *subject; /* an address, an account, a domain, a name */
    int times;           /* how many times the rate it may have: 1 */
} qw_charge_t;

/* LIMITS for DB's transaction: reads the overrides in force. */
qw_problem_t *qw_limits_open(qw_limits_t *limits, qw_db_t *db,
                             const qw_authority_t *authority,
                             const char *external_id, apr_time_t now,
                             apr_pool_t *pool) QW_MUST_CHECK;

/* Push to CHARGES (of qw_charge_t): SUBJECT; a client ADDRESS as text, of IPv6
 * its /64 and, at ten times the rate, its /48. */
void qw_charge(apr_array_header_t *charges, qw_limit_e limit,
               const char *subject);
void qw_charge_address(apr_array_header_t *charges, qw_limit_e limit,
                       const char *address);

/* Spend all CHARGES. RATE_LIMITED with the limit that takes longest and how
 * long; then the transaction must not be committed, so that none is spent. */
qw_problem_t *qw_limits_spend(qw_limits_t *limits,
                              const apr_array_header_t *charges) QW_MUST_CHECK;

/* RATE_LIMITED if one of CHARGES could not be spent now; spends nothing. */
qw_problem_t *qw_limits_check(qw_limits_t *limits,
                              const apr_array_header_t *charges) QW_MUST_CHECK;

/* A validation of NAME ("*." kept) for ACCOUNT_ID failed; it succeeded. */
qw_problem_t *qw_limits_failed(qw_limits_t *limits, const char *account_id,
                               const char *name) QW_MUST_CHECK;
qw_problem_t *qw_limits_passed(qw_limits_t *limits, const char *account_id,
                               const char *name) QW_MUST_CHECK;

/* May ACCOUNT_ID try to validate NAMES (const char *)? RATE_LIMITED with a
 * subproblem for each that is paused, instance the portal; or if one of them
 * failed too often lately. */
qw_problem_t *qw_limits_may_try(qw_limits_t *limits, const char *account_id,
                                const apr_array_header_t *names) QW_MUST_CHECK;

/* May ACCOUNT_ID have one more validation in flight? RATE_LIMITED. */
qw_problem_t *qw_limits_may_begin(qw_limits_t *limits,
                                  const char *account_id) QW_MUST_CHECK;

#endif
