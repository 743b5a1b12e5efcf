/* db_statement.h -- what was done and what failed in a time, counted from the
 * events. Results live in POOL. Threads: as qw_db_t. */
#ifndef QW_STORE_DB_STATEMENT_H
#define QW_STORE_DB_STATEMENT_H

#include "store/store.h"

#include <apr_tables.h>
#include <apr_time.h>

/* Which events. */
typedef struct {
    const char *authority;
    const char
        *external_id;       /* its own, and those of what hangs on it; NULL: all
                                of the authority */
    apr_time_t from, until; /* FROM <= at < UNTIL */
} qw_period_t;

typedef struct {
    const char *actor;
    const char *event;
    apr_int64_t count;
} qw_action_t;

typedef struct {
    const char *event;
    const char *detail; /* JSON object, as the event has it */
} qw_failed_t;

/* *ACTIONS: of qw_action_t *, by actor and event. */
qw_problem_t *qw_period_actions(apr_array_header_t **actions, qw_db_t *db,
                                const qw_period_t *period,
                                apr_pool_t *pool) QW_MUST_CHECK;

/* *FAILURES: of qw_failed_t *, by event: control not shown, CAA, orders and bindings
 * refused, findings of linters. */
qw_problem_t *qw_period_failures(apr_array_header_t **failures, qw_db_t *db,
                                 const qw_period_t *period,
                                 apr_pool_t *pool) QW_MUST_CHECK;

#endif
