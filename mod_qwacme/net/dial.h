/* dial.h -- TCP connections to vetted addresses, with a deadline.
 * Threads: any. */
#ifndef QW_NET_DIAL_H
#define QW_NET_DIAL_H

#include "base/problem.h"

/* *FD, non-blocking and closed on exec, connected to ADDRESS (text) and PORT;
 * the caller closes it. CONNECTION if qw_vet_text() refuses ADDRESS (then no
 * packet is sent), nobody answers before DEADLINE, or the peer refuses. */
qw_problem_t *qw_dial(int *fd, const char *address, int port, int allow_private,
                      apr_time_t deadline, apr_pool_t *pool) QW_MUST_CHECK;

/* 1 when FD is ready for EVENTS (POLLIN, POLLOUT) or has failed; 0 at
 * DEADLINE. */
int qw_dial_wait(int fd, short events, apr_time_t deadline);

#endif
