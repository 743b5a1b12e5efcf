/* envelope.h -- RFC 8555 section 6: who sent this request, and is it whole?
 * Threads: one. */
#ifndef QW_ACME_ENVELOPE_H
#define QW_ACME_ENVELOPE_H

#include "acme/route.h"

/* Read, parse and verify the JWS of CALL's request and fill jws, key, account
 * and payload. In this order: form, algorithm, jwk or kid, url, nonce (spent,
 * whatever follows), key, signature, state of the account, payload. */
qw_problem_t *qw_envelope_open(qw_call_t *call) QW_MUST_CHECK;

#endif
