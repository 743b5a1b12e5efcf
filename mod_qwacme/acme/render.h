/* render.h -- the objects of RFC8555-7.1 as JSON, in the call's pool.
 * Threads: one. */
#ifndef QW_ACME_RENDER_H
#define QW_ACME_RENDER_H

#include "acme/reply.h"
#include "model/order.h"

json_t *qw_render_account(const qw_call_t *call, const qw_account_t *account);

/* AUTHZ_IDS: of const char *. An order past its time is shown invalid. */
json_t *qw_render_order(const qw_call_t *call, const qw_order_t *order,
                        const apr_array_header_t *authz_ids);

/* CHALLENGES: of qw_challenge_t *. An authorization past its time is shown
 * expired. */
json_t *qw_render_authz(const qw_call_t *call, const qw_authz_t *authz,
                        const apr_array_header_t *challenges);

json_t *qw_render_challenge(const qw_call_t *call,
                            const qw_challenge_t *challenge);

/* State as a client sees it now, whatever housekeeping has done. */
qw_state_e qw_order_status(const qw_order_t *order, apr_time_t now);
qw_state_e qw_authz_status(const qw_authz_t *authz, apr_time_t now);

/* STATUS, the order, its Location, Retry-After while it is processing. */
void qw_reply_order(qw_reply_t *reply, int status, const qw_call_t *call,
                    const qw_order_t *order,
                    const apr_array_header_t *authz_ids);

#endif
