/* responder.h -- the delegated OCSP responder of an issuer on this node: its key
 * and certificate, which it gets by itself and renews in time.
 * Threads: one; the signer's. */
#ifndef QW_CA_RESPONDER_H
#define QW_CA_RESPONDER_H

#include "ca/issuing.h"

typedef struct qw_responder_t qw_responder_t;

/* *RESPONDER of ISSUING in POOL, with what an earlier signer left in the status
 * folder; it may have no certificate yet. */
qw_problem_t *qw_responder_make(qw_responder_t **responder, const qw_ca_t *ca,
                                const qw_issuing_t *issuing,
                                apr_pool_t *pool) QW_MUST_CHECK;

/* A new certificate if it has none that is valid now, or half of its life is over;
 * with a new key, unless that of QwacmeOCSPKey is to be used, which is opened
 * anew if need be. UNAVAILABLE if the issuing key is away: what it has stays usable
 * until its end; or if the key of QwacmeOCSPKey is. */
qw_problem_t *qw_responder_renew(qw_responder_t *responder,
                                 apr_pool_t *pool) QW_MUST_CHECK;

/* 1 if it can sign answers at NOW. */
int qw_responder_is_ready(const qw_responder_t *responder, apr_time_t now);

/* Why the key of QwacmeOCSPKey is away, until it is back; NULL if it is not. */
const char *qw_responder_away(const qw_responder_t *responder);

/* Until when; 0 if it has no certificate. */
apr_time_t qw_responder_not_after(const qw_responder_t *responder);

/* SHA-1 of its public key: ResponderID byKey. RFC6960-4.2.1 */
qw_bytes_t qw_responder_key_hash(const qw_responder_t *responder);

/* *DER: whole OCSP response over TBS (ResponseData) in POOL. */
qw_problem_t *qw_responder_sign(qw_bytes_t *der,
                                const qw_responder_t *responder,
                                const qw_bytes_t *tbs,
                                apr_pool_t *pool) QW_MUST_CHECK;

#endif
