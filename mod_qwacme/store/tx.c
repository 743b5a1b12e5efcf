/* Transactions whose outcome is one of three. Plain SQL on purpose:
 * apr_dbd_transaction_end() answers success for a silent rollback too, and
 * apr_dbd_transaction_start() crashes on a dead PostgreSQL connection. */
#include "store/store_priv.h"

#include "base/failpoint.h"
#include "base/log.h"

#include <apr_strings.h>

enum { TRIES = 3 };

typedef struct {
    qw_store_t *store;
    qw_tx_fn fn;
    void *baton;
    int writing;
} tx_t;

static qw_problem_t *unavailable(const char *cause, apr_pool_t *pool)
{
    qw_problem_t *prob = QW_FAIL_BECAUSE(pool, UNAVAILABLE, cause,
                                         "storage failed; try again later");

    prob->retry_after = apr_time_from_sec(3);
    return prob;
}

static void roll_back(qw_db_t *db)
{
    if (qw_db_plain(db, "ROLLBACK") != 0)
        db->poisoned = 1;
}

static void checkpoint(qw_db_t *db, apr_pool_t *pool)
{
    if (qw_db_plain(db, "PRAGMA wal_checkpoint(PASSIVE)") != 0)
        qw_log(QW_LOG_WARNING, 0, pool,
               "QW0122: database: the checkpoint failed: %s",
               apr_dbd_error(db->driver, db->handle, 0));
}

/* The commit as the test wants it; what the backend says otherwise. */
static qw_commit_e commit(qw_db_t *db)
{
#ifdef QW_TEST_BUILD
    qw_commit_e how;

    if (qw_failpoint_hit("store.commit.before"))
        return QW_NOT_COMMITTED;
    how = db->backend->commit(db);
    return qw_failpoint_hit("store.commit.after") ? QW_UNKNOWN : how;
#else
    return db->backend->commit(db);
#endif
}

static qw_problem_t *end(qw_db_t *db, apr_pool_t *pool)
{
    const char *why = NULL;

    switch (commit(db)) {
    case QW_COMMITTED:
        return NULL;
    case QW_NOT_COMMITTED:
        why = apr_dbd_error(db->driver, db->handle, 0);
        db->retry = db->backend->may_retry(db);
        roll_back(db);
        return unavailable(apr_psprintf(pool, "commit refused: %s",
                                        why != NULL ? why : "?"),
                           pool);
    case QW_UNKNOWN:
        break;
    }
    db->poisoned = 1;
    return QW_FAIL_BECAUSE(pool, COMMIT_UNKNOWN, "no answer to COMMIT",
                           "storage failed; try again later");
}

/* A failure that FN swallowed is still a failure: SQLite would commit the
 * statements that survived it. */
static qw_problem_t *work(qw_db_t *db, const tx_t *tx, apr_pool_t *pool)
{
    qw_problem_t *prob = tx->fn(db, tx->baton, pool);

    if (prob == NULL && db->failed)
        prob = unavailable("a failed statement was overlooked", pool);
    if (prob == NULL && tx->writing)
        return end(db, pool);
    roll_back(db);
    return prob;
}

/* *STALE: BEGIN failed, as it does on a connection that the server has closed;
 * nothing was done yet. */
static qw_problem_t *attempt(int *stale, int *retry, const tx_t *tx,
                             apr_pool_t *pool)
{
    qw_problem_t *prob;
    qw_db_t *db;
    int rv;

    *stale = *retry = 0;
    QW_TRY(qw_store_take(&db, tx->store, pool));
    rv = qw_db_plain(db, tx->writing ? db->backend->begin_write
                                     : db->backend->begin_read);
    db->failed = db->retry = 0;
    if (rv != 0) {
        prob = qw_db_broke(db, "begin", rv, pool);
        db->poisoned = *stale = 1;
    }
    else {
        prob = work(db, tx, pool);
        *retry = prob != NULL && db->retry;
        if (prob != NULL && db->failed)
            db->poisoned = 1; /* whatever it was, a new connection forgets it */
        if (prob == NULL && tx->writing
            && qw_writers_checkpoint_due(tx->store->writers))
            checkpoint(db, pool);
    }
    qw_store_give_back(tx->store, db);
    return prob;
}

static qw_problem_t *run(const tx_t *tx, apr_pool_t *pool)
{
    int stale, retry, tries = 0, staleness = 0;
    qw_problem_t *prob;

    do {
        prob = attempt(&stale, &retry, tx, pool);
    } while ((stale && staleness++ < tx->store->conf.max_connections)
             || (retry && ++tries < TRIES));
    return prob;
}

qw_problem_t *qw_store_write(qw_store_t *store, qw_tx_fn fn, void *baton,
                             apr_pool_t *pool)
{
    tx_t tx = { store, fn, baton, 1 };
    qw_problem_t *prob;

    QW_FAILPOINT("store.begin", pool);
    QW_TRY(qw_writers_enter(store->writers, pool));
    prob = run(&tx, pool);
    qw_writers_leave(store->writers);
    return prob;
}

qw_problem_t *qw_store_read(qw_store_t *store, qw_tx_fn fn, void *baton,
                            apr_pool_t *pool)
{
    tx_t tx = { store, fn, baton, 0 };

    return run(&tx, pool);
}
