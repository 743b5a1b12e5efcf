/* say_order.h -- how far the newest orders of an external account are, in words.
 * Threads: one page, one thread. */
#ifndef QW_PORTAL_SAY_ORDER_H
#define QW_PORTAL_SAY_ORDER_H

#include "portal/page.h"

/* What was read of them, in the page's pool. */
typedef struct {
    apr_array_header_t *orders; /* the say room's own, newest first */
    int has_client;             /* an ACME client has registered */
    int is_moving;              /* something is still to come */
} qw_order_view_t;

/* *VIEW of the account EXTERNAL_ID, which the caller has found to be one that PAGE's
 * person may see. */
qw_problem_t *qw_orders_read(qw_order_view_t **view, const qw_page_t *page,
                             qw_db_t *db,
                             const char *external_id) QW_MUST_CHECK;

/* Write VIEW: of each order who made it, each name with what was seen of it and the
 * cure of what failed, and what became of it. */
void qw_orders_say(const qw_page_t *page, const qw_order_view_t *view);

#endif
