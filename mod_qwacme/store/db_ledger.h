/* db_ledger.h -- signing attempts, certificates, revocations, events.
 * Results live in POOL. Threads: as qw_db_t. */
#ifndef QW_STORE_DB_LEDGER_H
#define QW_STORE_DB_LEDGER_H

#include "model/ct.h"
#include "model/ledger.h"
#include "store/store.h"

/* In state signing. CONFLICT if the order has a live attempt of that kind. A
 * serial that is taken is SERVER_INTERNAL, cause "serial taken": never tried
 * again, it means broken randomness or a cloned machine. */
qw_problem_t *qw_attempt_insert(qw_db_t *db, const qw_attempt_t *attempt,
                                apr_pool_t *pool) QW_MUST_CHECK;
qw_problem_t *qw_attempt_get(qw_attempt_t **attempt, qw_db_t *db,
                             const char *id, apr_pool_t *pool) QW_MUST_CHECK;
/* signing -> issued with DER. CONFLICT unless signing. */
qw_problem_t *qw_attempt_issue(qw_db_t *db, const char *id, const char *der,
                               apr_time_t at, apr_pool_t *pool) QW_MUST_CHECK;
/* signing -> orphan. CONFLICT unless signing. */
qw_problem_t *qw_attempt_orphan(qw_db_t *db, const char *id, apr_time_t at,
                                apr_pool_t *pool) QW_MUST_CHECK;
/* Keep the DER of a signature that turned up after its attempt was orphaned. */
qw_problem_t *qw_attempt_attach(qw_db_t *db, const char *id, const char *der,
                                apr_pool_t *pool) QW_MUST_CHECK;
/* *ATTEMPT: of that kind, signing or issued, of the order; NULL if none. */
qw_problem_t *qw_attempt_live(qw_attempt_t **attempt, qw_db_t *db,
                              const char *order_id, const char *kind,
                              apr_pool_t *pool) QW_MUST_CHECK;
/* *ATTEMPT: the one of that issuer, kind and serial; NULL if none. */
qw_problem_t *qw_attempt_by_serial(qw_attempt_t **attempt, qw_db_t *db,
                                   const char *issuer, const char *kind,
                                   const char *serial,
                                   apr_pool_t *pool) QW_MUST_CHECK;
/* *LIST: of qw_attempt_t *, all of the order, oldest first. */
qw_problem_t *qw_attempt_of_order(apr_array_header_t **list, qw_db_t *db,
                                  const char *order_id,
                                  apr_pool_t *pool) QW_MUST_CHECK;
/* The order's issued precertificate, if any, leads nowhere. */
qw_problem_t *qw_attempt_spend(qw_db_t *db, const char *order_id,
                               apr_pool_t *pool) QW_MUST_CHECK;
/* What a log promised; what is there already stays. */
qw_problem_t *qw_sct_insert(qw_db_t *db, const qw_sct_t *sct,
                            apr_pool_t *pool) QW_MUST_CHECK;
/* *LIST: of qw_sct_t *, oldest first. */
qw_problem_t *qw_sct_list(apr_array_header_t **list, qw_db_t *db,
                          const char *attempt_id,
                          apr_pool_t *pool) QW_MUST_CHECK;
/* Attempts (qw_attempt_t *) in STATUS of issuer key ISSUER, by id, after
 * AFTER_ID (NULL: from the start), at most LIMIT; those whose lease ended
 * before LEASE_BEFORE (0: any). */
qw_problem_t *qw_attempt_list(apr_array_header_t **list, qw_db_t *db,
                              const qw_attempt_t *like, const char *after_id,
                              int limit, apr_pool_t *pool) QW_MUST_CHECK;
/* How many of ISSUER ever entered the ledger, and by state; what was spent had
 * been issued. */
typedef struct {
    apr_int64_t all, signing, issued, orphan;
} qw_attempt_count_t;
qw_problem_t *qw_attempt_count(qw_attempt_count_t *count, qw_db_t *db,
                               const char *issuer,
                               apr_pool_t *pool) QW_MUST_CHECK;

/* *ISSUER: the first key in the ledger after AFTER ("": from the start); NULL
 * after the last. */
qw_problem_t *qw_attempt_next_issuer(const char **issuer, qw_db_t *db,
                                     const char *after,
                                     apr_pool_t *pool) QW_MUST_CHECK;

/* Its attempt must be issued, and the order, account, external account and
 * serial be those of the attempt: the database refuses anything else. */
qw_problem_t *qw_certificate_insert(qw_db_t *db,
                                    const qw_certificate_t *certificate,
                                    apr_pool_t *pool) QW_MUST_CHECK;
/* NOT_FOUND if there is none, or of another account; ACCOUNT_ID NULL: any. */
qw_problem_t *qw_certificate_get(qw_certificate_t **certificate, qw_db_t *db,
                                 const char *authority, const char *account_id,
                                 const char *id,
                                 apr_pool_t *pool) QW_MUST_CHECK;
qw_problem_t *qw_certificate_by_serial(qw_certificate_t **certificate,
                                       qw_db_t *db, const char *issuer,
                                       const char *serial,
                                       apr_pool_t *pool) QW_MUST_CHECK;
/* When its client fetched it first: note that, unless it is noted; *AT, 0 if it has
 * not. */
qw_problem_t *qw_download_insert(qw_db_t *db, const char *certificate_id,
                                 apr_time_t at, apr_pool_t *pool) QW_MUST_CHECK;
qw_problem_t *qw_download_get(apr_time_t *at, qw_db_t *db,
                              const char *certificate_id,
                              apr_pool_t *pool) QW_MUST_CHECK;
/* What a listing asks for; NULL members do not narrow. */
typedef struct {
    const char *authority; /* never NULL */
    const char *external_id;
    const char *account_id;
    const char *spki_hash;
    const char *serial;
    const char *after_id; /* of the page before */
    int limit;
} qw_certificate_query_t;
/* *LIST: of qw_certificate_t * without pem, oldest first. */
qw_problem_t *qw_certificate_list(apr_array_header_t **list, qw_db_t *db,
                                  const qw_certificate_query_t *query,
                                  apr_pool_t *pool) QW_MUST_CHECK;

/* *LIST: of qw_certificate_t * without pem, of every authority, with that key. */
qw_problem_t *qw_certificate_list_by_key(apr_array_header_t **list, qw_db_t *db,
                                         const char *spki_hash,
                                         apr_pool_t *pool) QW_MUST_CHECK;
/* The same of precertificates that have no certificate, each with the id of its
 * attempt and what it promises; attempt_id and pem are NULL. */
qw_problem_t *qw_precert_list_by_key(apr_array_header_t **list, qw_db_t *db,
                                     const char *spki_hash,
                                     apr_pool_t *pool) QW_MUST_CHECK;

/* What is NULL or 0 at its end the database sets; each node's signer gets a
 * notice. CONFLICT
 * if that serial of that issuer is revoked already. */
qw_problem_t *qw_revocation_insert(qw_db_t *db,
                                   const qw_revocation_t *revocation,
                                   apr_pool_t *pool) QW_MUST_CHECK;
/* *REVOCATION NULL if it is not revoked. */
qw_problem_t *qw_revocation_get(qw_revocation_t **revocation, qw_db_t *db,
                                const char *issuer, const char *serial,
                                apr_pool_t *pool) QW_MUST_CHECK;
/* Any other reason -> keyCompromise(1), date unchanged, to be published anew.
 * CONFLICT if it is 1 already or there is none. */
qw_problem_t *qw_revocation_upgrade(qw_db_t *db, const char *issuer,
                                    const char *serial, const char *actor,
                                    apr_pool_t *pool) QW_MUST_CHECK;

qw_problem_t *qw_event_insert(qw_db_t *db, const qw_event_t *event,
                              apr_pool_t *pool) QW_MUST_CHECK;
/* Newest first; SUBJECT_ID NULL: of all. */
qw_problem_t *qw_event_list(apr_array_header_t **list, qw_db_t *db,
                            const char *authority, const char *subject_id,
                            int limit, apr_pool_t *pool) QW_MUST_CHECK;

#endif
