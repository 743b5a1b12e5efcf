/* binding_check.h -- would a browser take this TLS certificate binding?
 * ETSI TS 119 411-5 clause 6.2.2 and Annex B. Threads: any. */
#ifndef QWC_BINDING_CHECK_H
#define QWC_BINDING_CHECK_H

#include "jose/tls_binding.h"
#include "x509/cert.h"

/* A TLS certificate that should be bound. */
typedef struct {
    const char *where; /* the file it came from */
    qw_bytes_t der;
    apr_time_t not_after;
} qwc_leaf_t;

/* What it is held against. */
typedef struct {
    apr_array_header_t *leaves;  /* of qwc_leaf_t; may be empty */
    const char *host;            /* name of the website, or NULL */
    apr_array_header_t *trusted; /* of qw_bytes_t: CAs, or NULL */
    apr_time_t now;
} qwc_binding_terms_t;

typedef struct {
    qw_tls_binding_t *binding;
    qw_cert_facts_t *signer;
    apr_time_t end; /* the soonest of exp, the signer's notAfter and, if every
                       bound certificate is known, that of the longest-lived */
} qwc_binding_facts_t;

/* *FACTS in POOL of LEN bytes of TEXT, if it is all right by TERMS; else what
 * is wrong and the cure: MALFORMED, BAD_PUBLIC_KEY or UNAUTHORIZED. */
qw_problem_t *qwc_binding_check(qwc_binding_facts_t *facts, const char *text,
                                apr_size_t len,
                                const qwc_binding_terms_t *terms,
                                apr_pool_t *pool) QW_MUST_CHECK;

/* The notAfter that lasts longest among LEAVES; 0 of none. */
apr_time_t qwc_leaves_end(const apr_array_header_t *leaves);

#endif
