/* db_status.h -- what is published about serials: answers, CRLs, and what each
 * node still has to show. Results live in POOL. Threads: as qw_db_t. */
#ifndef QW_STORE_DB_STATUS_H
#define QW_STORE_DB_STATUS_H

#include "model/status.h"
#include "store/store.h"

/* ---- serials ----------------------------------------------------------------- */

/* *SERIAL of ISSUER as the ledger has it. Also of one that was never used: then
 * it is neither issued nor revoked. */
qw_problem_t *qw_serial_get(qw_serial_t **serial, qw_db_t *db,
                            const char *issuer, const char *number,
                            apr_pool_t *pool) QW_MUST_CHECK;
/* *LIST: of qw_serial_t *, of attempts of KIND, by serial after AFTER ("": from
 * the first), at most LIMIT. */
qw_problem_t *qw_serial_page(apr_array_header_t **list, qw_db_t *db,
                             const char *issuer, const char *kind,
                             const char *after, int limit,
                             apr_pool_t *pool) QW_MUST_CHECK;
/* Those which were issued or written off after SINCE, oldest first. */
qw_problem_t *qw_serial_recent(apr_array_header_t **list, qw_db_t *db,
                               const char *issuer, apr_time_t since, int limit,
                               apr_pool_t *pool) QW_MUST_CHECK;

/* ---- signers and their notices ---------------------------------------------- */

/* NODE's signer is there, since STARTED, at NOW (of the real clock). */
qw_problem_t *qw_signer_seen(qw_db_t *db, const char *node, apr_time_t started,
                             apr_time_t now, apr_pool_t *pool) QW_MUST_CHECK;
/* *N: how many others were seen since SINCE. */
qw_problem_t *qw_signer_others(apr_int64_t *n, qw_db_t *db, const char *node,
                               apr_time_t since,
                               apr_pool_t *pool) QW_MUST_CHECK;
/* Forget signers that were not seen since BEFORE, with their notices. */
qw_problem_t *qw_signer_purge(qw_db_t *db, apr_time_t before,
                              apr_pool_t *pool) QW_MUST_CHECK;

/* *LIST: of qw_serial_t *, revoked ones whose answers NODE has to replace, by
 * serial after AFTER ("": from the first), at most LIMIT. */
qw_problem_t *qw_notice_list(apr_array_header_t **list, qw_db_t *db,
                             const char *node, const char *issuer,
                             const char *after, int limit,
                             apr_pool_t *pool) QW_MUST_CHECK;
/* NODE's answers say what SERIAL says. */
qw_problem_t *qw_notice_answered(qw_db_t *db, const char *node,
                                 const char *issuer, const qw_serial_t *serial,
                                 apr_pool_t *pool) QW_MUST_CHECK;
/* *LIST: of qw_serial_t *, which NODE shows, that CRL->listed is what it shows of
 * their CRLs. */
qw_problem_t *qw_notice_ready(apr_array_header_t **list, qw_db_t *db,
                              const char *node, const qw_crl_t *crl, int limit,
                              apr_pool_t *pool) QW_MUST_CHECK;
/* NODE has no more to do for SERIAL. */
qw_problem_t *qw_notice_done(qw_db_t *db, const char *node, const char *issuer,
                             const char *serial,
                             apr_pool_t *pool) QW_MUST_CHECK;
/* *LIST: of qw_serial_t *, those of ISSUER that are not published and could be:
 * a node that had a notice of them is not seen any more. */
qw_problem_t *qw_revocation_shown(apr_array_header_t **list, qw_db_t *db,
                                  const char *issuer, apr_time_t alive,
                                  int limit, apr_pool_t *pool) QW_MUST_CHECK;
/* It was published at NOW if it is on a CRL and no node that was seen since ALIVE
 * has a notice of it. */
qw_problem_t *qw_revocation_publish(qw_db_t *db, const char *issuer,
                                    const char *serial, apr_time_t now,
                                    apr_time_t alive,
                                    apr_pool_t *pool) QW_MUST_CHECK;

/* ---- CRLs -------------------------------------------------------------------- */

/* *LIST: of qw_waiting_t *, a row for each CRL of ISSUER that lacks
 * revocations. */
qw_problem_t *qw_revocation_waiting(apr_array_header_t **list, qw_db_t *db,
                                    const char *issuer,
                                    apr_pool_t *pool) QW_MUST_CHECK;
/* *NUMBER of the CRL that has the revocation of ISSUER which came to one last; 0
 * if none has any. CRLs are numbered by time, whatever their period. */
qw_problem_t *qw_revocation_newest(apr_int64_t *number, qw_db_t *db,
                                   const char *issuer,
                                   apr_pool_t *pool) QW_MUST_CHECK;
/* *WAITING: what some node does not show yet. */
qw_problem_t *qw_revocation_unpublished(qw_waiting_t **waiting, qw_db_t *db,
                                        const char *issuer,
                                        apr_pool_t *pool) QW_MUST_CHECK;
/* *LIST: of qw_serial_t *, at most LIMIT by serial after AFTER, of the CRL of
 * ISSUER for PERIOD ("": the full one); without those that ended before
 * SINCE. */
qw_problem_t *qw_revocation_page(apr_array_header_t **list, qw_db_t *db,
                                 const qw_crl_t *crl, const char *after,
                                 apr_time_t since, int limit,
                                 apr_pool_t *pool) QW_MUST_CHECK;
/* CRL NUMBER is the first that has SERIAL, for its reason. */
qw_problem_t *qw_revocation_listed(qw_db_t *db, const char *issuer,
                                   const qw_serial_t *serial,
                                   apr_int64_t number,
                                   apr_pool_t *pool) QW_MUST_CHECK;

/* *CRL NULL if there never was one. */
qw_problem_t *qw_crl_get(qw_crl_t **crl, qw_db_t *db, const char *issuer,
                         const char *period, apr_pool_t *pool) QW_MUST_CHECK;
/* *LIST: of qw_crl_t *, of ISSUER, by period. */
qw_problem_t *qw_crl_list(apr_array_header_t **list, qw_db_t *db,
                          const char *issuer, apr_pool_t *pool) QW_MUST_CHECK;
/* Take CRL->number, after BEFORE (0: the first), for good. CONFLICT: another node
 * was faster. */
qw_problem_t *qw_crl_reserve(qw_db_t *db, const qw_crl_t *crl,
                             apr_int64_t before,
                             apr_pool_t *pool) QW_MUST_CHECK;
/* CRL->listed was made, and is shown. CONFLICT if a later one was. */
qw_problem_t *qw_crl_listed(qw_db_t *db, const qw_crl_t *crl,
                            apr_pool_t *pool) QW_MUST_CHECK;

/* Of CRL->listed, for other nodes: DATA (base64url) is its PARTth part. */
qw_problem_t *qw_crl_part_insert(qw_db_t *db, const qw_crl_t *crl, int part,
                                 const char *data,
                                 apr_pool_t *pool) QW_MUST_CHECK;
/* *DATA NULL after the last part. */
qw_problem_t *qw_crl_part_get(const char **data, qw_db_t *db,
                              const qw_crl_t *crl, int part,
                              apr_pool_t *pool) QW_MUST_CHECK;
/* Forget the parts of CRLs before CRL->listed. */
qw_problem_t *qw_crl_part_purge(qw_db_t *db, const qw_crl_t *crl,
                                apr_pool_t *pool) QW_MUST_CHECK;

/* ---- the end of an issuer ---------------------------------------------------- */

/* ISSUER of AUTHORITY signs nothing any more but the last of its CRLs and
 * answers. CONFLICT if it had ended. */
qw_problem_t *qw_issuer_end(qw_db_t *db, const char *issuer,
                            const char *authority, apr_time_t at,
                            const char *actor, apr_pool_t *pool) QW_MUST_CHECK;
/* *AT: when that was; 0: it has not ended. */
qw_problem_t *qw_issuer_ended(apr_time_t *at, qw_db_t *db, const char *issuer,
                              apr_pool_t *pool) QW_MUST_CHECK;
/* *NOT_AFTER: when the last certificate of ISSUER expires; 0: it has none. */
qw_problem_t *qw_issuer_last_certificate(apr_time_t *not_after, qw_db_t *db,
                                         const char *issuer,
                                         apr_pool_t *pool) QW_MUST_CHECK;

#endif
