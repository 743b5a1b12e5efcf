/* ct.h -- which logs a certificate needs, and asking them. Threads: any. */
#ifndef QW_CA_CT_H
#define QW_CA_CT_H

#include "model/authority.h"
#include "model/ct.h"
#include "x509/profile.h"
#include "x509/sct.h"

/* 1 if certificates of PROFILE are logged before AUTHORITY issues them. */
int qw_ct_wanted(const qw_authority_t *authority, const qw_profile_t *profile);

/* How many SCTs, each of another operator, a certificate of that validity
 * needs: two up to 180 days, three beyond. */
int qw_ct_needed(apr_time_t not_before, apr_time_t not_after);

/* 1 if LOG takes certificates that end at NOT_AFTER. */
int qw_ct_log_takes(const qw_ct_log_t *log, apr_time_t not_after);

/* The first NEEDED of STORED (qw_sct_t *) that are of AUTHORITY's logs, of
 * different operators, and verify over ENTRY: array of qw_bytes_t in POOL, with
 * fewer elements if there are fewer. */
apr_array_header_t *qw_ct_choose(const qw_authority_t *authority,
                                 const apr_array_header_t *stored,
                                 const qw_sct_entry_t *entry, int needed,
                                 apr_pool_t *pool);

/* A precertificate to be logged. */
typedef struct {
    const qw_authority_t *authority;
    const char *attempt_id;
    const char *chain; /* JSON array of base64 DER, precertificate first */
    const qw_sct_entry_t *entry;
    apr_time_t not_after;
    int round; /* counts from 0: other logs come first each time */
} qw_ct_submission_t;

/* *FRESH: qw_sct_t *, verified, of logs whose operators have none in STORED: as
 * many are asked at the same time as are missing, and one more. Waits no longer
 * than AUTHORITY's ct_timeout. *WHY names those that gave none, for the log, or
 * is NULL. RFC6962-4.2 */
qw_problem_t *qw_ct_submit(apr_array_header_t **fresh, const char **why,
                           const qw_ct_submission_t *submission,
                           const apr_array_header_t *stored, int needed,
                           apr_pool_t *pool) QW_MUST_CHECK;

#endif
