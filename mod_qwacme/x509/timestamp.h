/* timestamp.h -- timestamps of others over what we have signed, RFC 3161.
 * Threads: any. */
#ifndef QW_X509_TIMESTAMP_H
#define QW_X509_TIMESTAMP_H

#include "base/bytes.h"
#include "base/own.h"
#include "base/problem.h"

/* Whose timestamps count: a PEM file of roots; the system's; anybody's, for it is
 * only asked what they are over. */
#define QW_TIMESTAMP_SYSTEM ""
#define QW_TIMESTAMP_ANYONE NULL

/* *QUERY: TimeStampReq in POOL for what DATA holds, by SHA-256, with a fresh
 * nonce; the authority's certificate is asked for. UNAVAILABLE. RFC3161-2.4.1 */
qw_problem_t *qw_timestamp_query(qw_bytes_t *query, const qw_bytes_t *data,
                                 apr_pool_t *pool) QW_MUST_CHECK;

/* *TOKEN in POOL of ANSWER, a TimeStampResp to QUERY. MALFORMED, with the reason
 * as cause, if it is not granted, for something else, or not by somebody under
 * ROOTS. RFC3161-2.4.2 */
qw_problem_t *qw_timestamp_answer(qw_bytes_t *token, const qw_bytes_t *answer,
                                  const qw_bytes_t *query, const char *roots,
                                  apr_pool_t *pool) QW_MUST_CHECK;

/* *AT: the time that TOKEN says DATA was there. UNAUTHORIZED with the reason as
 * cause. Certificates count as of that time. */
qw_problem_t *qw_timestamp_verify(apr_time_t *at, const qw_bytes_t *token,
                                  const qw_bytes_t *data, const char *roots,
                                  apr_pool_t *pool) QW_MUST_CHECK;

#endif
