/* db_person.h -- people, their authenticators, invitations, sessions and signed
 * actions. Results live in POOL. NOT_FOUND and CONFLICT as each function says;
 * any other problem means storage failed. Threads: as qw_db_t. */
#ifndef QW_STORE_DB_PERSON_H
#define QW_STORE_DB_PERSON_H

#include "model/account.h"
#include "model/person.h"
#include "store/store.h"

/* ---- people (db_person.c) -------------------------------------------------- */

/* Invited. CONFLICT if PERSON->authority has one of that name key. */
qw_problem_t *qw_person_insert(qw_db_t *db, const qw_person_t *person,
                               apr_pool_t *pool) QW_MUST_CHECK;
/* NOT_FOUND. */
qw_problem_t *qw_person_get(qw_person_t **person, qw_db_t *db, const char *id,
                            apr_pool_t *pool) QW_MUST_CHECK;
/* The one with NAME_KEY, not removed, who acts in AUTHORITY; *PERSON NULL if
 * there is none. */
qw_problem_t *qw_person_find(qw_person_t **person, qw_db_t *db,
                             const char *name_key, const char *authority,
                             apr_pool_t *pool) QW_MUST_CHECK;
/* *KNOWN: 1 if there is one with NAME_KEY, not removed, anywhere. */
qw_problem_t *qw_person_elsewhere(int *known, qw_db_t *db, const char *name_key,
                                  apr_pool_t *pool) QW_MUST_CHECK;
/* *KNOWN: 1 if one of ROLE, not removed, who acts where PERSON does, has the same mail
 * address or user name; ASCII case does not count. */
qw_problem_t *qw_person_other_role(int *known, qw_db_t *db, const char *role,
                                   const qw_person_t *person,
                                   apr_pool_t *pool) QW_MUST_CHECK;
/* *LIST: of qw_person_t *, those of ROLE in AUTHORITY, removed ones too. */
qw_problem_t *qw_person_list(apr_array_header_t **list, qw_db_t *db,
                             const char *role, const char *authority,
                             apr_pool_t *pool) QW_MUST_CHECK;
/* Invited becomes active; nothing happens to one who is active. */
qw_problem_t *qw_person_accept(qw_db_t *db, const char *id,
                               apr_pool_t *pool) QW_MUST_CHECK;
qw_problem_t *qw_person_set_language(qw_db_t *db, const char *id,
                                     const char *language,
                                     apr_pool_t *pool) QW_MUST_CHECK;
/* CONFLICT if removed before. */
qw_problem_t *qw_person_remove(qw_db_t *db, const char *id, const char *by,
                               apr_time_t at, apr_pool_t *pool) QW_MUST_CHECK;

/* Whoever else does this for EXTERNAL_ID waits until this transaction ends. */
qw_problem_t *qw_external_lock(qw_db_t *db, const char *external_id,
                               apr_pool_t *pool) QW_MUST_CHECK;
/* CONFLICT if the person is one of its operators. */
qw_problem_t *qw_operator_insert(qw_db_t *db, const qw_operator_t *o,
                                 apr_pool_t *pool) QW_MUST_CHECK;
/* CONFLICT if the person is none of its operators. */
qw_problem_t *qw_operator_remove(qw_db_t *db, const char *person_id,
                                 const char *external_id, const char *by,
                                 apr_time_t at, apr_pool_t *pool) QW_MUST_CHECK;
/* *HAS: 1 if the person is an operator of it. */
qw_problem_t *qw_operator_has(int *has, qw_db_t *db, const char *person_id,
                              const char *external_id,
                              apr_pool_t *pool) QW_MUST_CHECK;
/* *LIST: of qw_person_t *, by name, invited or active. */
qw_problem_t *qw_operator_list(apr_array_header_t **list, qw_db_t *db,
                               const char *external_id,
                               apr_pool_t *pool) QW_MUST_CHECK;
/* *LIST: of qw_external_t *, those of AUTHORITY that the person is operator of. */
qw_problem_t *qw_operator_accounts(apr_array_header_t **list, qw_db_t *db,
                                   const char *person_id, const char *authority,
                                   apr_pool_t *pool) QW_MUST_CHECK;
/* *N: external accounts, of all authorities, that the person is operator of. */
qw_problem_t *qw_operator_count(apr_int64_t *n, qw_db_t *db,
                                const char *person_id,
                                apr_pool_t *pool) QW_MUST_CHECK;

/* ---- invitations, authenticators (db_passkey.c) ----------------------------- */

qw_problem_t *qw_invite_insert(qw_db_t *db, const qw_invite_t *invite,
                               apr_pool_t *pool) QW_MUST_CHECK;
/* *INVITE NULL if there is none. */
qw_problem_t *qw_invite_get(qw_invite_t **invite, qw_db_t *db, const char *id,
                            apr_pool_t *pool) QW_MUST_CHECK;
/* One more try with a wrong secret. */
qw_problem_t *qw_invite_try(qw_db_t *db, const char *id,
                            apr_pool_t *pool) QW_MUST_CHECK;
/* CONFLICT if it was used before. */
qw_problem_t *qw_invite_use(qw_db_t *db, const char *id, apr_time_t at,
                            apr_pool_t *pool) QW_MUST_CHECK;
/* No open invitation of the person counts any more. */
qw_problem_t *qw_invite_void(qw_db_t *db, const char *person_id, apr_time_t at,
                             apr_pool_t *pool) QW_MUST_CHECK;

/* CONFLICT if the credential is known, whosever it is. */
qw_problem_t *qw_authenticator_insert(qw_db_t *db, const qw_authenticator_t *a,
                                      apr_pool_t *pool) QW_MUST_CHECK;
/* By its credential id, if it and its person may act; *FOUND NULL else. */
qw_problem_t *qw_authenticator_find(qw_authenticator_t **found, qw_db_t *db,
                                    const char *credential_id,
                                    apr_pool_t *pool) QW_MUST_CHECK;
/* *LIST: of qw_authenticator_t *, oldest first, removed ones too. */
qw_problem_t *qw_authenticator_list(apr_array_header_t **list, qw_db_t *db,
                                    const char *person_id,
                                    apr_pool_t *pool) QW_MUST_CHECK;
/* It signed, with SIGN_COUNT. CONFLICT if the counter did not go up: it was
 * copied. Authenticators without a counter always say 0. */
qw_problem_t *qw_authenticator_use(qw_db_t *db, const char *id,
                                   apr_int64_t sign_count, apr_time_t at,
                                   apr_pool_t *pool) QW_MUST_CHECK;
/* The login of AT confirms something at NOW. CONFLICT if it is not from after the
 * last use of the subject with ID: it confirmed another change. */
qw_problem_t *qw_authenticator_step_up(qw_db_t *db, const char *id,
                                       apr_time_t at, apr_time_t now,
                                       apr_pool_t *pool) QW_MUST_CHECK;
/* Every subject of PERSON_ID may be bound to another person from now on. */
qw_problem_t *qw_authenticator_release(qw_db_t *db, const char *person_id,
                                       apr_pool_t *pool) QW_MUST_CHECK;
/* CONFLICT if it was removed before. */
qw_problem_t *qw_authenticator_remove(qw_db_t *db, const char *id,
                                      const char *by, apr_time_t at,
                                      apr_pool_t *pool) QW_MUST_CHECK;

/* ---- sessions, signed actions (db_session.c) -------------------------------- */

qw_problem_t *qw_session_insert(qw_db_t *db, const qw_session_t *session,
                                apr_pool_t *pool) QW_MUST_CHECK;
/* One of AUTHORITY whose person and authenticator are there still; *SESSION NULL
 * else. Times are for the caller to judge. */
qw_problem_t *qw_session_get(qw_session_t **session, qw_db_t *db,
                             const char *id, const char *authority,
                             apr_pool_t *pool) QW_MUST_CHECK;
qw_problem_t *qw_session_see(qw_db_t *db, const char *id, apr_time_t at,
                             apr_pool_t *pool) QW_MUST_CHECK;
qw_problem_t *qw_session_end(qw_db_t *db, const char *id,
                             apr_pool_t *pool) QW_MUST_CHECK;
qw_problem_t *qw_session_end_all(qw_db_t *db, const char *person_id,
                                 apr_pool_t *pool) QW_MUST_CHECK;
/* At most BATCH of those that expired before NOW. */
qw_problem_t *qw_session_purge(qw_db_t *db, apr_time_t now, int batch,
                               apr_pool_t *pool) QW_MUST_CHECK;

qw_problem_t *qw_confirmation_insert(qw_db_t *db,
                                     const qw_confirmation_t *confirmation,
                                     apr_pool_t *pool) QW_MUST_CHECK;
/* The one with ID that was shown in SESSION_ID; *FOUND NULL if there is none. */
qw_problem_t *qw_confirmation_get(qw_confirmation_t **found, qw_db_t *db,
                                  const char *id, const char *session_id,
                                  apr_pool_t *pool) QW_MUST_CHECK;
/* It is used. CONFLICT if it was before, or is another session's. */
qw_problem_t *qw_confirmation_take(qw_db_t *db, const char *id,
                                   const char *session_id,
                                   apr_pool_t *pool) QW_MUST_CHECK;
/* At most BATCH of those that expired before NOW. */
qw_problem_t *qw_confirmation_purge(qw_db_t *db, apr_time_t now, int batch,
                                    apr_pool_t *pool) QW_MUST_CHECK;

/* CONFLICT if ACTION->nonce signed one before. */
qw_problem_t *qw_action_insert(qw_db_t *db, const char *authority,
                               const qw_action_t *action,
                               apr_pool_t *pool) QW_MUST_CHECK;
/* *LIST: of qw_action_t *, the newest LIMIT about EXTERNAL_ID. */
qw_problem_t *qw_action_list(apr_array_header_t **list, qw_db_t *db,
                             const char *external_id, int limit,
                             apr_pool_t *pool) QW_MUST_CHECK;
/* The same of what PERSON_ID signed. */
qw_problem_t *qw_action_list_person(apr_array_header_t **list, qw_db_t *db,
                                    const char *person_id, int limit,
                                    apr_pool_t *pool) QW_MUST_CHECK;

#endif
