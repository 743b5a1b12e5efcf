/* trial.h -- what every challenge type needs for one validation attempt:
 * addresses and records, by the authority's rules, with evidence.
 * Threads: one trial, one thread. */
#ifndef QW_CHECK_TRIAL_H
#define QW_CHECK_TRIAL_H

#include "check/check.h"
#include "dns/resolve.h"

typedef struct {
    const qw_dcv_t *dcv;
    qw_resolver_t *resolver;
    json_t *lookups;  /* borrowed from the evidence */
    json_t *requests; /* the same: connections of any kind */
} qw_trial_t;

/* EVIDENCE gets "domain", "lookups" and "requests". */
qw_problem_t *qw_trial_open(qw_trial_t *trial, json_t *evidence,
                            const qw_dcv_t *dcv,
                            apr_pool_t *pool) QW_MUST_CHECK;

/* qw_resolver_ask() with the attempt's deadline; the answers go into the
 * evidence. */
qw_problem_t *qw_trial_ask(qw_trial_t *trial, qw_answer_t *answers, int n,
                           apr_pool_t *pool) QW_MUST_CHECK;

/* Push to ADDRESSES (const char * in POOL) what to dial for HOST: its first
 * public IPv6 address, then its first public IPv4 address. CONNECTION if HOST is
 * not a name that a certificate could have, or none of its addresses may be
 * dialled; DNS if it has none. */
qw_problem_t *qw_trial_addresses(apr_array_header_t *addresses,
                                 qw_trial_t *trial, const char *host,
                                 apr_pool_t *pool) QW_MUST_CHECK;

/* What a stranger sent, for evidence and problem details: safe, and not much
 * longer than 128 characters however it is escaped. In POOL. */
const char *qw_trial_shown(const qw_bytes_t *bytes, apr_pool_t *pool);

/* May private addresses be dialled? Only a test authority can say so. */
int qw_trial_private(const qw_trial_t *trial);

/* The deadline for the first of LEFT things still to try. */
apr_time_t qw_trial_share(const qw_trial_t *trial, int left);

/* 80 and 443, or the ports that stand for them. */
int qw_trial_http_port(const qw_trial_t *trial);
int qw_trial_tls_port(const qw_trial_t *trial);

#endif
