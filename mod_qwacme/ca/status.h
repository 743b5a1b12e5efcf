/* status.h -- what this node tells about its issuers' serials, kept up to date
 * by the signer in small steps between certificates: OCSP answers, CRLs, and the
 * account of what was published when. Threads: one; the signer's. */
#ifndef QW_CA_STATUS_H
#define QW_CA_STATUS_H

#include "ca/issuing.h"

typedef struct qw_status_t qw_status_t;

/* *STATUS of every issuer of CA, in POOL; folders are made. INVALID_INPUT with
 * the path if they cannot be. */
qw_problem_t *qw_status_make(qw_status_t **status, const qw_ca_t *ca,
                             apr_pool_t *pool) QW_MUST_CHECK;

/* Do a little of what is due, at most some tenths of a second of it. 1 if there
 * is more to do right now, else call it again within a second. Problems are
 * logged; what they concern is tried again. SCRATCH is the step's. */
int qw_status_step(qw_status_t *status, apr_pool_t *scratch);

/* What is asked for right now. */
typedef struct {
    const qw_issuing_t *issuing;
    const char *digest;                /* "sha1", "sha256" */
    const apr_array_header_t *serials; /* of const char *, hex */
    qw_bytes_t nonce;                  /* data NULL: none */
} qw_status_ask_t;

/* *DER: OCSP response in POOL, of what the database says now. UNAVAILABLE if the
 * issuer has no responder yet. */
qw_problem_t *qw_status_answer(qw_bytes_t *der, qw_status_t *status,
                               const qw_status_ask_t *ask,
                               apr_pool_t *pool) QW_MUST_CHECK;

/* What an operator should look at, in POOL: CRLs past half of their validity,
 * responders near their end, revocations that nobody shows; NULL if all is
 * well. */
const char *qw_status_health(qw_status_t *status, apr_pool_t *pool);

#endif
