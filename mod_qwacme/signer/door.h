/* door.h -- the signer's socket: who may come in, and what a request must look
 * like. Threads: the main one. */
#ifndef QW_SIGNER_DOOR_H
#define QW_SIGNER_DOOR_H

#include "signer/queue.h"
#include "signer/signer.h"

typedef struct qw_door_t qw_door_t;

/* Bind and listen. INVALID_INPUT with path and reason. */
qw_problem_t *qw_door_open(qw_door_t **door, const qw_signer_env_t *env,
                           apr_pool_t *pool) QW_MUST_CHECK;

/* Accept and read requests for at most a second; put them into QUEUE. */
void qw_door_attend(qw_door_t *door, const qw_ca_t *ca, qw_queue_t *queue);

/* Take no more. */
void qw_door_close(qw_door_t *door);

#endif
