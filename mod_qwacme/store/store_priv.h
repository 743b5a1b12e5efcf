/* store_priv.h -- inside the store room: the list of connections and the lock
 * under which SQLite is written. Threads: any. */
#ifndef QW_STORE_STORE_PRIV_H
#define QW_STORE_STORE_PRIV_H

#include "store/db.h"

#include <apr_reslist.h>

/* The one writer of an SQLite file: threads of a process, processes of a
 * server, and qwacmectl. Nothing at all on PostgreSQL. */
typedef struct qw_writers_t qw_writers_t;

struct qw_store_t {
    qw_store_conf_t conf;
    const qw_backend_t *backend;
    const apr_dbd_driver_t *driver;
    apr_reslist_t *list;
    qw_writers_t *writers;
    int is_file;
};

/* A connection, and back. UNAVAILABLE if none is free or made in time. */
qw_problem_t *qw_store_take(qw_db_t **db, qw_store_t *store,
                            apr_pool_t *pool) QW_MUST_CHECK;
void qw_store_give_back(qw_store_t *store, qw_db_t *db);

qw_problem_t *qw_writers_open(qw_writers_t **writers, const qw_store_t *store,
                              apr_pool_t *pool) QW_MUST_CHECK;

/* Be the writer. UNAVAILABLE when the store's wait is over. */
qw_problem_t *qw_writers_enter(qw_writers_t *writers,
                               apr_pool_t *pool) QW_MUST_CHECK;
void qw_writers_leave(qw_writers_t *writers);

/* 1 every so many commits: it is time for a checkpoint. */
int qw_writers_checkpoint_due(qw_writers_t *writers);

#endif
