/* The connections of one process. Not apr_reslist: that one connects under its
 * own lock, so a database that does not answer would stop every thread. */
#include "store/store_priv.h"

#include <apr_strings.h>

#include <time.h>
#include <unistd.h>

apr_time_t qw_store_clock(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return apr_time_make(t.tv_sec, t.tv_nsec / 1000);
}

qw_problem_t *qw_store_away(const char *cause, apr_pool_t *pool)
{
    qw_problem_t *prob = QW_FAIL_BECAUSE(pool, UNAVAILABLE, cause,
                                         "storage is away; try again later");

    prob->retry_after = apr_time_from_sec(3);
    return prob;
}

static void disconnect(qw_db_t *db)
{
    apr_dbd_close(db->driver, db->handle);
    if (db->lock_fd >= 0)
        close(db->lock_fd);
    apr_pool_destroy(db->pool);
}

/* A pool of its own: what is prepared on a connection dies with it. */
static qw_problem_t *connect_db(qw_db_t **db, qw_store_t *store,
                                apr_pool_t *pool)
{
    const char *error = NULL;
    apr_pool_t *own;
    qw_db_t *made;

    QW_TRY(qw_file_ready(store, pool));
    apr_pool_create(&own, NULL);
    made = apr_pcalloc(own, sizeof(*made));
    made->backend = store->backend;
    made->driver = store->driver;
    made->lib = store->lib;
    made->pool = own;
    made->lock_fd = -1;
    if (apr_dbd_open_ex(made->driver, own,
                        store->backend->params(store->conf.params, own),
                        &made->handle, &error)
        != APR_SUCCESS) {
        error = apr_pstrdup(pool, error != NULL ? error : "no connection");
        apr_pool_destroy(own);
        return qw_store_away(error, pool);
    }
    error = store->backend->set_up(made);
    if (error != NULL) {
        error = apr_pstrdup(pool, error);
        disconnect(made);
        return qw_store_away(error, pool);
    }
    *db = made;
    return NULL;
}

static void one_less(qw_store_t *store)
{
    apr_thread_mutex_lock(store->mutex);
    store->n_open--;
    apr_thread_cond_signal(store->freed);
    apr_thread_mutex_unlock(store->mutex);
}

/* *DB an idle connection, or NULL and leave to open one. 0: neither in time. */
static int reserve(qw_db_t **db, qw_store_t *store, apr_time_t deadline)
{
    apr_interval_time_t left;
    int granted = 1;

    *db = NULL;
    apr_thread_mutex_lock(store->mutex);
    while (store->n_idle == 0 && store->n_open >= store->conf.max_connections) {
        left = deadline - qw_store_clock();
        granted = left > 0;
        if (!granted)
            break;
        apr_thread_cond_timedwait(store->freed, store->mutex, left);
    }
    if (granted && store->n_idle > 0)
        *db = store->idle[--store->n_idle];
    else if (granted)
        store->n_open++;
    apr_thread_mutex_unlock(store->mutex);
    return granted;
}

qw_problem_t *qw_connection_take(qw_db_t **db, qw_store_t *store, int fresh,
                                 apr_time_t deadline, apr_pool_t *pool)
{
    qw_problem_t *prob;

    if (fresh)
        qw_connections_drop(store);
    if (!reserve(db, store, deadline))
        return qw_store_away("every connection is in use", pool);
    if (*db != NULL)
        return NULL;
    prob = connect_db(db, store, pool);
    if (prob != NULL)
        one_less(store);
    return prob;
}

void qw_connection_give_back(qw_store_t *store, qw_db_t *db)
{
    if (db->poisoned) {
        disconnect(db);
        one_less(store);
        return;
    }
    apr_thread_mutex_lock(store->mutex);
    store->idle[store->n_idle++] = db;
    apr_thread_cond_signal(store->freed);
    apr_thread_mutex_unlock(store->mutex);
}

void qw_connections_drop(qw_store_t *store)
{
    qw_db_t *db;

    for (;;) {
        apr_thread_mutex_lock(store->mutex);
        db = store->n_idle > 0 ? store->idle[--store->n_idle] : NULL;
        apr_thread_mutex_unlock(store->mutex);
        if (db == NULL)
            return;
        disconnect(db);
        one_less(store);
    }
}
