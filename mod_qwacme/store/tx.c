/* Transactions whose outcome is one of three. Plain SQL on purpose:
 * apr_dbd_transaction_end() answers success for a silent rollback too, and
 * apr_dbd_transaction_start() crashes on a dead PostgreSQL connection. */
#include "store/store_priv.h"

#include "base/failpoint.h"

#include <apr_atomic.h>
#include <apr_strings.h>

enum { RETRIES = 3 };

typedef struct {
    qw_store_t *store;
    qw_tx_fn fn;
    void *baton;
    int writing;
    apr_time_t deadline; /* for a connection and the lock */
    int fresh;           /* idle connections may be stale */
    int again;           /* nothing was committed, and another try may do */
} tx_t;

static void roll_back(qw_db_t *db)
{
    if (qw_db_plain(db, "ROLLBACK") != 0)
        db->poisoned = 1;
}

/* What the backend says, or what a test wants to have been said. */
static qw_commit_e commit(qw_db_t *db)
{
    qw_commit_e how = db->backend->commit(db);

#ifdef QW_TEST_BUILD
    if (how == QW_COMMITTED && qw_failpoint_hit("store.commit.after"))
        how = QW_UNKNOWN;
#endif
    return how;
}

static qw_problem_t *end_write(qw_store_t *store, qw_db_t *db, apr_pool_t *pool)
{
    switch (commit(db)) {
    case QW_COMMITTED:
        qw_file_checkpoint(store, db, pool);
        return NULL;
    case QW_NOT_COMMITTED:
        return qw_db_broke(db, "COMMIT", 0, pool);
    case QW_UNKNOWN:
        break;
    }
    db->poisoned = 1;
    if (store->backend->is_file)
        apr_atomic_set32(&store->doubtful, 1);
    return QW_FAIL_BECAUSE(pool, COMMIT_UNKNOWN,
                           apr_pstrcat(pool, "COMMIT: ", qw_db_reason(db, 0),
                                       NULL),
                           "storage failed; try again later");
}

static qw_problem_t *end_read(qw_db_t *db, apr_pool_t *pool)
{
    int rv = qw_db_plain(db, "COMMIT");

    if (rv == 0)
        return NULL;
    db->poisoned = 1;
    return qw_db_broke(db, "COMMIT", rv, pool);
}

static qw_problem_t *end(tx_t *tx, qw_db_t *db, apr_pool_t *pool)
{
    if (!tx->writing)
        return end_read(db, pool);
#ifdef QW_TEST_BUILD
    if (qw_failpoint_hit("store.commit.before")) {
        roll_back(db);
        return qw_store_away("failpoint store.commit.before", pool);
    }
#endif
    return end_write(tx->store, db, pool);
}

/* BEGIN fails on a connection that the server has closed meanwhile. */
static qw_problem_t *begin(tx_t *tx, qw_db_t *db, apr_pool_t *pool)
{
    const qw_backend_t *backend = db->backend;
    int rv;

    if (tx->writing)
        QW_FAILPOINT("store.begin", pool);
    db->failed = db->retry = 0;
    rv = qw_db_plain(db,
                     tx->writing ? backend->begin_write : backend->begin_read);
    if (rv == 0)
        return NULL;
    db->poisoned = 1;
    tx->again = !tx->fresh && !backend->is_file;
    tx->fresh = 1;
    return qw_db_broke(db, "BEGIN", rv, pool);
}

/* A failure that FN swallowed is still a failure: SQLite would commit the
 * statements that survived it. */
static qw_problem_t *transact(tx_t *tx, qw_db_t *db, apr_pool_t *pool)
{
    qw_problem_t *prob;

    QW_TRY(begin(tx, db, pool));
    prob = tx->fn(db, tx->baton, pool);
    if (prob == NULL && db->failed)
        prob = qw_store_away("a failed statement was overlooked", pool);
    if (prob == NULL)
        prob = end(tx, db, pool);
    else
        roll_back(db);
    if (prob != NULL && db->failed) {
        /* whatever it was, a new connection forgets it */
        db->poisoned = 1;
        tx->again = prob->code != QW_E_COMMIT_UNKNOWN && db->retry;
    }
    return prob;
}

static qw_problem_t *settle(tx_t *tx, qw_db_t *db, apr_pool_t *pool)
{
    qw_problem_t *prob;

    if (!apr_atomic_read32(&tx->store->doubtful))
        return NULL;
    QW_TRY(qw_writer_enter(tx->store, db, tx->deadline, pool));
    prob = qw_file_settle(tx->store, db, pool);
    qw_writer_leave(tx->store, db);
    return prob;
}

static qw_problem_t *work(tx_t *tx, qw_db_t *db, apr_pool_t *pool)
{
    qw_problem_t *prob;

    QW_TRY(settle(tx, db, pool));
    if (!tx->writing) {
        QW_TRY(qw_file_same(tx->store, db, pool));
        return transact(tx, db, pool);
    }
    QW_TRY(qw_writer_enter(tx->store, db, tx->deadline, pool));
    prob = qw_file_same(tx->store, db, pool);
    if (prob == NULL)
        prob = transact(tx, db, pool);
    qw_writer_leave(tx->store, db);
    return prob;
}

static qw_problem_t *run(tx_t *tx, apr_pool_t *pool)
{
    qw_problem_t *prob;
    qw_db_t *db;
    int tries = 0;

    do {
        tx->again = 0;
        QW_TRY(
            qw_connection_take(&db, tx->store, tx->fresh, tx->deadline, pool));
        prob = work(tx, db, pool);
        qw_connection_give_back(tx->store, db);
    } while (tx->again && tries++ < RETRIES);
    return prob;
}

static tx_t make(qw_store_t *store, qw_tx_fn fn, void *baton, int writing)
{
    tx_t tx = { store, fn, baton, writing, 0, 0, 0 };

    tx.deadline = qw_store_clock() + store->conf.wait;
    return tx;
}

qw_problem_t *qw_store_write(qw_store_t *store, qw_tx_fn fn, void *baton,
                             apr_pool_t *pool)
{
    tx_t tx = make(store, fn, baton, 1);

    return run(&tx, pool);
}

qw_problem_t *qw_store_write_anew(qw_store_t *store, qw_tx_fn fn, void *baton,
                                  apr_pool_t *pool)
{
    qw_problem_t *prob = qw_store_write(store, fn, baton, pool);

    if (prob != NULL && prob->code == QW_E_CONFLICT)
        prob = qw_store_write(store, fn, baton, pool);
    return prob;
}

qw_problem_t *qw_store_read(qw_store_t *store, qw_tx_fn fn, void *baton,
                            apr_pool_t *pool)
{
    tx_t tx = make(store, fn, baton, 0);

    return run(&tx, pool);
}
