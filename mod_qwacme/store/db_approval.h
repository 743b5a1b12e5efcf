/* db_approval.h -- requests for approval. Results live in POOL.
 * Threads: as qw_db_t. */
#ifndef QW_STORE_DB_APPROVAL_H
#define QW_STORE_DB_APPROVAL_H

#include "model/approval.h"
#include "store/store.h"

/* As open. CONFLICT if one for the same action and subject is, or is approved
 * and not done yet. */
qw_problem_t *qw_approval_insert(qw_db_t *db, const qw_approval_t *approval,
                                 apr_pool_t *pool) QW_MUST_CHECK;
/* NOT_FOUND if AUTHORITY has none such. */
qw_problem_t *qw_approval_get(qw_approval_t **approval, qw_db_t *db,
                              const char *authority, const char *id,
                              apr_pool_t *pool) QW_MUST_CHECK;
/* *LIST: of qw_approval_t *. LIMIT 0: those that are open, or approved and not
 * done, oldest first; else so many of all, newest first. */
qw_problem_t *qw_approval_list(apr_array_header_t **list, qw_db_t *db,
                               const char *authority, int limit,
                               apr_pool_t *pool) QW_MUST_CHECK;
/* To APPROVAL->status, decided_by, decided_at. CONFLICT unless it was open, and
 * not expired by then. */
qw_problem_t *qw_approval_decide(qw_db_t *db, const qw_approval_t *approval,
                                 apr_pool_t *pool) QW_MUST_CHECK;
/* CONFLICT unless it was approved. */
qw_problem_t *qw_approval_set_done(qw_db_t *db, const char *id,
                                   apr_pool_t *pool) QW_MUST_CHECK;
/* Of AUTHORITY: open ones whose time is over at NOW, and those that were approved
 * by BEFORE and are not done: *N, how many; and their end. */
qw_problem_t *qw_approval_overdue(apr_int64_t *n, qw_db_t *db,
                                  const char *authority, apr_time_t now,
                                  apr_time_t before,
                                  apr_pool_t *pool) QW_MUST_CHECK;
qw_problem_t *qw_approval_expire(qw_db_t *db, const char *authority,
                                 apr_time_t now, apr_time_t before,
                                 apr_pool_t *pool) QW_MUST_CHECK;
/* The newest of AUTHORITY for ACTION on a subject; NOT_FOUND. */
qw_problem_t *qw_approval_of(qw_approval_t **approval, qw_db_t *db,
                             const char *authority, const char *action,
                             const char *subject_kind, const char *subject_id,
                             apr_pool_t *pool) QW_MUST_CHECK;

#endif
