/* db_key.h -- blocked keys, and who uses a key. Results live in POOL.
 * Threads: as qw_db_t. */
#ifndef QW_STORE_DB_KEY_H
#define QW_STORE_DB_KEY_H

#include "model/account.h"
#include "store/store.h"

/* Block KEY for good. No harm if it is there. */
qw_problem_t *qw_blocked_key_insert(qw_db_t *db, const qw_blocked_key_t *key,
                                    apr_pool_t *pool) QW_MUST_CHECK;
qw_problem_t *qw_blocked_key_has(int *has, qw_db_t *db, const char *spki_hash,
                                 apr_pool_t *pool) QW_MUST_CHECK;
/* Until the transaction ends, nobody else blocks that key, or ends a certificate
 * for it. Before either. */
qw_problem_t *qw_blocked_key_lock(qw_db_t *db, const char *spki_hash,
                                  apr_pool_t *pool) QW_MUST_CHECK;
/* *LIST: of qw_blocked_key_t * up to BEFORE, newest first, at most LIMIT. */
qw_problem_t *qw_blocked_key_list(apr_array_header_t **list, qw_db_t *db,
                                  apr_time_t before, int limit,
                                  apr_pool_t *pool) QW_MUST_CHECK;

/* *USED: 1 if a certificate of any authority has that key. */
qw_problem_t *qw_certificate_key_used(int *used, qw_db_t *db,
                                      const char *spki_hash,
                                      apr_pool_t *pool) QW_MUST_CHECK;
/* *USED: 1 if a certificate of AUTHORITY for another external account than
 * EXTERNAL_ID has that key. */
qw_problem_t *qw_certificate_key_of_others(int *used, qw_db_t *db,
                                           const char *spki_hash,
                                           const char *authority,
                                           const char *external_id,
                                           apr_pool_t *pool) QW_MUST_CHECK;

#endif
