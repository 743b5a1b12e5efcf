/* find_order.h -- the caller's order as it stands. Threads: any. */
#ifndef QW_ACME_FIND_ORDER_H
#define QW_ACME_FIND_ORDER_H

#include "acme/call.h"
#include "model/order.h"

typedef struct {
    const qw_call_t *call;
    qw_order_t *order;
    apr_array_header_t *authz_ids; /* of const char * */
} qw_found_order_t;

/* The order that the call's id names, in one reading transaction. NOT_FOUND. */
qw_problem_t *qw_find_order(qw_found_order_t *found,
                            const qw_call_t *call) QW_MUST_CHECK;

#endif
