/* db_account.h -- ACME accounts. Results live in POOL.
 * Threads: as qw_db_t. */
#ifndef QW_STORE_DB_ACCOUNT_H
#define QW_STORE_DB_ACCOUNT_H

#include "model/account.h"
#include "store/store.h"

/* CONFLICT if (authority, thumbprint) is taken. */
qw_problem_t *qw_account_insert(qw_db_t *db, const qw_account_t *account,
                                apr_pool_t *pool) QW_MUST_CHECK;
/* NOT_FOUND if AUTHORITY has none such. */
qw_problem_t *qw_account_get(qw_account_t **account, qw_db_t *db,
                             const char *authority, const char *id,
                             apr_pool_t *pool) QW_MUST_CHECK;
qw_problem_t *qw_account_by_thumbprint(qw_account_t **account, qw_db_t *db,
                                       const char *authority,
                                       const char *thumbprint,
                                       apr_pool_t *pool) QW_MUST_CHECK;
/* *USED: 1 if any account of any authority has that key. */
qw_problem_t *qw_account_key_used(int *used, qw_db_t *db,
                                  const char *thumbprint,
                                  apr_pool_t *pool) QW_MUST_CHECK;
/* *LIST: of qw_account_t *, of every authority, with that key. */
qw_problem_t *qw_account_list_by_key(apr_array_header_t **list, qw_db_t *db,
                                     const char *thumbprint,
                                     apr_pool_t *pool) QW_MUST_CHECK;
/* *LIST: of qw_account_t *, oldest first; of one external account, or of the
 * authority if EXTERNAL_ID is NULL. */
qw_problem_t *qw_account_list(apr_array_header_t **list, qw_db_t *db,
                              const char *authority, const char *external_id,
                              apr_pool_t *pool) QW_MUST_CHECK;
qw_problem_t *qw_account_set_contacts(qw_db_t *db, const char *id,
                                      const char *contacts,
                                      apr_pool_t *pool) QW_MUST_CHECK;
qw_problem_t *qw_account_set_terms(qw_db_t *db, const char *id,
                                   const char *version, apr_time_t at,
                                   apr_pool_t *pool) QW_MUST_CHECK;
/* CONFLICT unless it was in FROM. */
qw_problem_t *qw_account_move(qw_db_t *db, const char *id, qw_state_e from,
                              qw_state_e to, apr_pool_t *pool) QW_MUST_CHECK;
/* CONFLICT if it was suspended, or was not. AT, of the authority, is when its
 * suspension began; that does not go back. */
qw_problem_t *qw_account_suspend(qw_db_t *db, const char *id, apr_time_t at,
                                 apr_pool_t *pool) QW_MUST_CHECK;
qw_problem_t *qw_account_resume(qw_db_t *db, const char *id,
                                apr_pool_t *pool) QW_MUST_CHECK;
/* New key of ACCOUNT->id (jwk, thumbprint), whose old one had OLD_THUMBPRINT.
 * CONFLICT if that is not its key any more, or the new one is taken. */
qw_problem_t *qw_account_set_key(qw_db_t *db, const qw_account_t *account,
                                 const char *old_thumbprint,
                                 apr_pool_t *pool) QW_MUST_CHECK;

#endif
