/* desk.h -- the thread that signs: takes tickets, issues in batches, answers,
 * and reconciles when it has been quiet or long. Threads: its own one. */
#ifndef QW_SIGNER_DESK_H
#define QW_SIGNER_DESK_H

#include "signer/queue.h"

/* Work until the queue is closed and empty; between tickets STATUS is kept up to
 * date. POOL is the thread's. */
void qw_desk_work(qw_ca_t *ca, qw_status_t *status, qw_queue_t *queue,
                  apr_pool_t *pool);

/* Send the answer for PROB (NULL: success) and be rid of TICKET. */
void qw_desk_answer(qw_ticket_t *ticket, qw_problem_t *prob);

#endif
