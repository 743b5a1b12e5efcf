/* check.h -- domain control validation: one row per challenge type.
 * Threads: any. */
#ifndef QW_CHECK_CHECK_H
#define QW_CHECK_CHECK_H

#include "base/json.h"
#include "model/authority.h"

/* One validation attempt, the same for every type. */
typedef struct {
    const qw_authority_t *authority;
    const char *domain; /* A-labels, lower case, without "*." */
    const char *token;
    const char *key_auth;     /* token "." thumbprint; http-01 alone needs it */
    apr_time_t deadline;      /* absolute, real clock */
    unsigned char digest[32]; /* SHA-256 of key_auth; the others need it */
} qw_dcv_t;

/* Fill DCV->digest from DCV->key_auth. */
qw_problem_t *qw_dcv_digest(qw_dcv_t *dcv, apr_pool_t *pool) QW_MUST_CHECK;

/* Stateless: a const table row. */
typedef struct {
    const char *type;       /* "dns-01" */
    const char *caa_method; /* as CAA validationmethods spells it */
    int proves_wildcard;

    /* NULL: control shown. Else the ACME problem of this attempt: CONNECTION,
     * DNS, TLS, UNAUTHORIZED. EVIDENCE, an object owned by POOL, gets what was
     * seen either way: addresses, status, first bytes made safe, DNSSEC state.
     * Returns before the deadline, give or take a second. */
    qw_problem_t *(*try)(json_t *evidence, const qw_dcv_t *dcv,
                         apr_pool_t *pool);
} qw_validator_t;

/* Row of TYPE, or NULL; by number from 0, NULL after the last. */
const qw_validator_t *qw_validator_find(const char *type);
const qw_validator_t *qw_validator_at(int n);

/* Once per process that validates, after fork: curl, and connections to
 * perspectives. They live as long as POOL. */
qw_problem_t *qw_check_init(apr_pool_t *pool) QW_MUST_CHECK;

#endif
