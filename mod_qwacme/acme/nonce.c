#include "acme/nonce.h"

#include "base/b64.h"
#include "base/own.h"
#include "base/world.h"
#include "store/db_job.h"

#include <apr_strings.h>
#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>

#include <string.h>

enum {
    WINDOW = 1 << 20, /* nonces that can be outstanding */
    MARGIN = 1 << 16, /* never reused while a thread looks at one */
    WORD = 64,
    NODE_BYTES = 8,
    TIME_BYTES = 4,
    COUNT_BYTES = 8,
    MAC_BYTES = 16,
    BODY_BYTES = NODE_BYTES + TIME_BYTES + COUNT_BYTES,
    NONCE_BYTES = BODY_BYTES + MAC_BYTES,
    NONCE_CHARS = (NONCE_BYTES * 4 + 2) / 3
};

/* How long a node may rely on having been alone when it last looked; how long
 * it takes until every other node knows of it. */
#define TRUST (3 * QW_NODE_HEARTBEAT)
/* A node that has not been heard of for so long may be thought dead. */
#define LATE (2 * QW_NODE_HEARTBEAT)

struct qw_nonce_window_t {
    unsigned char node[NODE_BYTES];
    apr_uint64_t next; /* counter of the next nonce */
    apr_time_t started;
    apr_time_t alone_until; /* no other node can have taken one of ours */
    apr_time_t joined;      /* since when the others can see us; 0: not yet */
    apr_time_t beat;        /* last heartbeat */
    apr_uint64_t spent[WINDOW / WORD];
};

struct qw_nonces_t {
    qw_nonce_window_t *window;
    const qw_authority_t *authority;
    qw_store_t *store;
    unsigned char *key; /* 32 bytes */
    EVP_MAC *mac;
};

apr_size_t qw_nonce_window_size(void)
{
    return sizeof(qw_nonce_window_t);
}

qw_problem_t *qw_nonce_window_init(void *memory, apr_pool_t *pool)
{
    qw_nonce_window_t *w = memory;

    QW_TRY(qw_random(w->node, sizeof(w->node), pool));
    w->started = qw_world()->now();
    w->next = MARGIN;
    return NULL;
}

const char *qw_nonce_node(const qw_nonce_window_t *window, apr_pool_t *pool)
{
    return qw_b64url_encode(window->node, NODE_BYTES, pool);
}

static apr_status_t free_mac(void *mac)
{
    EVP_MAC_free(mac);
    return APR_SUCCESS;
}

qw_problem_t *qw_nonces_make(qw_nonces_t **nonces, qw_nonce_window_t *window,
                             const qw_authority_t *authority,
                             const qw_seal_ring_t *ring, qw_store_t *store,
                             apr_pool_t *pool)
{
    qw_nonces_t *n = apr_pcalloc(pool, sizeof(*n));

    n->window = window;
    n->authority = authority;
    n->store = store;
    n->key = qw_own_secret(pool, 32);
    QW_TRY(qw_seal_derive(n->key, ring,
                          apr_pstrcat(pool, "nonce ", authority->name, NULL),
                          pool));
    n->mac = EVP_MAC_fetch(NULL, "HMAC", NULL);
    if (n->mac == NULL)
        return QW_FAIL_BECAUSE(pool, SERVER_INTERNAL, qw_openssl_reasons(pool),
                               "no HMAC");
    apr_pool_cleanup_register(pool, n->mac, free_mac, apr_pool_cleanup_null);
    *nonces = n;
    return NULL;
}

static int add_mac(unsigned char out[MAC_BYTES], const qw_nonces_t *n,
                   const unsigned char *body)
{
    OSSL_PARAM params[] = {
        OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST,
                                         (char *)"SHA256", 0),
        OSSL_PARAM_construct_end(),
    };
    EVP_MAC_CTX *ctx = EVP_MAC_CTX_new(n->mac);
    unsigned char whole[32];
    size_t len = 0;
    int good = ctx != NULL && EVP_MAC_init(ctx, n->key, 32, params) == 1
               && EVP_MAC_update(ctx, body, BODY_BYTES) == 1
               && EVP_MAC_final(ctx, whole, &len, sizeof(whole)) == 1;

    EVP_MAC_CTX_free(ctx);
    memcpy(out, whole, MAC_BYTES);
    return good;
}

static void put(unsigned char *out, apr_uint64_t value, int bytes)
{
    while (bytes-- > 0) {
        out[bytes] = (unsigned char)value;
        value >>= 8;
    }
}

static apr_uint64_t take(const unsigned char *in, int bytes)
{
    apr_uint64_t value = 0;

    while (bytes-- > 0)
        value = value << 8 | *in++;
    return value;
}

/* Slot of counter C, cleared when C is given out: what was there left the
 * window long before. */
static apr_uint64_t bit_of(apr_uint64_t c)
{
    return APR_UINT64_C(1) << (c % WORD);
}

static apr_uint64_t *word_of(qw_nonce_window_t *w, apr_uint64_t c)
{
    return &w->spent[c % WINDOW / WORD];
}

qw_problem_t *qw_nonce_make(const char **nonce, qw_nonces_t *n,
                            apr_pool_t *pool)
{
    unsigned char bytes[NONCE_BYTES];
    apr_uint64_t c = __atomic_fetch_add(&n->window->next, 1, __ATOMIC_SEQ_CST);

    /* ahead of the counter, so that a slot is clean before it can be used */
    __atomic_fetch_and(word_of(n->window, c + MARGIN), ~bit_of(c + MARGIN),
                       __ATOMIC_SEQ_CST);
    memcpy(bytes, n->window->node, NODE_BYTES);
    put(bytes + NODE_BYTES,
        (apr_uint64_t)apr_time_sec(qw_authority_now(n->authority)), TIME_BYTES);
    put(bytes + NODE_BYTES + TIME_BYTES, c, COUNT_BYTES);
    if (!add_mac(bytes + BODY_BYTES, n, bytes))
        return QW_FAIL_BECAUSE(pool, UNAVAILABLE, qw_openssl_reasons(pool),
                               "no nonce can be made; try again later");
    *nonce = qw_b64url_encode(bytes, sizeof(bytes), pool);
    return NULL;
}

static qw_problem_t *bad(apr_pool_t *pool)
{
    return QW_FAIL(pool, BAD_NONCE,
                   "the nonce is unknown, too old, or was used; use the fresh "
                   "one");
}

static int cross_off(qw_nonce_window_t *w, apr_uint64_t c)
{
    apr_uint64_t next = __atomic_load_n(&w->next, __ATOMIC_SEQ_CST);

    if (c >= next || next - c > WINDOW - 2 * MARGIN)
        return 0;
    return !(__atomic_fetch_or(word_of(w, c), bit_of(c), __ATOMIC_SEQ_CST)
             & bit_of(c));
}

typedef struct {
    const char *nonce;
    apr_time_t expires;
} spend_t;

static qw_problem_t *spend(qw_db_t *db, void *baton, apr_pool_t *pool)
{
    const spend_t *s = baton;

    return qw_nonce_spend(db, s->nonce, s->expires, pool);
}

static qw_problem_t *spend_for_all(qw_nonces_t *n, const char *nonce,
                                   apr_time_t now, apr_pool_t *pool)
{
    spend_t s = { nonce, now + 2 * n->authority->nonce_lifetime };
    qw_problem_t *prob = qw_store_write(n->store, spend, &s, pool);

    return prob != NULL && prob->code == QW_E_CONFLICT ? bad(pool) : prob;
}

/* A nonce of another node counts only if it was made when every node had heard
 * of us: before, its maker may have taken it without asking anyone. */
static int may_take_foreign(const qw_nonces_t *n, apr_time_t made,
                            apr_time_t now)
{
    const qw_nonce_window_t *w = n->window;
    apr_time_t joined = __atomic_load_n(&w->joined, __ATOMIC_SEQ_CST);
    apr_time_t beat = __atomic_load_n(&w->beat, __ATOMIC_SEQ_CST);

    return joined != 0 && made > joined + TRUST && now < beat + LATE;
}

static qw_problem_t *use(apr_uint64_t *counter, qw_nonces_t *n,
                         const char *nonce, apr_pool_t *pool)
{
    apr_time_t now = qw_world()->now(), mine = qw_authority_now(n->authority);
    unsigned char mac[MAC_BYTES];
    apr_time_t made;
    qw_bytes_t b;

    if (strlen(nonce) != NONCE_CHARS || !qw_b64url_decode(&b, nonce, pool)
        || b.len != NONCE_BYTES || !add_mac(mac, n, b.data)
        || CRYPTO_memcmp(mac, b.data + BODY_BYTES, MAC_BYTES) != 0)
        return bad(pool);
    made =
        apr_time_from_sec((apr_int64_t)take(b.data + NODE_BYTES, TIME_BYTES));
    if (made > mine || mine - made > n->authority->nonce_lifetime)
        return bad(pool);
    *counter = take(b.data + NODE_BYTES + TIME_BYTES, COUNT_BYTES);
    if (memcmp(b.data, n->window->node, NODE_BYTES) != 0)
        return may_take_foreign(n, made - (mine - now), now)
                   ? spend_for_all(n, nonce, now, pool)
                   : bad(pool);
    if (!cross_off(n->window, *counter))
        return bad(pool);
    if (now < __atomic_load_n(&n->window->alone_until, __ATOMIC_SEQ_CST))
        return NULL;
    return spend_for_all(n, nonce, now, pool);
}

/* Of any hundred nonces in a row so many as are asked for, evenly: a test knows
 * what to expect. */
static int is_for_test(const qw_nonces_t *n, apr_uint64_t counter)
{
    apr_uint64_t percent = (apr_uint64_t)n->authority->test_nonce_rejection;

    return n->authority->kind == QW_KIND_TEST
           && counter % 100 * percent % 100 < percent;
}

qw_problem_t *qw_nonce_use(qw_nonces_t *n, const char *nonce, apr_pool_t *pool)
{
    apr_uint64_t counter;

    QW_TRY(use(&counter, n, nonce, pool));
    return is_for_test(n, counter) ? bad(pool) : NULL;
}

typedef struct {
    const char *node;
    apr_time_t started, now;
    apr_int64_t others;
} beat_t;

static qw_problem_t *beat(qw_db_t *db, void *baton, apr_pool_t *pool)
{
    beat_t *b = baton;
    apr_time_t unused;

    QW_TRY(qw_node_seen(db, b->node, b->started, b->now, pool));
    return qw_node_others(&b->others, &unused, db, b->node, b->now - TRUST,
                          pool);
}

qw_problem_t *qw_nonce_heartbeat(qw_nonce_window_t *w, qw_store_t *store,
                                 apr_pool_t *pool)
{
    beat_t b = { qw_nonce_node(w, pool), w->started, qw_world()->now(), 0 };

    QW_TRY(qw_store_write(store, beat, &b, pool));
    if (w->joined == 0 || b.now > w->beat + LATE)
        __atomic_store_n(&w->joined, b.now, __ATOMIC_SEQ_CST);
    __atomic_store_n(&w->beat, b.now, __ATOMIC_SEQ_CST);
    __atomic_store_n(&w->alone_until, b.others == 0 ? b.now + TRUST : 0,
                     __ATOMIC_SEQ_CST);
    return NULL;
}
