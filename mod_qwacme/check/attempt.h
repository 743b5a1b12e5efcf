/* attempt.h -- what every challenge type needs for one validation attempt:
 * addresses and records, by the authority's rules, with evidence.
 * Threads: one attempt, one thread. */
#ifndef QW_CHECK_ATTEMPT_H
#define QW_CHECK_ATTEMPT_H

#include "check/check.h"
#include "dns/resolve.h"

typedef struct {
    const qw_dcv_t *dcv;
    qw_resolver_t *resolver;
    json_t *lookups;  /* borrowed from the evidence */
    json_t *requests; /* the same: connections of any kind */
} qw_attempt_t;

/* EVIDENCE gets "domain", "lookups" and "requests". */
qw_problem_t *qw_attempt_open(qw_attempt_t *attempt, json_t *evidence,
                              const qw_dcv_t *dcv,
                              apr_pool_t *pool) QW_MUST_CHECK;

/* qw_resolver_ask() with the attempt's deadline; the answers go into the
 * evidence. */
qw_problem_t *qw_attempt_ask(qw_attempt_t *attempt, qw_answer_t *answers, int n,
                             apr_pool_t *pool) QW_MUST_CHECK;

/* Push to ADDRESSES (const char * in POOL) what to dial for HOST: its first
 * public IPv6 address, then its first public IPv4 address. CONNECTION if HOST is
 * not a name that a certificate could have, or none of its addresses may be
 * dialled; DNS if it has none. */
qw_problem_t *qw_attempt_addresses(apr_array_header_t *addresses,
                                   qw_attempt_t *attempt, const char *host,
                                   apr_pool_t *pool) QW_MUST_CHECK;

/* What a stranger sent, for evidence and problem details: safe, and not much
 * longer than 128 characters however it is escaped. In POOL. */
const char *qw_attempt_shown(const qw_bytes_t *bytes, apr_pool_t *pool);

/* May private addresses be dialled? Only a test authority can say so. */
int qw_attempt_private(const qw_attempt_t *attempt);

/* The deadline for the first of LEFT things still to try. */
apr_time_t qw_attempt_share(const qw_attempt_t *attempt, int left);

/* 80 and 443, or the ports that stand for them. */
int qw_attempt_http_port(const qw_attempt_t *attempt);
int qw_attempt_tls_port(const qw_attempt_t *attempt);

#endif
