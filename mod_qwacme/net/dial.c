#include "net/dial.h"

#include "base/world.h"
#include "net/vet.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

typedef union {
    struct sockaddr any;
    struct sockaddr_in in;
    struct sockaddr_in6 in6;
} address_t;

/* Length of *ADDRESS made from text; 0 if TEXT is none. */
static socklen_t parse(address_t *address, const char *text, int port)
{
    memset(address, 0, sizeof *address);
    if (inet_pton(AF_INET, text, &address->in.sin_addr) == 1) {
        address->in.sin_family = AF_INET;
        address->in.sin_port = htons((uint16_t)port);
        return sizeof address->in;
    }
    if (inet_pton(AF_INET6, text, &address->in6.sin6_addr) == 1) {
        address->in6.sin6_family = AF_INET6;
        address->in6.sin6_port = htons((uint16_t)port);
        return sizeof address->in6;
    }
    return 0;
}

int qw_dial_wait(int fd, short events, apr_time_t deadline)
{
    struct pollfd poller = { .fd = fd, .events = events };

    for (;;) {
        apr_interval_time_t left = deadline - qw_world()->now();

        if (left <= 0)
            return 0;
        if (poll(&poller, 1, (int)apr_time_as_msec(left) + 1) > 0)
            return 1;
    }
}

/* 0, or the errno of connecting FD. */
static int connect_until(int fd, const address_t *to, socklen_t len,
                         apr_time_t deadline)
{
    int error = 0;
    socklen_t error_len = sizeof error;

    if (connect(fd, &to->any, len) == 0)
        return 0;
    if (errno != EINPROGRESS)
        return errno;
    if (!qw_dial_wait(fd, POLLOUT, deadline))
        return ETIMEDOUT;
    if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &error_len) != 0)
        return errno;
    return error;
}

qw_problem_t *qw_dial(int *fd, const char *address, int port, int allow_private,
                      apr_time_t deadline, apr_pool_t *pool)
{
    address_t to;
    socklen_t len = parse(&to, address, port);
    const char *refusal = len == 0 ? "not an internet address"
                                   : qw_vet_address(&to.any, allow_private);
    char text[128];
    int sock, error;

    if (refusal != NULL)
        return QW_FAIL(pool, CONNECTION, "%s is not dialled: %s", address,
                       refusal);
    sock = socket(to.any.sa_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK,
                  IPPROTO_TCP);
    error = sock < 0 ? errno : connect_until(sock, &to, len, deadline);
    if (error == 0) {
        *fd = sock;
        return NULL;
    }
    if (sock >= 0)
        close(sock);
    return QW_FAIL(pool, CONNECTION, "connecting to %s port %d: %s", address,
                   port, apr_strerror(error, text, sizeof text));
}
