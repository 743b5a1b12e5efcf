/* queue.h -- requests on their way from the socket to the signing thread.
 * Threads: locks itself. */
#ifndef QW_SIGNER_QUEUE_H
#define QW_SIGNER_QUEUE_H

#include "ca/issue.h"
#include "ca/status.h"

typedef struct {
    int fd; /* where the answer goes; closed with it */
    enum { QW_TICKET_ISSUE, QW_TICKET_STATUS, QW_TICKET_HEALTH } kind;
    qw_issue_t issue;
    qw_status_ask_t ask;
    apr_pool_t *pool; /* of the request, a root */
} qw_ticket_t;

typedef struct qw_queue_t qw_queue_t;

qw_problem_t *qw_queue_make(qw_queue_t **queue, apr_pool_t *pool) QW_MUST_CHECK;

/* 0 if the queue is full: the caller keeps the ticket. */
int qw_queue_put(qw_queue_t *queue, qw_ticket_t *ticket);

/* Up to MOST tickets into TICKETS; waits for the first no longer than WAIT.
 * Number taken; -1 when the queue is closed and empty. */
int qw_queue_take(qw_queue_t *queue, qw_ticket_t **tickets, int most,
                  apr_interval_time_t wait);

/* Who waits looks up, and waits anew: WAIT is of the system clock, which may be
 * set back meanwhile. */
void qw_queue_nudge(qw_queue_t *queue);

/* No more tickets are coming. */
void qw_queue_close(qw_queue_t *queue);

#endif
