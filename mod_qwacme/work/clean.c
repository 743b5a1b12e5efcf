#include "work/clean.h"

#include "base/world.h"
#include "store/db_diagnosis.h"
#include "store/db_job.h"
#include "store/db_limit.h"
#include "store/db_order.h"
#include "store/db_person.h"

enum { BATCH = 500 };

/* By the clock that is furthest behind: a test authority may have its own. */
static apr_time_t earliest(const qw_conf_t *conf)
{
    apr_time_t now = qw_world()->now();
    int i;

    for (i = 0; i < conf->authorities->nelts; i++) {
        apr_time_t its = qw_authority_now(
            APR_ARRAY_IDX(conf->authorities, i, qw_authority_t *));

        if (its < now)
            now = its;
    }
    return now;
}

static qw_problem_t *clean(qw_db_t *db, void *baton, apr_pool_t *pool)
{
    int expired;

    QW_TRY(qw_orders_expire(&expired, db, *(apr_time_t *)baton, BATCH, pool));
    QW_TRY(qw_session_purge(db, *(apr_time_t *)baton, BATCH, pool));
    QW_TRY(qw_confirmation_purge(db, *(apr_time_t *)baton, BATCH, pool));
    QW_TRY(qw_diagnosis_purge(db, *(apr_time_t *)baton, BATCH, pool));
    QW_TRY(qw_limit_purge(db, *(apr_time_t *)baton, BATCH, pool));
    return qw_nonce_purge(db, qw_world()->now() - QW_CLEAN_EVERY, BATCH, pool);
}

qw_problem_t *qw_clean(const qw_conf_t *conf, qw_store_t *store,
                       apr_pool_t *pool)
{
    apr_time_t now = earliest(conf);

    return qw_store_write(store, clean, &now, pool);
}
