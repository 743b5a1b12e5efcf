/* wire.h -- what passes over the signer's socket: one JSON object each way on a
 * SOCK_SEQPACKET connection, so that a message is a packet. Threads: any.
 *
 * Request  {"op":"issue","authority":..,"account":..,"order":..,"csr":..}
 *          {"op":"status","authority":..,"issuer":..,"digest":"sha1",
 *          "serials":[..],"nonce":..}
 *          {"op":"health"}
 * Answer   {}, {"answer":".."} or {"problem":"BAD_CSR","detail":..,"instance":..,"retry":..,
 *          "subproblems":[{"problem":..,"detail":..,"identifier":..}]} */
#ifndef QW_CA_WIRE_H
#define QW_CA_WIRE_H

#include "base/json.h"

enum { QW_WIRE_MOST = 131072 };

/* The answer for PROB (NULL: success), in POOL. Its cause stays here. */
json_t *qw_wire_answer(const qw_problem_t *prob, apr_pool_t *pool);

/* The problem that ANSWER tells, in POOL; NULL for success. UNAVAILABLE for an
 * answer that is not of that form. */
qw_problem_t *qw_wire_problem(const json_t *answer,
                              apr_pool_t *pool) QW_MUST_CHECK;

#endif
