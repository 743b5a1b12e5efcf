#include "audit/sealer.h"

#include "audit/chain.h"
#include "base/b64.h"
#include "base/world.h"
#include "net/post_json.h"
#include "x509/timestamp.h"

#include <apr_strings.h>

#include <string.h>

enum { BATCH = 500, REPLY_MOST = 65536 };

#define TIMESTAMP_WAIT (apr_time_from_sec(10))

qw_problem_t *qw_sealer_make(qw_sealer_t **sealer, const qw_conf_t *conf,
                             apr_pool_t *pool)
{
    qw_sealer_t *made = apr_pcalloc(pool, sizeof(*made));
    qw_cms_signer_t *signer;

    if (conf->audit_key != NULL) {
        QW_TRY(qw_cms_signer_load(&signer, conf->audit_cert, conf->audit_key,
                                  conf->audit_pin, pool));
        made->signer = signer;
    }
    made->timestamp_url = conf->timestamp_url;
    made->timestamp_roots = conf->timestamp_roots != NULL
                                ? conf->timestamp_roots
                                : QW_TIMESTAMP_SYSTEM;
    *sealer = made;
    return NULL;
}

/* ---- places ---- */

typedef struct {
    int waits;
    int sealed; /* in this transaction */
    qw_seal_entry_t *tail;
    qw_checkpoint_t *newest;
} state_t;

static qw_problem_t *look(qw_db_t *db, void *baton, apr_pool_t *pool)
{
    state_t *s = baton;

    QW_TRY(qw_seal_waits(&s->waits, db, pool));
    QW_TRY(qw_seal_tail(&s->tail, db, pool));
    return qw_checkpoint_newest(&s->newest, db, pool);
}

static qw_problem_t *seal_batch(qw_db_t *db, void *baton, apr_pool_t *pool)
{
    state_t *s = baton;
    qw_seal_entry_t entry = { 0, NULL, qw_chain_start, NULL };
    apr_array_header_t *events;

    QW_TRY(qw_seal_lock(db, pool));
    QW_TRY(qw_seal_tail(&s->tail, db, pool));
    if (s->tail != NULL) {
        entry.seq = s->tail->seq;
        entry.hash = s->tail->hash;
    }
    QW_TRY(qw_seal_take(&events, db, BATCH, pool));
    for (int i = 0; i < events->nelts; i++) {
        entry.event = APR_ARRAY_IDX(events, i, qw_event_t *);
        entry.event_id = entry.event->id;
        entry.seq++;
        entry.hash =
            qw_chain_link(entry.hash, entry.seq,
                          qw_chain_digest(qw_chain_event(entry.event, pool),
                                          pool),
                          pool);
        QW_TRY(qw_seal_put(db, &entry, pool));
    }
    s->sealed = events->nelts;
    return NULL;
}

static qw_problem_t *seal_all(int *n, state_t *s, qw_store_t *store,
                              apr_pool_t *pool)
{
    apr_pool_t *round;
    qw_problem_t *prob = NULL;

    *n = 0;
    s->sealed = BATCH;
    while (s->sealed == BATCH && prob == NULL) {
        apr_pool_create(&round, pool);
        prob = qw_store_write(store, seal_batch, s, round);
        if (prob == NULL) {
            *n += s->sealed;
            apr_pool_destroy(round);
        }
    }
    return prob;
}

/* ---- checkpoints ---- */

/* CONFLICT if another sealer was first: checkpoints are a chain too. */
static qw_problem_t *keep_checkpoint(qw_db_t *db, void *baton, apr_pool_t *pool)
{
    const qw_checkpoint_t *c = baton;
    qw_checkpoint_t *newest;

    QW_TRY(qw_seal_lock(db, pool));
    QW_TRY(qw_checkpoint_newest(&newest, db, pool));
    if ((newest != NULL ? newest->seq : 0) != c->previous)
        return QW_FAIL(pool, CONFLICT, "there is a newer checkpoint");
    return qw_checkpoint_insert(db, c, pool);
}

static qw_problem_t *sign_checkpoint(const qw_sealer_t *sealer,
                                     const state_t *s, qw_store_t *store,
                                     apr_pool_t *pool)
{
    qw_checkpoint_t c = { 0 };
    qw_bytes_t text, signature;

    c.seq = s->tail->seq;
    c.hash = s->tail->hash;
    c.previous = s->newest != NULL ? s->newest->seq : 0;
    c.at = qw_world()->now();
    text = qw_chain_bytes(qw_chain_checkpoint(&c, pool), pool);
    QW_TRY(qw_cms_sign(&signature, sealer->signer, &text, 0, pool));
    c.signature = qw_b64url_encode(signature.data, signature.len, pool);
    return qw_problem_unless(qw_store_write(store, keep_checkpoint, &c, pool),
                             QW_E_CONFLICT);
}

qw_problem_t *qw_audit_seal(int *n, const qw_sealer_t *sealer,
                            qw_store_t *store, apr_pool_t *pool)
{
    state_t s = { 0 };

    *n = 0;
    QW_TRY(qw_store_read(store, look, &s, pool));
    if (s.waits) {
        QW_TRY(seal_all(n, &s, store, pool));
        QW_TRY(qw_store_read(store, look, &s, pool));
    }
    if (sealer->signer == NULL || s.tail == NULL
        || (s.newest != NULL && s.newest->seq >= s.tail->seq))
        return NULL;
    return sign_checkpoint(sealer, &s, store, pool);
}

/* ---- timestamps ---- */

static qw_problem_t *keep_timestamp(qw_db_t *db, void *baton, apr_pool_t *pool)
{
    const qw_checkpoint_t *c = baton;

    return qw_checkpoint_stamp(db, c->seq, c->timestamp, pool);
}

/* RFC3161-3.4 */
static qw_problem_t *ask(qw_bytes_t *token, const qw_sealer_t *sealer,
                         const qw_bytes_t *signature, apr_pool_t *pool)
{
    qw_post_how_t how = { .type = "application/timestamp-query",
                          .max_reply = REPLY_MOST,
                          .deadline = qw_world()->now() + TIMESTAMP_WAIT };
    qw_post_t post = { .url = sealer->timestamp_url };
    qw_bytes_t query;

    QW_TRY(qw_timestamp_query(&query, signature, pool));
    post.body = (const char *)query.data;
    post.body_len = query.len;
    QW_TRY(qw_post_json(&post, 1, &how, pool));
    if (post.failure != NULL)
        return QW_FAIL(pool, UNAVAILABLE, "QwacmeTimestampURL: '%s': %s",
                       sealer->timestamp_url, post.failure);
    return qw_timestamp_answer(token, &post.reply, &query,
                               sealer->timestamp_roots, pool);
}

qw_problem_t *qw_audit_timestamp(const qw_sealer_t *sealer, qw_store_t *store,
                                 apr_pool_t *pool)
{
    state_t s = { 0 };
    qw_bytes_t signature, token;

    if (sealer->timestamp_url == NULL)
        return NULL;
    QW_TRY(qw_store_read(store, look, &s, pool));
    if (s.newest == NULL || s.newest->timestamp != NULL)
        return NULL;
    if (!qw_b64url_decode(&signature, s.newest->signature, pool))
        return QW_FAIL(pool, SERVER_INTERNAL,
                       "the signature of checkpoint %" APR_INT64_T_FMT
                       " is damaged; run qwacmectl audit verify",
                       s.newest->seq);
    QW_TRY(ask(&token, sealer, &signature, pool));
    s.newest->timestamp = qw_b64url_encode(token.data, token.len, pool);
    return qw_problem_unless(qw_store_write(store, keep_timestamp, s.newest,
                                            pool),
                             QW_E_CONFLICT);
}
