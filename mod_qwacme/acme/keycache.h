/* keycache.h -- account keys that were decoded lately, by thumbprint: saves
 * making an EVP_PKEY for each request. Threads: locks itself. */
#ifndef QW_ACME_KEYCACHE_H
#define QW_ACME_KEYCACHE_H

#include "jose/jwk.h"
#include "model/account.h"

typedef struct qw_keycache_t qw_keycache_t;

qw_problem_t *qw_keycache_make(qw_keycache_t **cache,
                               apr_pool_t *pool) QW_MUST_CHECK;

/* *KEY of ACCOUNT in POOL, from the cache or decoded and kept. */
qw_problem_t *qw_keycache_get(qw_jwk_t **key, qw_keycache_t *cache,
                              const qw_account_t *account,
                              apr_pool_t *pool) QW_MUST_CHECK;

#endif
