/* db_case.h -- cases and their items, and the certificates they are made of.
 * Results live in POOL. Threads: as qw_db_t. */
#ifndef QW_STORE_DB_CASE_H
#define QW_STORE_DB_CASE_H

#include "model/case.h"
#include "store/store.h"

#include <apr_tables.h>

/* Open. CONFLICT if the id is taken. */
qw_problem_t *qw_case_insert(qw_db_t *db, const qw_case_t *c,
                             apr_pool_t *pool) QW_MUST_CHECK;
/* NOT_FOUND if AUTHORITY has none such. */
qw_problem_t *qw_case_get(qw_case_t **c, qw_db_t *db, const char *authority,
                          const char *id, apr_pool_t *pool) QW_MUST_CHECK;
typedef struct {
    const char *authority;
    const char *kind, *status; /* "": any */
    int limit;
} qw_case_query_t;
/* *LIST: of qw_case_t *, newest first. */
qw_problem_t *qw_case_list(apr_array_header_t **list, qw_db_t *db,
                           const qw_case_query_t *query,
                           apr_pool_t *pool) QW_MUST_CHECK;
/* *LIST: of qw_case_t *, open ones that are due by BEFORE. */
qw_problem_t *qw_case_list_due(apr_array_header_t **list, qw_db_t *db,
                               const char *authority, apr_time_t before,
                               apr_pool_t *pool) QW_MUST_CHECK;
/* *OPENED: when the newest case of KIND about SUBJECT was; 0 if there is none. */
qw_problem_t *qw_case_newest(apr_time_t *opened, qw_db_t *db,
                             const char *subject, const char *kind,
                             apr_pool_t *pool) QW_MUST_CHECK;
/* CONFLICT unless it is open and was not approved before. */
qw_problem_t *qw_case_approve(qw_db_t *db, const char *id, const char *by,
                              apr_time_t at, apr_pool_t *pool) QW_MUST_CHECK;
/* With conclusion, closed_by and closed of C. CONFLICT unless it is open. */
qw_problem_t *qw_case_close(qw_db_t *db, const qw_case_t *c,
                            apr_pool_t *pool) QW_MUST_CHECK;
/* *MINE: 1 if nobody has warned at that LEVEL, which only rises, before. */
qw_problem_t *qw_case_warn(int *mine, qw_db_t *db, const char *id,
                           apr_int64_t level, apr_pool_t *pool) QW_MUST_CHECK;

/* Planned. Its case must be open, and seq at most its total. */
qw_problem_t *qw_case_item_insert(qw_db_t *db, const qw_case_item_t *item,
                                  apr_pool_t *pool) QW_MUST_CHECK;
/* *LIST: of qw_case_item_t *, planned items of CASE_ID that may be worked at
 * NOW, in their order, at most LIMIT; nobody else gets them until the end of
 * the transaction. */
qw_problem_t *qw_case_item_next(apr_array_header_t **list, qw_db_t *db,
                                const char *case_id, apr_time_t now, int limit,
                                apr_pool_t *pool) QW_MUST_CHECK;
/* The same, of those, only items of AUTHORITY that do nothing to an
 * authorization; and *N: how many they are. */
qw_problem_t *qw_case_item_next_here(apr_array_header_t **list, qw_db_t *db,
                                     const char *case_id, const char *authority,
                                     apr_time_t now, int limit,
                                     apr_pool_t *pool) QW_MUST_CHECK;
qw_problem_t *qw_case_item_count_here(apr_int64_t *n, qw_db_t *db,
                                      const char *case_id,
                                      const char *authority, apr_time_t now,
                                      apr_pool_t *pool) QW_MUST_CHECK;
/* *N: of the account that case C is about, how many certificates are neither its
 * items nor revoked: issued when it had been planned. */
qw_problem_t *qw_case_missed(apr_int64_t *n, qw_db_t *db, const qw_case_t *c,
                             apr_pool_t *pool) QW_MUST_CHECK;
/* As qw_case_item_next(), of all cases, those that a time was set for and has come. */
qw_problem_t *qw_case_item_scheduled(apr_array_header_t **list, qw_db_t *db,
                                     const char *authority, apr_time_t now,
                                     int limit, apr_pool_t *pool) QW_MUST_CHECK;
/* *SOONEST: when the first of those may be worked; 0: there are none. */
qw_problem_t *qw_case_item_soonest(apr_time_t *soonest, qw_db_t *db,
                                   const char *authority,
                                   apr_pool_t *pool) QW_MUST_CHECK;
/* Status, at, actor and result of ITEM. CONFLICT unless it was planned. */
qw_problem_t *qw_case_item_end(qw_db_t *db, const qw_case_item_t *item,
                               apr_pool_t *pool) QW_MUST_CHECK;
/* Failed items are planned again. *N: how many. */
qw_problem_t *qw_case_items_retry(int *n, qw_db_t *db, const char *case_id,
                                  apr_pool_t *pool) QW_MUST_CHECK;
/* Planned items of HOW->case_id are skipped, with at, actor and result of HOW. */
qw_problem_t *qw_case_items_skip(int *n, qw_db_t *db, const qw_case_item_t *how,
                                 apr_pool_t *pool) QW_MUST_CHECK;
/* *LIST: of qw_case_item_t *, in order, after number AFTER, at most LIMIT. */
qw_problem_t *qw_case_item_list(apr_array_header_t **list, qw_db_t *db,
                                const char *case_id, apr_int64_t after,
                                int limit, apr_pool_t *pool) QW_MUST_CHECK;
/* *LIST: of qw_case_count_t *. */
qw_problem_t *qw_case_item_counts(apr_array_header_t **list, qw_db_t *db,
                                  const char *case_id,
                                  apr_pool_t *pool) QW_MUST_CHECK;

/* What certificates are listed by. */
typedef enum {
    QW_PICK_AUTHORITY,
    QW_PICK_EXTERNAL,
    QW_PICK_ACCOUNT,
    QW_PICK_KEY,         /* hash of the SPKI; of every authority */
    QW_PICK_SERIAL,      /* of every authority */
    QW_PICK_PRECERT,     /* hash of an issuing key: precertificates that have no
                        certificate; their created is when they were signed */
    QW_PICK_PRECERT_KEY, /* hash of the SPKI: the same of that key */
} qw_pick_e;

typedef struct {
    qw_pick_e by;
    const char *key;
    const qw_case_pick_t *after; /* the last of the page before, or NULL */
    int limit;
} qw_pick_query_t;
/* *LIST: of qw_case_pick_t *, oldest first. */
qw_problem_t *qw_case_pick(apr_array_header_t **list, qw_db_t *db,
                           const qw_pick_query_t *query,
                           apr_pool_t *pool) QW_MUST_CHECK;
/* *LIST: of qw_authz_t *, pending and valid ones of an ACME account that have
 * not expired at NOW. */
qw_problem_t *qw_case_authzs(apr_array_header_t **list, qw_db_t *db,
                             const char *account_id, apr_time_t now,
                             apr_pool_t *pool) QW_MUST_CHECK;

#endif
