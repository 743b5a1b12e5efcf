/* resolve.h -- DNS lookups by libunbound in this process, validated by DNSSEC.
 * Threads: one resolver, one thread.
 *
 * A resolver serves one validation attempt and dies with its pool: its cache
 * can never carry an answer into another attempt. */
#ifndef QW_DNS_RESOLVE_H
#define QW_DNS_RESOLVE_H

#include "base/bytes.h"
#include "base/problem.h"

/* Where a distribution keeps the root's trust anchor; configure may say. */
#ifndef QW_TRUST_ANCHOR
#define QW_TRUST_ANCHOR "/usr/share/dns/root.key"
#endif

typedef struct {
    const apr_array_header_t *forwarders; /* of const char *, "127.0.0.1@53";
                                             empty or NULL: recursion from the
                                             root */
    const apr_array_header_t *never_ask;  /* of const char *, netblocks where
                                             no name server is asked; NULL: no
                                             such rule */
    const char *trust_anchor;             /* NULL: QW_TRUST_ANCHOR */
    int insecure;                         /* tests: no DNSSEC validation */
} qw_resolver_conf_t;

typedef struct qw_resolver_t qw_resolver_t;

typedef enum {
    QW_RR_A = 1,
    QW_RR_TXT = 16,
    QW_RR_AAAA = 28,
    QW_RR_CAA = 257
} qw_rr_e;

typedef enum {
    QW_DNSSEC_UNCHECKED, /* insecure resolver */
    QW_DNSSEC_INSECURE,  /* proven: the zone is not signed */
    QW_DNSSEC_SECURE
} qw_dnssec_e;

/* A question, and what came of it. */
typedef struct {
    const char *name;
    qw_rr_e type;

    const char
        *failure; /* as a problem's detail, NULL if there was an answer */
    qw_dnssec_e dnssec;
    int nxdomain;
    const char *canonical;      /* where the CNAMEs led, or NAME */
    int cnames;                 /* how many there were */
    apr_array_header_t *values; /* of qw_bytes_t: rdata; for TXT the strings
                                   joined, RFC8555-8.4. Empty: none */
} qw_answer_t;

enum { QW_MAX_CNAMES = 8 };

/* *RESOLVER in POOL. CONF is not kept. SERVER_INTERNAL if CONF cannot be used: no trust anchor, forwarder not
 * an address. */
qw_problem_t *qw_resolver_make(qw_resolver_t **resolver,
                               const qw_resolver_conf_t *conf,
                               apr_pool_t *pool) QW_MUST_CHECK;

/* Ask the N questions in ANSWERS (name and type set) at the same time and fill
 * in the rest, in POOL. DNS, for the first that failed: SERVFAIL and the like,
 * bogus signatures (with the reason), more than QW_MAX_CNAMES, no answer before
 * DEADLINE. That a name or a type does not exist is an answer. */
qw_problem_t *qw_resolver_ask(qw_resolver_t *resolver, qw_answer_t *answers,
                              int n, apr_time_t deadline,
                              apr_pool_t *pool) QW_MUST_CHECK;

/* "A", "TXT"; "secure", "insecure", "unchecked". */
const char *qw_rr_name(qw_rr_e type);
const char *qw_dnssec_name(qw_dnssec_e state);

#endif
