/* signing_key.h -- the key that a JWS brings along. Threads: as qw_store_t. */
#ifndef QW_ACME_SIGNING_KEY_H
#define QW_ACME_SIGNING_KEY_H

#include "acme/call.h"

/* *KEY of the jwk of JWS; problems as of qw_jwk_parse(). If its private part
 * came along too, and JWS was signed with it, the key is blocked for good. */
qw_problem_t *qw_signing_key(qw_jwk_t **key, const qw_call_t *call,
                             const qw_jws_t *jws) QW_MUST_CHECK;

#endif
