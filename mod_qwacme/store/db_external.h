/* db_external.h -- external accounts, domain lists, binding keys.
 * Results live in POOL. NOT_FOUND and CONFLICT as each function says; any other
 * problem means storage failed. Threads: as qw_db_t. */
#ifndef QW_STORE_DB_EXTERNAL_H
#define QW_STORE_DB_EXTERNAL_H

#include "model/account.h"
#include "store/store.h"

/* CONFLICT if (authority, name) is taken. */
qw_problem_t *qw_external_insert(qw_db_t *db, const qw_external_t *external,
                                 apr_pool_t *pool) QW_MUST_CHECK;
qw_problem_t *qw_external_get(qw_external_t **external, qw_db_t *db,
                              const char *authority, const char *id,
                              apr_pool_t *pool) QW_MUST_CHECK;
/* By its name, for the command line. */
qw_problem_t *qw_external_by_name(qw_external_t **external, qw_db_t *db,
                                  const char *authority, const char *name,
                                  apr_pool_t *pool) QW_MUST_CHECK;
/* *LIST: of qw_external_t *, by name. */
qw_problem_t *qw_external_list(apr_array_header_t **list, qw_db_t *db,
                               const char *authority,
                               apr_pool_t *pool) QW_MUST_CHECK;
/* Until the transaction ends, what may be done under account ID stays what it is:
 * who takes something from it waits. Before it is read. Many may keep it. */
qw_problem_t *qw_external_keep(qw_db_t *db, const char *id,
                               apr_pool_t *pool) QW_MUST_CHECK;
/* Until the transaction ends, nobody else keeps or claims account ID: it waits
 * for those who do. Before anything is taken from the account. */
qw_problem_t *qw_external_claim(qw_db_t *db, const char *id,
                                apr_pool_t *pool) QW_MUST_CHECK;
/* CONFLICT unless it was in FROM. */
qw_problem_t *qw_external_move(qw_db_t *db, const char *id, qw_state_e from,
                               qw_state_e to, const char *reason,
                               apr_pool_t *pool) QW_MUST_CHECK;
/* CONFLICT unless it was active. AT, of the authority, is when the suspension
 * began; that does not go back. */
qw_problem_t *qw_external_suspend(qw_db_t *db, const char *id, apr_time_t at,
                                  const char *reason,
                                  apr_pool_t *pool) QW_MUST_CHECK;
/* New identity, verification and version (old + 1) of EXTERNAL->id. CONFLICT
 * unless identity_version is still EXTERNAL->identity_version. */
qw_problem_t *qw_external_set_identity(qw_db_t *db,
                                       const qw_external_t *external,
                                       apr_pool_t *pool) QW_MUST_CHECK;
qw_problem_t *qw_external_set_terms(qw_db_t *db, const char *id,
                                    const char *version, apr_time_t at,
                                    apr_pool_t *pool) QW_MUST_CHECK;
qw_problem_t *qw_external_set_expires(qw_db_t *db, const char *id,
                                      apr_time_t expires,
                                      apr_pool_t *pool) QW_MUST_CHECK;

/* CONFLICT if the same name is in force in that list. */
qw_problem_t *qw_domain_insert(qw_db_t *db, const qw_domain_t *domain,
                               apr_pool_t *pool) QW_MUST_CHECK;
/* The entry in force for exactly NAME; *DOMAIN NULL if there is none. */
qw_problem_t *qw_domain_find(qw_domain_t **domain, qw_db_t *db,
                             const char *external_id, const char *name,
                             apr_pool_t *pool) QW_MUST_CHECK;
/* *ACCOUNT: the name of another external account of AUTHORITY, not a closed one,
 * whose list has exactly NAME in force; NULL if there is none. */
qw_problem_t *qw_domain_elsewhere(const char **account, qw_db_t *db,
                                  const char *authority, const char *name,
                                  const char *external_id,
                                  apr_pool_t *pool) QW_MUST_CHECK;
/* *LIST: of qw_domain_t *, by name; removed ones too if ALL. */
qw_problem_t *qw_domain_list(apr_array_header_t **list, qw_db_t *db,
                             const char *external_id, int all,
                             apr_pool_t *pool) QW_MUST_CHECK;
/* NOT_FOUND if no entry for NAME is in force. */
qw_problem_t *qw_domain_remove(qw_db_t *db, const char *external_id,
                               const char *name, const char *by, apr_time_t at,
                               apr_pool_t *pool) QW_MUST_CHECK;

qw_problem_t *qw_binding_insert(qw_db_t *db, const qw_binding_t *binding,
                                apr_pool_t *pool) QW_MUST_CHECK;
/* NOT_FOUND if AUTHORITY has no such KeyID. */
qw_problem_t *qw_binding_get(qw_binding_t **binding, qw_db_t *db,
                             const char *authority, const char *id,
                             apr_pool_t *pool) QW_MUST_CHECK;
/* *LIST: of qw_binding_t *, oldest first. */
qw_problem_t *qw_binding_list(apr_array_header_t **list, qw_db_t *db,
                              const char *external_id,
                              apr_pool_t *pool) QW_MUST_CHECK;
/* One use more. CONFLICT unless active, unexpired at NOW and with uses left. */
qw_problem_t *qw_binding_consume(qw_db_t *db, const char *id, apr_time_t now,
                                 apr_pool_t *pool) QW_MUST_CHECK;
/* CONFLICT if there is none such. */
qw_problem_t *qw_binding_set_label(qw_db_t *db, const char *id,
                                   const char *label,
                                   apr_pool_t *pool) QW_MUST_CHECK;
/* CONFLICT unless it expired later. */
qw_problem_t *qw_binding_set_expires(qw_db_t *db, const char *id,
                                     apr_time_t expires,
                                     apr_pool_t *pool) QW_MUST_CHECK;
/* CONFLICT unless it was in FROM. */
qw_problem_t *qw_binding_revoke(qw_db_t *db, const char *id, qw_state_e from,
                                apr_pool_t *pool) QW_MUST_CHECK;
/* CONFLICT unless it was active, or suspended. AT as of qw_external_suspend(). */
qw_problem_t *qw_binding_suspend(qw_db_t *db, const char *id, apr_time_t at,
                                 apr_pool_t *pool) QW_MUST_CHECK;
qw_problem_t *qw_binding_resume(qw_db_t *db, const char *id,
                                apr_pool_t *pool) QW_MUST_CHECK;
/* One wrong MAC more; a window older than WINDOW before NOW starts anew. */
qw_problem_t *qw_binding_mac_failed(qw_db_t *db, const char *id, apr_time_t now,
                                    apr_interval_time_t window,
                                    apr_pool_t *pool) QW_MUST_CHECK;
/* Replace the sealed form, for `qwacmectl seal-key rotate`. CONFLICT unless it
 * was OLD. */
qw_problem_t *qw_binding_reseal(qw_db_t *db, const char *id, const char *old,
                                const char *sealed,
                                apr_pool_t *pool) QW_MUST_CHECK;

#endif
