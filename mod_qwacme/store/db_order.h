/* db_order.h -- orders, authorizations, challenges. Results live in POOL.
 * Threads: as qw_db_t. */
#ifndef QW_STORE_DB_ORDER_H
#define QW_STORE_DB_ORDER_H

#include "model/order.h"
#include "store/store.h"

/* ORDER and its links to the authorizations AUTHZ_IDS (const char *), in their
 * order. CONFLICT if another order replaces the same certificate and has neither
 * failed nor expired. */
qw_problem_t *qw_order_insert(qw_db_t *db, const qw_order_t *order,
                              const apr_array_header_t *authz_ids,
                              apr_pool_t *pool) QW_MUST_CHECK;
/* NOT_FOUND if there is none, or it is of another account or authority: the
 * client must not learn the difference. ACCOUNT_ID NULL: of any (signer). */
qw_problem_t *qw_order_get(qw_order_t **order, qw_db_t *db,
                           const char *authority, const char *account_id,
                           const char *id, apr_pool_t *pool) QW_MUST_CHECK;
/* *IDS: of const char *, as inserted. */
qw_problem_t *qw_order_authz_ids(apr_array_header_t **ids, qw_db_t *db,
                                 const char *order_id,
                                 apr_pool_t *pool) QW_MUST_CHECK;
/* Up to LIMIT orders (qw_order_t *, id, created, status and expires only) of an
 * account by (created, id), after that of AFTER_ID (NULL: from the start).
 * Stable while orders are added. RFC8555-7.1.2.1 */
qw_problem_t *qw_order_page(apr_array_header_t **orders, qw_db_t *db,
                            const char *account_id, const char *after_id,
                            int limit, apr_pool_t *pool) QW_MUST_CHECK;
/* *ORDERS: of qw_order_t *, the newest LIMIT of an external account, newest
 * first. */
qw_problem_t *qw_order_latest(apr_array_header_t **orders, qw_db_t *db,
                              const char *external_id, int limit,
                              apr_pool_t *pool) QW_MUST_CHECK;
/* A pending or ready order with LIKE's account_id, names and profile, not
 * created before LIKE's, that expires after AFTER; *ORDER NULL if there is
 * none. */
qw_problem_t *qw_order_find_open(qw_order_t **order, qw_db_t *db,
                                 const qw_order_t *like, apr_time_t after,
                                 apr_pool_t *pool) QW_MUST_CHECK;
/* CONFLICT unless it was in FROM. ERROR: problem document or NULL (kept as it
 * was). */
qw_problem_t *qw_order_move(qw_db_t *db, const char *id, qw_state_e from,
                            qw_state_e to, const char *error,
                            apr_pool_t *pool) QW_MUST_CHECK;
/* ready -> processing with the CSR (base64url). CONFLICT unless ready. */
qw_problem_t *qw_order_begin(qw_db_t *db, const char *id, const char *csr,
                             apr_pool_t *pool) QW_MUST_CHECK;
/* processing -> valid. CONFLICT unless processing. */
qw_problem_t *qw_order_finish(qw_db_t *db, const char *id,
                              const char *certificate_id,
                              apr_pool_t *pool) QW_MUST_CHECK;
/* Lock the orders of an authorization (PostgreSQL row locks), so that two
 * results at once see each other. Call before changing the authorization. */
qw_problem_t *qw_orders_lock(qw_db_t *db, const char *authz_id,
                             apr_pool_t *pool) QW_MUST_CHECK;
/* Those pending orders of AUTHZ_ID whose authorizations are all valid become
 * ready. */
qw_problem_t *qw_orders_settle(qw_db_t *db, const char *authz_id,
                               apr_pool_t *pool) QW_MUST_CHECK;
/* Those pending or ready orders of AUTHZ_ID become invalid with ERROR. */
qw_problem_t *qw_orders_fail(qw_db_t *db, const char *authz_id,
                             const char *error, apr_pool_t *pool) QW_MUST_CHECK;
/* Pending and ready orders, and pending authorizations with their challenges,
 * of a deactivated account: invalid, deactivated. RFC8555-7.3.6 */
qw_problem_t *qw_orders_of_account_end(qw_db_t *db, const char *account_id,
                                       const char *error,
                                       apr_pool_t *pool) QW_MUST_CHECK;
/* Up to LIMIT pending or ready orders past their time become invalid, and
 * pending or valid authorizations past theirs expired. *N: how many. */
qw_problem_t *qw_orders_expire(int *n, qw_db_t *db, apr_time_t now, int limit,
                               apr_pool_t *pool) QW_MUST_CHECK;
/* Orders (qw_order_t *) that are processing without a live attempt: the signer
 * died before it wrote one. For reconcile. */
qw_problem_t *qw_order_stranded(apr_array_header_t **orders, qw_db_t *db,
                                const char *authority,
                                apr_pool_t *pool) QW_MUST_CHECK;

qw_problem_t *qw_authz_insert(qw_db_t *db, const qw_authz_t *authz,
                              apr_pool_t *pool) QW_MUST_CHECK;
/* NOT_FOUND as for orders. */
qw_problem_t *qw_authz_get(qw_authz_t **authz, qw_db_t *db,
                           const char *authority, const char *account_id,
                           const char *id, apr_pool_t *pool) QW_MUST_CHECK;
/* Of one order, as linked: qw_authz_t *. */
qw_problem_t *qw_authz_of_order(apr_array_header_t **authzs, qw_db_t *db,
                                const char *order_id,
                                apr_pool_t *pool) QW_MUST_CHECK;
/* The newest of LIKE's account for its name and wildcard in its status, not
 * created before LIKE's, that expires after AFTER; if valid, validated after
 * SINCE. *AUTHZ NULL if there is none. */
qw_problem_t *qw_authz_find(qw_authz_t **authz, qw_db_t *db,
                            const qw_authz_t *like, apr_time_t after,
                            apr_time_t since, apr_pool_t *pool) QW_MUST_CHECK;
/* CONFLICT unless it was in FROM. */
qw_problem_t *qw_authz_move(qw_db_t *db, const char *id, qw_state_e from,
                            qw_state_e to, apr_pool_t *pool) QW_MUST_CHECK;
/* pending -> valid with METHOD, VALIDATED_AT (of CAA too) and EXPIRES. CONFLICT
 * else. */
qw_problem_t *qw_authz_prove(qw_db_t *db, const qw_authz_t *authz,
                             apr_pool_t *pool) QW_MUST_CHECK;
/* CAA_AT of a valid authorization. CONFLICT if it is not valid any more. */
qw_problem_t *qw_authz_caa(qw_db_t *db, const qw_authz_t *authz,
                           apr_pool_t *pool) QW_MUST_CHECK;
/* *ALL: 1 if the account has a valid, unexpired authorization for each of NAMES
 * (const char *, "*." for a wildcard one). RFC8555-7.6 */
qw_problem_t *qw_authz_has_all(int *all, qw_db_t *db, const char *account_id,
                               const apr_array_header_t *names, apr_time_t now,
                               apr_pool_t *pool) QW_MUST_CHECK;

qw_problem_t *qw_challenge_insert(qw_db_t *db, const qw_challenge_t *challenge,
                                  apr_pool_t *pool) QW_MUST_CHECK;
/* *CHALLENGE and the *AUTHZ it belongs to. NOT_FOUND as for orders; ACCOUNT_ID
 * and AUTHORITY NULL: of any (worker). */
qw_problem_t *qw_challenge_get(qw_challenge_t **challenge, qw_authz_t **authz,
                               qw_db_t *db, const char *authority,
                               const char *account_id, const char *id,
                               apr_pool_t *pool) QW_MUST_CHECK;
/* Of one authorization: qw_challenge_t *, in the order inserted. */
qw_problem_t *qw_challenge_list(apr_array_header_t **list, qw_db_t *db,
                                const char *authz_id,
                                apr_pool_t *pool) QW_MUST_CHECK;
/* The same for people to look at: their tokens are empty. */
qw_problem_t *qw_challenge_show(apr_array_header_t **list, qw_db_t *db,
                                const char *authz_id,
                                apr_pool_t *pool) QW_MUST_CHECK;
/* pending -> processing, if its authorization is pending and no challenge of it
 * is processing. CONFLICT else. */
qw_problem_t *qw_challenge_begin(qw_db_t *db, const char *id,
                                 apr_pool_t *pool) QW_MUST_CHECK;
/* processing -> valid or invalid with validated_at, error and evidence of
 * CHALLENGE. CONFLICT if it is not processing any more. */
qw_problem_t *qw_challenge_finish(qw_db_t *db, const qw_challenge_t *challenge,
                                  apr_pool_t *pool) QW_MUST_CHECK;
/* processing -> pending with evidence: nothing was learnt about the name. */
qw_problem_t *qw_challenge_again(qw_db_t *db, const qw_challenge_t *challenge,
                                 apr_pool_t *pool) QW_MUST_CHECK;

#endif
