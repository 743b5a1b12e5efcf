/* db_incident.h -- incidents for which certificates are to be renewed at once,
 * and what the time of a renewal depends on. Results live in POOL.
 * Threads: as qw_db_t. */
#ifndef QW_STORE_DB_INCIDENT_H
#define QW_STORE_DB_INCIDENT_H

#include "model/ledger.h"
#include "store/store.h"

/* Of the certificate with SERIAL of key ISSUER; of several incidents the newest
 * that is in force. NOT_FOUND. */
qw_problem_t *qw_renewal_get(qw_renewal_t **renewal, qw_db_t *db,
                             const char *authority, const char *issuer,
                             const char *serial,
                             apr_pool_t *pool) QW_MUST_CHECK;

/* CONFLICT if the authority has one of that name. */
qw_problem_t *qw_incident_insert(qw_db_t *db, const char *authority,
                                 const qw_incident_t *incident,
                                 apr_pool_t *pool) QW_MUST_CHECK;
/* *INCIDENT NULL if there is none. */
qw_problem_t *qw_incident_find(qw_incident_t **incident, qw_db_t *db,
                               const char *authority, const char *name,
                               apr_pool_t *pool) QW_MUST_CHECK;
/* *LIST: of qw_incident_t *, by name. */
qw_problem_t *qw_incident_list(apr_array_header_t **list, qw_db_t *db,
                               const char *authority,
                               apr_pool_t *pool) QW_MUST_CHECK;
/* *N: certificates with SERIAL that came to incident ID by this. */
qw_problem_t *qw_incident_recall(int *n, qw_db_t *db, const char *authority,
                                 const char *id, const char *serial,
                                 apr_pool_t *pool) QW_MUST_CHECK;
/* CONFLICT if it was cleared before. */
qw_problem_t *qw_incident_clear(qw_db_t *db, const char *id, apr_time_t at,
                                apr_pool_t *pool) QW_MUST_CHECK;

#endif
