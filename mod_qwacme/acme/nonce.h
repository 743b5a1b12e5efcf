/* nonce.h -- replay nonces, RFC 8555 section 6.5.
 *
 * Nonce = node id, time, counter, MAC under a key all nodes derive from the
 * seal key; base64url. A nonce of this node is crossed off in a sliding window
 * in shared memory. As soon as another node lives, every nonce is spent in the
 * database instead, and a node takes nonces of others only if they were made
 * after all nodes knew of it: so no nonce is ever taken twice, on whichever
 * nodes it is shown. Threads: any. */
#ifndef QW_ACME_NONCE_H
#define QW_ACME_NONCE_H

#include "model/authority.h"
#include "store/store.h"

/* The part in memory shared by all children of a node. */
typedef struct qw_nonce_window_t qw_nonce_window_t;

/* Bytes of shared memory it needs; make MEMORY (zeroed, aligned) into one with
 * a new random node id. Called once, before children are forked; survives a
 * graceful restart with its memory. */
apr_size_t qw_nonce_window_size(void);
qw_problem_t *qw_nonce_window_init(void *memory,
                                   apr_pool_t *pool) QW_MUST_CHECK;

/* Node id of it, text, in POOL. */
const char *qw_nonce_node(const qw_nonce_window_t *window, apr_pool_t *pool);

/* Nonces of one authority in this process. */
typedef struct qw_nonces_t qw_nonces_t;
qw_problem_t *qw_nonces_make(qw_nonces_t **nonces, qw_nonce_window_t *window,
                             const qw_authority_t *authority,
                             const qw_seal_ring_t *ring, qw_store_t *store,
                             apr_pool_t *pool) QW_MUST_CHECK;

/* *NONCE: a fresh one in POOL. UNAVAILABLE without randomness or clock. */
qw_problem_t *qw_nonce_make(const char **nonce, qw_nonces_t *nonces,
                            apr_pool_t *pool) QW_MUST_CHECK;

/* Spend NONCE. BAD_NONCE if it is not ours, too old or spent. */
qw_problem_t *qw_nonce_use(qw_nonces_t *nonces, const char *nonce,
                           apr_pool_t *pool) QW_MUST_CHECK;

/* Every QW_NODE_HEARTBEAT on each node: say that this node lives, learn whether
 * it is alone. A missed heartbeat makes it behave as if it were not. */
#define QW_NODE_HEARTBEAT (apr_time_from_sec(2))
qw_problem_t *qw_nonce_heartbeat(qw_nonce_window_t *window, qw_store_t *store,
                                 apr_pool_t *pool) QW_MUST_CHECK;

#endif
