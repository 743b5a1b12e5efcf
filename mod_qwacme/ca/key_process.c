#include "ca/key_process.h"

#include "base/world.h"

#include <apr_strings.h>

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

/* First byte of an answer. After BAD come code, detail and cause, each with its
 * NUL. */
enum { GOOD = 'y', BAD = 'n' };

static const char *for_answer(apr_size_t *len, const qw_problem_t *prob,
                              const qw_bytes_t *answer, apr_pool_t *pool)
{
    const char *name, *cause;
    char *text;

    if (prob == NULL) {
        *len = answer->len + 1;
        text = apr_palloc(pool, *len);
        text[0] = GOOD;
        if (answer->len > 0)
            memcpy(text + 1, answer->data, answer->len);
        return text;
    }
    name = qw_problem_name(prob->code);
    cause = prob->cause != NULL ? prob->cause : "";
    *len = strlen(name) + strlen(prob->detail) + strlen(cause) + 4;
    return apr_psprintf(pool, "%c%s%c%s%c%s", BAD, name, 0, prob->detail, 0,
                        cause);
}

/* Never returns; whoever asks ends this process when it has enough of it. */
static void serve_all(int fd, qw_key_serve_fn serve, void *baton,
                      apr_pool_t *pool)
{
    static char buf[QW_KEY_MESSAGE_MOST];
    apr_pool_t *round;
    ssize_t n;

    apr_pool_create(&round, pool);
    while ((n = recv(fd, buf, sizeof(buf), 0)) > 0) {
        qw_bytes_t request = { (unsigned char *)buf + 1, (apr_size_t)n - 1 };
        qw_bytes_t answer = { NULL, 0 };
        qw_problem_t *prob = serve(&answer, baton, &request, round);
        apr_size_t len;
        const char *text = for_answer(&len, prob, &answer, round);

        if (send(fd, text, len, MSG_NOSIGNAL) != (ssize_t)len)
            break;
        apr_pool_clear(round);
    }
    _exit(0);
}

/* Sockets, database and lock of the maker are not this process's to keep. */
static void become(int fd, pid_t maker)
{
    signal(SIGTERM, SIG_DFL);
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != maker)
        _exit(0);
    if (fd > 3)
        close_range(3, (unsigned)fd - 1, 0);
    close_range((unsigned)fd + 1, ~0U, 0);
}

qw_problem_t *qw_key_process_start(qw_key_process_t *process,
                                   qw_key_serve_fn serve, void *baton,
                                   apr_thread_mutex_t *gate, apr_pool_t *pool)
{
    pid_t maker = getpid(), pid;
    int fds[2];

    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, fds) != 0)
        return QW_FAIL_BECAUSE(pool, UNAVAILABLE, strerror(errno),
                               "the issuing key is away; try again later");
    if (gate != NULL)
        apr_thread_mutex_lock(gate);
    pid = fork();
    if (pid == 0) {
        become(fds[1], maker);
        serve_all(fds[1], serve, baton, pool);
    }
    if (gate != NULL)
        apr_thread_mutex_unlock(gate);
    close(fds[1]);
    if (pid < 0) {
        close(fds[0]);
        return QW_FAIL_BECAUSE(pool, UNAVAILABLE, strerror(errno),
                               "the issuing key is away; try again later");
    }
    process->pid = pid;
    process->fd = fds[0];
    process->asked_at = 0;
    return NULL;
}

static qw_problem_t *gone(apr_pool_t *pool)
{
    return QW_FAIL_BECAUSE(pool, UNAVAILABLE,
                           "the process of the token's library ended",
                           "the issuing key is away; try again later");
}

qw_problem_t *qw_key_process_ask(qw_key_process_t *process,
                                 const qw_bytes_t *request, apr_pool_t *pool)
{
    apr_size_t len = request->len + 1;
    char *text = apr_palloc(pool, len);

    text[0] = GOOD;
    if (request->len > 0)
        memcpy(text + 1, request->data, request->len);
    if (send(process->fd, text, len, MSG_NOSIGNAL) != (ssize_t)len)
        return gone(pool);
    process->asked_at = qw_world()->now();
    return NULL;
}

static int await(int fd, apr_time_t end)
{
    struct pollfd p = { fd, POLLIN, 0 };
    int n;

    do {
        apr_interval_time_t left = end - qw_world()->now();

        n = poll(&p, 1, left > 0 ? (int)(left / 1000) + 1 : 0);
    } while (n < 0 && errno == EINTR);
    return n > 0;
}

static qw_problem_t *read_answer(qw_bytes_t *answer, char *text, apr_size_t len,
                                 apr_pool_t *pool)
{
    const char *detail, *cause;
    qw_code_e code;

    if (text[0] == GOOD) {
        answer->data = (unsigned char *)text + 1;
        answer->len = len - 1;
        return NULL;
    }
    text[len] = text[len + 1] = text[len + 2] = '\0';
    detail = text + strlen(text) + 1;
    cause = detail + strlen(detail) + 1;
    if (!qw_problem_code(&code, text + 1))
        return gone(pool);
    return qw_problem_make(pool, __FILE__, __LINE__, code,
                           *cause != '\0' ? cause : NULL, "%s", detail);
}

qw_problem_t *qw_key_process_hear(qw_bytes_t *answer, qw_key_process_t *process,
                                  apr_interval_time_t wait, apr_pool_t *pool)
{
    char *text;
    ssize_t n;

    if (!await(process->fd, qw_world()->now() + wait)) {
        qw_problem_t *prob = QW_FAIL_BECAUSE(
            pool, UNAVAILABLE,
            apr_psprintf(pool, "no answer from the token for %d s",
                         (int)apr_time_sec(qw_world()->now()
                                           - process->asked_at)),
            "the issuing key is away; try again later");

        prob->rv = APR_TIMEUP;
        return prob;
    }
    text = apr_palloc(pool, QW_KEY_MESSAGE_MOST + 4);
    n = recv(process->fd, text, QW_KEY_MESSAGE_MOST, 0);
    process->asked_at = 0;
    return n > 0 ? read_answer(answer, text, (apr_size_t)n, pool) : gone(pool);
}

void qw_key_process_end(qw_key_process_t *process)
{
    if (process->pid == 0)
        return;
    kill(process->pid, SIGKILL);
    close(process->fd);
    while (waitpid(process->pid, NULL, 0) < 0 && errno == EINTR)
        ;
    memset(process, 0, sizeof(*process));
}
