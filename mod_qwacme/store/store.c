#include "store/store_priv.h"

#include <string.h>

enum { DEFAULT_CONNECTIONS = 8 };
#define DEFAULT_WAIT (apr_time_from_sec(5))

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

static apr_status_t close_all(void *data)
{
    qw_store_t *store = data;

    if (store->backend->is_file && store->n_idle > 0)
        qw_file_rest(store, store->idle[0], store->idle[0]->pool);
    qw_connections_drop(store);
    return APR_SUCCESS;
}

static qw_problem_t *load(qw_store_t *store, apr_pool_t *pool)
{
    apr_dbd_init(pool);
    if (apr_dbd_get_driver(pool, store->conf.driver, &store->driver)
        != APR_SUCCESS)
        return QW_FAIL(pool, INVALID_INPUT,
                       "the database driver %s cannot be loaded: install %s",
                       store->conf.driver, store->backend->package);
    if (!store->backend->load(&store->lib, pool))
        return QW_FAIL(pool, INVALID_INPUT,
                       "the database driver %s came without the functions of "
                       "its library: reinstall %s",
                       store->conf.driver, store->backend->package);
    return NULL;
}

qw_problem_t *qw_store_open(qw_store_t **store, const qw_store_conf_t *conf,
                            apr_pool_t *pool)
{
    qw_store_t *made = apr_pcalloc(pool, sizeof(*made));

    made->conf = *conf;
    if (made->conf.max_connections <= 0)
        made->conf.max_connections = DEFAULT_CONNECTIONS;
    if (made->conf.wait <= 0)
        made->conf.wait = DEFAULT_WAIT;
    made->backend = find_backend(conf->driver);
    if (made->backend == NULL)
        return QW_FAIL(pool, INVALID_INPUT,
                       "the database driver '%s' is neither sqlite3 nor pgsql",
                       conf->driver);
    QW_TRY(load(made, pool));
    made->idle = apr_pcalloc(pool, (apr_size_t)made->conf.max_connections
                                       * sizeof(qw_db_t *));
    if (apr_thread_mutex_create(&made->mutex, APR_THREAD_MUTEX_DEFAULT, pool)
            != APR_SUCCESS
        || apr_thread_cond_create(&made->freed, pool) != APR_SUCCESS)
        return QW_FAIL(pool, SERVER_INTERNAL, "no mutex for connections");
    apr_pool_cleanup_register(pool, made, close_all, apr_pool_cleanup_null);
    *store = made;
    return NULL;
}
