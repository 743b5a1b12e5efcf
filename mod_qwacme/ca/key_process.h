/* key_process.h -- a process of its own for what may hang, crash or go stale:
 * the library of a token. It ends with its maker, or by force.
 * Threads: one object, one thread. */
#ifndef QW_CA_KEY_PROCESS_H
#define QW_CA_KEY_PROCESS_H

#include "base/bytes.h"
#include "base/problem.h"

#include <apr_thread_mutex.h>
#include <apr_time.h>

#include <sys/types.h>

enum { QW_KEY_MESSAGE_MOST = 131072 };

typedef struct {
    pid_t pid; /* 0: there is none */
    int fd;
    apr_time_t asked_at; /* what was asked and not answered; 0: nothing */
} qw_key_process_t;

/* In the process: *ANSWER to REQUEST, in POOL, which goes with it. */
typedef qw_problem_t *(*qw_key_serve_fn)(qw_bytes_t *answer, void *baton,
                                         const qw_bytes_t *request,
                                         apr_pool_t *pool);

/* Fork one that serves by SERVE(BATON). GATE (or NULL) is held meanwhile: other
 * threads must own it for everything but to wait. UNAVAILABLE. */
qw_problem_t *qw_key_process_start(qw_key_process_t *process,
                                   qw_key_serve_fn serve, void *baton,
                                   apr_thread_mutex_t *gate,
                                   apr_pool_t *pool) QW_MUST_CHECK;

/* Ask it REQUEST. UNAVAILABLE if it is gone. */
qw_problem_t *qw_key_process_ask(qw_key_process_t *process,
                                 const qw_bytes_t *request,
                                 apr_pool_t *pool) QW_MUST_CHECK;

/* *ANSWER to that, in POOL, or its problem; within WAIT, else UNAVAILABLE with
 * rv APR_TIMEUP: it is still expected. */
qw_problem_t *qw_key_process_hear(qw_bytes_t *answer, qw_key_process_t *process,
                                  apr_interval_time_t wait,
                                  apr_pool_t *pool) QW_MUST_CHECK;

/* End it at once, whatever it does; nothing if there is none. */
void qw_key_process_end(qw_key_process_t *process);

#endif
