/* crl.h -- lists of revoked certificates, written in pieces because they may not
 * fit into memory, and read back. Threads: any.
 *
 *     entries: qw_crl_entry() of each, appended to a file
 *     signed:  head, entries, tail        of qw_crl_frame()
 *     file:    start, signed, end         of qw_crl_wrap() */
#ifndef QW_X509_CRL_H
#define QW_X509_CRL_H

#include "x509/issuer.h"

/* 1, and an element of revokedCertificates at the end of OUT: SERIAL is hex as
 * qw_cert_facts_t writes it, REVOKED_AT in whole seconds, REASON a CRLReason,
 * left out if it is 0 (BR-7.2.2). 0, and OUT not to be used, if SERIAL is not
 * hex of 1 to 20 octets or REASON is none. Takes a few octets of OUT's pool each
 * time. RFC5280-5.1.2.6 */
int qw_crl_entry(qw_der_t *out, const char *serial, apr_time_t revoked_at,
                 int reason) QW_MUST_CHECK;

typedef struct {
    const qw_issuer_t *issuer;
    apr_time_t this_update;
    apr_time_t next_update;   /* QW_TIME_NEVER: the last one */
    apr_int64_t number;       /* 0 or more, greater than all before */
    const char *idp_url;      /* as the leaves' CRL points have it: a part of
                                 all; NULL: all that the issuer revoked */
    apr_time_t expired_since; /* revoked ones that expired since then stay; 0:
                                 they do not stay */
    apr_uint64_t entries_len; /* octets of all entries */
} qw_crl_in_t;

/* *HEAD and *TAIL in POOL: the DER TBSCertList of IN before its first entry and
 * behind its last; without entries there is no list of them (RFC5280-5.1.2.6).
 * RFC5280-5.1.2, BR-7.2 SERVER_INTERNAL if the number is negative, the times are
 * not in order, the URL is not http:// or the list would exceed 2^31 octets. */
qw_problem_t *qw_crl_frame(qw_bytes_t *head, qw_bytes_t *tail,
                           const qw_crl_in_t *in,
                           apr_pool_t *pool) QW_MUST_CHECK;

/* *START and *END in POOL: what stands before and behind the TBS_LEN octets that
 * SIGNATURE with the AlgorithmIdentifier SIG_ALG is over. RFC5280-5.1.1
 * SERVER_INTERNAL if SIGNATURE is empty. */
qw_problem_t *qw_crl_wrap(qw_bytes_t *start, qw_bytes_t *end,
                          apr_uint64_t tbs_len, const qw_bytes_t *sig_alg,
                          const qw_bytes_t *signature,
                          apr_pool_t *pool) QW_MUST_CHECK;

/* Copied into the pool: DER may go. */
typedef struct {
    qw_bytes_t issuer; /* DER Name */
    const char *aki;   /* hex */
    apr_int64_t number;
    apr_time_t this_update, next_update;
    int is_final;                 /* there will be no next one */
    apr_uint64_t entries;         /* how many */
    const char *idp_url;          /* NULL: the whole list */
    apr_time_t expired_since;     /* 0: none */
    apr_uint64_t tbs_at, tbs_len; /* the signed octets, from the beginning */
    qw_bytes_t sig_alg, signature;
} qw_crl_facts_t;

/* *FACTS in POOL of the CRL DER, made as above. MALFORMED for any other. Of the
 * entries only the lengths are looked at. */
qw_problem_t *qw_crl_read(qw_crl_facts_t **facts, const qw_bytes_t *der,
                          apr_pool_t *pool) QW_MUST_CHECK;

/* The same of the file at PATH, without reading it into memory; NOT_FOUND if
 * there is none, SERVER_INTERNAL if it cannot be read. */
qw_problem_t *qw_crl_read_file(qw_crl_facts_t **facts, const char *path,
                               apr_pool_t *pool) QW_MUST_CHECK;

#endif
