/* store_priv.h -- inside the store room: the connections of a process, the
 * file of SQLite and the lock under which it is written. Threads: any. */
#ifndef QW_STORE_STORE_PRIV_H
#define QW_STORE_STORE_PRIV_H

#include "store/db.h"

#include <apr_thread_cond.h>
#include <apr_thread_mutex.h>

#include <sys/types.h>

struct qw_store_t {
    qw_store_conf_t conf;
    const qw_backend_t *backend;
    const apr_dbd_driver_t *driver;
    const void *lib; /* what the backend found in the database's library */

    apr_thread_mutex_t *mutex; /* of everything below */
    apr_thread_cond_t *freed;
    qw_db_t **idle; /* the last one back goes out first */
    int n_idle;
    int n_open; /* idle or lent */

    dev_t dev; /* SQLite: the file, since the first connection */
    ino_t ino;
    volatile apr_uint32_t commits;
    volatile apr_uint32_t doubtful; /* SQLite: a COMMIT met an I/O error */
};

/* Microseconds of a clock that nobody sets. */
apr_time_t qw_store_clock(void);

/* UNAVAILABLE, with a time to come back. */
qw_problem_t *qw_store_away(const char *cause, apr_pool_t *pool);

/* A connection, and back. FRESH: no idle one, all of them may be stale.
 * UNAVAILABLE if none is free or made by DEADLINE. */
qw_problem_t *qw_connection_take(qw_db_t **db, qw_store_t *store, int fresh,
                                 apr_time_t deadline,
                                 apr_pool_t *pool) QW_MUST_CHECK;
void qw_connection_give_back(qw_store_t *store, qw_db_t *db);
/* Close the idle ones. */
void qw_connections_drop(qw_store_t *store);

/* Be the one writer of an SQLite file among threads, processes of a server and
 * qwacmectl; nothing at all on PostgreSQL. UNAVAILABLE after DEADLINE. */
qw_problem_t *qw_writer_enter(qw_store_t *store, qw_db_t *db,
                              apr_time_t deadline,
                              apr_pool_t *pool) QW_MUST_CHECK;
void qw_writer_leave(qw_store_t *store, qw_db_t *db);
/* SQLite, at the end of the process: 1 if nobody else writes, and nobody can
 * until DB is closed. The server's mutex may be gone and is not asked. */
int qw_writer_try(qw_store_t *store, qw_db_t *db, apr_pool_t *pool);

/* The following mean nothing on PostgreSQL. */

/* Before a connection is made: the file is there, is the same as ever and not
 * on a network file system. */
qw_problem_t *qw_file_ready(qw_store_t *store, apr_pool_t *pool) QW_MUST_CHECK;
/* Before a transaction: neither the file nor its log was replaced under DB. */
qw_problem_t *qw_file_same(qw_store_t *store, qw_db_t *db,
                           apr_pool_t *pool) QW_MUST_CHECK;
/* As a writer, after a commit: shorten the log if it is long. */
void qw_file_checkpoint(qw_store_t *store, qw_db_t *db, apr_pool_t *pool);
/* As a writer, after a COMMIT met an I/O error: what a checkpoint has copied
 * and synced is on the disk, whatever became of the log. */
qw_problem_t *qw_file_settle(qw_store_t *store, qw_db_t *db,
                             apr_pool_t *pool) QW_MUST_CHECK;
/* At the end of the process: move the log into the file if nobody writes, so
 * that a file at rest is whole. */
void qw_file_rest(qw_store_t *store, qw_db_t *db, apr_pool_t *pool);
/* Make an empty one unless there is one; it and its lock file belong to whoever
 * owns the folder, also if root makes them. */
qw_problem_t *qw_file_create(qw_store_t *store, apr_pool_t *pool) QW_MUST_CHECK;

#endif
