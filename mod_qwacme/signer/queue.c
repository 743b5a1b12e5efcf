#include "signer/queue.h"

#include <apr_thread_cond.h>
#include <apr_thread_mutex.h>

enum { DEEPEST = 512 };

struct qw_queue_t {
    apr_thread_mutex_t *mutex;
    apr_thread_cond_t *more;
    qw_ticket_t *ring[DEEPEST];
    int first, n;
    int closed;
};

qw_problem_t *qw_queue_make(qw_queue_t **queue, apr_pool_t *pool)
{
    qw_queue_t *q = apr_pcalloc(pool, sizeof(*q));

    if (apr_thread_mutex_create(&q->mutex, APR_THREAD_MUTEX_DEFAULT, pool)
            != APR_SUCCESS
        || apr_thread_cond_create(&q->more, pool) != APR_SUCCESS)
        return QW_FAIL(pool, SERVER_INTERNAL, "no mutex for the queue");
    *queue = q;
    return NULL;
}

int qw_queue_put(qw_queue_t *q, qw_ticket_t *ticket)
{
    int room;

    apr_thread_mutex_lock(q->mutex);
    room = q->n < DEEPEST && !q->closed;
    if (room) {
        q->ring[(q->first + q->n++) % DEEPEST] = ticket;
        apr_thread_cond_signal(q->more);
    }
    apr_thread_mutex_unlock(q->mutex);
    return room;
}

int qw_queue_take(qw_queue_t *q, qw_ticket_t **tickets, int most,
                  apr_interval_time_t wait)
{
    int taken = 0;

    apr_thread_mutex_lock(q->mutex);
    if (q->n == 0 && !q->closed)
        apr_thread_cond_timedwait(q->more, q->mutex, wait);
    while (q->n > 0 && taken < most) {
        tickets[taken++] = q->ring[q->first];
        q->first = (q->first + 1) % DEEPEST;
        q->n--;
    }
    if (taken == 0 && q->closed)
        taken = -1;
    apr_thread_mutex_unlock(q->mutex);
    return taken;
}

void qw_queue_nudge(qw_queue_t *q)
{
    apr_thread_mutex_lock(q->mutex);
    apr_thread_cond_signal(q->more);
    apr_thread_mutex_unlock(q->mutex);
}

void qw_queue_close(qw_queue_t *q)
{
    apr_thread_mutex_lock(q->mutex);
    q->closed = 1;
    apr_thread_cond_signal(q->more);
    apr_thread_mutex_unlock(q->mutex);
}
