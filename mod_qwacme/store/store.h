/* store.h -- connections and transactions; the only room with SQL.
 *
 * APR DBD underneath: sqlite3 (embedded default) or pgsql. */
#ifndef QW_STORE_STORE_H
#define QW_STORE_STORE_H

#include "base/problem.h"

#include <apr_global_mutex.h>

/* The connections of one process. Threads: any. Opened after the last fork. */
typedef struct qw_store_t qw_store_t;

/* One connection inside one transaction. Threads: one. Borrowed: never kept
 * after the function it was given to has returned. */
typedef struct qw_db_t qw_db_t;

typedef struct {
    const char *driver; /* "sqlite3" or "pgsql" */
    const char *params; /* path of the file; or a libpq connection string */
    apr_global_mutex_t *write_lock; /* sqlite3: shared by httpd and signer, or
                                       NULL (qwacmectl); the lock file beside
                                       the database is taken inside it */
    int max_connections;            /* of this process; 0: 8 */
    apr_interval_time_t wait;       /* for a connection and the lock together,
                                       then UNAVAILABLE; 0: 5 s */
} qw_store_conf_t;

/* *STORE lives as long as POOL; closes its connections with it. Nothing is
 * connected yet. INVALID_INPUT for an unknown driver, naming the package that
 * has it. CONF is copied, the mutex borrowed. */
qw_problem_t *qw_store_open(qw_store_t **store, const qw_store_conf_t *conf,
                            apr_pool_t *pool) QW_MUST_CHECK;

/* Work inside a transaction. Must not touch the network, a signing key, or
 * anything slow. A returned problem rolls back. POOL is the caller's. */
typedef qw_problem_t *(*qw_tx_fn)(qw_db_t *db, void *baton, apr_pool_t *pool);

/* Run FN in one writing transaction and commit it durably.
 *
 * NULL: committed. COMMIT_UNKNOWN: the outcome could not be learnt; read your
 * own row (new connection) before you go on. Any other problem: nothing is
 * committed; UNAVAILABLE (503) when the database is down, locked, full, or no
 * connection was free in time. A statement that failed inside FN and whose
 * problem FN swallowed still rolls back. PostgreSQL serialization failures and
 * deadlocks are tried again, at most 3 times: FN must be repeatable. */
qw_problem_t *qw_store_write(qw_store_t *store, qw_tx_fn fn, void *baton,
                             apr_pool_t *pool) QW_MUST_CHECK;

/* The same, but CONFLICT does not end it at once: what FN had read was
 * overtaken, and it runs once more, on what is there now. */
qw_problem_t *qw_store_write_anew(qw_store_t *store, qw_tx_fn fn, void *baton,
                                  apr_pool_t *pool) QW_MUST_CHECK;

/* Run FN in one reading transaction: no write lock, no durable commit. */
qw_problem_t *qw_store_read(qw_store_t *store, qw_tx_fn fn, void *baton,
                            apr_pool_t *pool) QW_MUST_CHECK;

/* Which backend, for messages: "sqlite3". */
const char *qw_store_driver(const qw_store_t *store);

#endif
