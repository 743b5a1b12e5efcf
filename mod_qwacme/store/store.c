/* The connections of one process. */
#include "store/store_priv.h"

#include "base/log.h"

#include <apr_file_info.h>
#include <apr_strings.h>

#include <string.h>

static const qw_backend_t *const backends[] = { &qw_backend_sqlite3,
                                                &qw_backend_pgsql };

static const qw_backend_t *find_backend(const char *driver)
{
    unsigned i;

    for (i = 0; i < sizeof(backends) / sizeof(backends[0]); i++)
        if (strcmp(backends[i]->driver, driver) == 0)
            return backends[i];
    return NULL;
}

const char *qw_store_driver(const qw_store_t *store)
{
    return store->backend->driver;
}

static apr_status_t disconnect(void *resource, void *params, apr_pool_t *pool)
{
    qw_db_t *db = resource;

    apr_dbd_close(db->driver, db->handle);
    apr_pool_destroy(db->pool);
    return APR_SUCCESS;
}

/* A pool of its own: what is prepared on a connection dies with it, and the
 * list's pool is shared by threads. */
static apr_status_t connect_db(void **resource, void *params, apr_pool_t *pool)
{
    const qw_store_t *store = params;
    const char *error = NULL;
    apr_pool_t *own;
    qw_db_t *db;

    apr_pool_create(&own, NULL);
    db = apr_pcalloc(own, sizeof(*db));
    db->store = store;
    db->backend = store->backend;
    db->driver = store->driver;
    db->pool = own;
    if (apr_dbd_open_ex(db->driver, own,
                        store->backend->params(store->conf.params, own),
                        &db->handle, &error)
        != APR_SUCCESS) {
        qw_log(QW_LOG_ERR, 0, own, "QW0120: database %s: no connection: %s",
               store->backend->driver, error != NULL ? error : "no reason");
        apr_pool_destroy(own);
        return APR_EGENERAL;
    }
    error = store->backend->set_up(db);
    if (error != NULL) {
        qw_log(QW_LOG_ERR, 0, own, "QW0121: database %s: %s",
               store->backend->driver, error);
        (void)disconnect(db, NULL, NULL);
        return APR_EGENERAL;
    }
    *resource = db;
    return APR_SUCCESS;
}

qw_problem_t *qw_store_take(qw_db_t **db, qw_store_t *store, apr_pool_t *pool)
{
    void *resource = NULL;
    qw_problem_t *prob;
    apr_finfo_t info;

    /* SQLite would make an empty database of a missing one. */
    if (store->is_file
        && apr_stat(&info, store->conf.params, APR_FINFO_TYPE, pool)
               != APR_SUCCESS)
        return QW_FAIL_BECAUSE(
            pool, UNAVAILABLE,
            apr_pstrcat(pool, store->conf.params,
                        ": no such file; 'qwacmectl schema create' makes it",
                        NULL),
            "storage is away; try again later");
    if (apr_reslist_acquire(store->list, &resource) == APR_SUCCESS) {
        *db = resource;
        (*db)->failed = 0;
        return NULL;
    }
    prob = QW_FAIL_BECAUSE(pool, UNAVAILABLE, "no database connection in time",
                           "storage is busy; try again later");
    prob->retry_after = apr_time_from_sec(3);
    return prob;
}

void qw_store_give_back(qw_store_t *store, qw_db_t *db)
{
    if (db->poisoned)
        apr_reslist_invalidate(store->list, db);
    else
        apr_reslist_release(store->list, db);
}

static qw_problem_t *open_list(qw_store_t *store, apr_pool_t *pool)
{
    int most = store->conf.max_connections;
    apr_status_t rv =
        apr_reslist_create(&store->list, 0, most, most, apr_time_from_sec(300),
                           connect_db, disconnect, store, pool);

    if (rv != APR_SUCCESS)
        return QW_FAIL(pool, SERVER_INTERNAL, "no list of connections");
    apr_reslist_timeout_set(store->list, store->conf.wait);
    return NULL;
}

qw_problem_t *qw_store_open(qw_store_t **store, const qw_store_conf_t *conf,
                            apr_pool_t *pool)
{
    qw_store_t *opened = apr_pcalloc(pool, sizeof(*opened));

    opened->conf = *conf;
    opened->backend = find_backend(conf->driver);
    if (opened->backend == NULL)
        return QW_FAIL(pool, INVALID_INPUT,
                       "database driver '%s' is not sqlite3 or pgsql",
                       conf->driver);
    apr_dbd_init(pool);
    if (apr_dbd_get_driver(pool, conf->driver, &opened->driver) != APR_SUCCESS)
        return QW_FAIL(pool, INVALID_INPUT,
                       "database driver %s is not installed: install %s",
                       conf->driver, opened->backend->package);
    opened->is_file = opened->backend == &qw_backend_sqlite3;
    QW_TRY(qw_writers_open(&opened->writers, opened, pool));
    QW_TRY(open_list(opened, pool));
    *store = opened;
    return NULL;
}
