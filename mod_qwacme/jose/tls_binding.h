/* tls_binding.h -- TLS certificate bindings, ETSI TS 119 411-5 Annex B: a
 * compact JWS with a detached payload by which the holder of a 2-QWAC names the
 * TLS certificates of a website. Threads: any. */
#ifndef QW_JOSE_TLS_BINDING_H
#define QW_JOSE_TLS_BINDING_H

#include "base/bytes.h"
#include "base/json.h"

enum {
    QW_TLS_BINDING_MOST = 102400, /* bytes that a browser reads of one */
    QW_TLS_BINDING_CHAIN_MOST = 10
};

typedef struct {
    const char *alg;            /* "RS256", "PS256" or "ES256" */
    const char *kid;            /* NULL if absent */
    apr_time_t iat, exp;        /* 0 if absent */
    apr_array_header_t *x5c;    /* of qw_bytes_t: DER, the 2-QWAC first */
    const char *hash_method;    /* hashM: "S256", "S384" or "S512" */
    apr_array_header_t *pars;   /* of const char *: labels, free text */
    apr_array_header_t *hashes; /* hashV, of const char *: one for each label */
    qw_bytes_t input;           /* what is signed: header "." */
    qw_bytes_t signature;
} qw_tls_binding_t;

/* *BINDING in POOL of LEN bytes of TEXT, not verified. MALFORMED, saying what
 * is wrong and the cure, for anything that one of the browsers would not take:
 * white space, a payload, another header parameter than alg, kid, cty, x5t#S256,
 * x5c, iat, exp and sigD (so no crit), another member of sigD than mId, pars,
 * hashM and hashV, x5t#S256 of another certificate than the first of x5c. */
qw_problem_t *qw_tls_binding_parse(qw_tls_binding_t **binding, const char *text,
                                   apr_size_t len,
                                   apr_pool_t *pool) QW_MUST_CHECK;

/* NULL if KEY, of the first certificate, signed it. MALFORMED. */
qw_problem_t *qw_tls_binding_verify(const qw_tls_binding_t *binding,
                                    EVP_PKEY *key,
                                    apr_pool_t *pool) QW_MUST_CHECK;

/* Number of the entry of sigD that names the certificate DER, -1 if none. */
int qw_tls_binding_index(const qw_tls_binding_t *binding, const qw_bytes_t *der,
                         apr_pool_t *pool);

/* hashV of DER by METHOD ("S256"), in POOL; NULL if there is no such method.
 * The hash is over the ASCII of the base64url, not over the certificate:
 * RFC7515-5.1 makes a payload text before it is hashed. */
const char *qw_tls_binding_hash(const char *method, const qw_bytes_t *der,
                                apr_pool_t *pool);

/* The algorithm to sign with KEY: WANTED, or if that is NULL, ES256 or PS256
 * by its type. INVALID_INPUT if browsers take none for it. */
qw_problem_t *qw_tls_binding_alg(const char **alg, EVP_PKEY *key,
                                 const char *wanted,
                                 apr_pool_t *pool) QW_MUST_CHECK;

/* *TEXT in POOL, without a line feed after it: BINDING, of which input and
 * signature are not read, signed with KEY. INVALID_INPUT if a label or kid is
 * not UTF-8; UNAVAILABLE if the key does not sign. */
qw_problem_t *qw_tls_binding_make(const char **text,
                                  const qw_tls_binding_t *binding,
                                  EVP_PKEY *key,
                                  apr_pool_t *pool) QW_MUST_CHECK;

#endif
