#include "signer/door.h"

#include "base/b64.h"
#include "base/log.h"
#include "base/text.h"
#include "base/world.h"
#include "ca/wire.h"
#include "signer/desk.h"

#include <apr_strings.h>

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

enum { GUESTS = 512, ATTEND_MS = 1000 };

/* Of a question about status: RFC5280-4.1.2.2, RFC9654-2.1 */
enum { SERIALS_MOST = 16, SERIAL_MOST = 20, NONCE_MOST = 128 };

struct qw_door_t {
    const qw_signer_env_t *env;
    struct pollfd fds[GUESTS + 1]; /* the listener first */
    nfds_t n;
    char packet[QW_WIRE_MOST];
};

static qw_problem_t *broke(const char *path, apr_pool_t *pool)
{
    return QW_FAIL(pool, INVALID_INPUT, "signer socket %s: %s", path,
                   strerror(errno));
}

qw_problem_t *qw_door_open(qw_door_t **door, const qw_signer_env_t *env,
                           apr_pool_t *pool)
{
    struct sockaddr_un addr = { .sun_family = AF_UNIX };
    qw_door_t *d = apr_pcalloc(pool, sizeof(*d));
    int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

    if (strlen(env->socket_path) >= sizeof(addr.sun_path))
        return QW_FAIL(pool, INVALID_INPUT,
                       "QwacmeStateDir: '%s' is too long for a socket; choose "
                       "a path of less than %d characters",
                       env->socket_path, (int)sizeof(addr.sun_path) - 16);
    apr_cpystrn(addr.sun_path, env->socket_path, sizeof(addr.sun_path));
    unlink(env->socket_path);
    /* any user may knock; who is let in is decided by SO_PEERCRED */
    if (fd < 0 || bind(fd, (struct sockaddr *)&addr, sizeof(addr)) != 0
        || chmod(env->socket_path, 0666) != 0 || listen(fd, GUESTS) != 0)
        return broke(env->socket_path, pool);
    d->env = env;
    d->fds[0].fd = fd;
    d->fds[0].events = POLLIN;
    d->n = 1;
    *door = d;
    return NULL;
}

static int is_welcome(const qw_door_t *door, int fd)
{
    struct ucred peer;
    socklen_t len = sizeof(peer);

    return getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &len) == 0
           && (peer.uid == door->env->client_uid || peer.uid == geteuid()
               || peer.uid == 0);
}

static void let_in(qw_door_t *door)
{
    int fd;

    while (door->n <= GUESTS
           && (fd = accept4(door->fds[0].fd, NULL, NULL,
                            SOCK_CLOEXEC | SOCK_NONBLOCK))
                  >= 0) {
        if (!is_welcome(door, fd)) {
            close(fd);
            continue;
        }
        door->fds[door->n].fd = fd;
        door->fds[door->n].events = POLLIN;
        door->fds[door->n++].revents = 0;
    }
}

/* The certificate of a precertificate is signed by the same issuer; the draft
 * holds that against the ledger. */
static qw_problem_t *read_complete(qw_ticket_t *t, const json_t *request,
                                   const qw_ca_t *ca)
{
    const char *authority, *issuer;

    t->issue.pool = t->pool;
    QW_TRY(
        qw_json_text(&authority, request, "authority", QW_REQUIRED, t->pool));
    QW_TRY(qw_json_text(&issuer, request, "issuer", QW_REQUIRED, t->pool));
    QW_TRY(qw_json_text(&t->issue.precert_id, request, "precertificate",
                        QW_REQUIRED, t->pool));
    t->issue.issuing = qw_ca_issuing(ca, authority, issuer);
    if (t->issue.issuing == NULL || !qw_id_is(t->issue.precert_id))
        return QW_FAIL(t->pool, NOT_FOUND, "no such resource");
    return t->issue.issuing->key != NULL
               ? NULL
               : QW_FAIL(t->pool, UNAUTHORIZED,
                         "the issuing CA signs no more; order again");
}

static qw_problem_t *read_issue(qw_ticket_t *t, const json_t *request,
                                const qw_ca_t *ca)
{
    const char *authority;
    qw_bytes_t der;

    t->issue.pool = t->pool;
    QW_TRY(
        qw_json_text(&authority, request, "authority", QW_REQUIRED, t->pool));
    QW_TRY(qw_json_text(&t->issue.account_id, request, "account", QW_REQUIRED,
                        t->pool));
    QW_TRY(qw_json_text(&t->issue.order_id, request, "order", QW_REQUIRED,
                        t->pool));
    QW_TRY(
        qw_json_text(&t->issue.csr_text, request, "csr", QW_REQUIRED, t->pool));
    if (!qw_id_is(t->issue.account_id) || !qw_id_is(t->issue.order_id))
        return QW_FAIL(t->pool, NOT_FOUND, "no such resource");
    if (!qw_b64url_decode(&der, t->issue.csr_text, t->pool))
        return QW_FAIL(t->pool, MALFORMED, "csr is not base64url");
    QW_TRY(qw_csr_parse(&t->issue.csr, &der, ca->known, t->pool));
    return qw_ca_choose(&t->issue.issuing, ca, authority, t->issue.csr->key,
                        t->pool);
}

static qw_problem_t *read_serials(qw_ticket_t *t, const json_t *list)
{
    apr_array_header_t *serials =
        apr_array_make(t->pool, 1, sizeof(const char *));
    json_t *one;
    apr_size_t i;

    json_array_foreach(list, i, one)
    {
        const char *text = json_string_value(one);
        qw_bytes_t bytes;

        if (text == NULL || i >= SERIALS_MOST
            || !qw_hex_decode(&bytes, text, t->pool) || bytes.len == 0
            || bytes.len > SERIAL_MOST)
            return QW_FAIL(t->pool, MALFORMED, "serials are hex");
        APR_ARRAY_PUSH(serials, const char *) = apr_pstrdup(t->pool, text);
    }
    t->ask.serials = serials;
    return serials->nelts > 0
               ? NULL
               : QW_FAIL(t->pool, MALFORMED, "serials are missing");
}

static qw_problem_t *read_nonce(qw_ticket_t *t, const json_t *request)
{
    const char *text;

    QW_TRY(qw_json_text(&text, request, "nonce", QW_OPTIONAL, t->pool));
    if (text != NULL
        && (!qw_b64url_decode(&t->ask.nonce, text, t->pool)
            || t->ask.nonce.len == 0 || t->ask.nonce.len > NONCE_MOST))
        return QW_FAIL(t->pool, MALFORMED, "nonce: 1 to 128 octets");
    return NULL;
}

static qw_problem_t *read_status(qw_ticket_t *t, const json_t *request,
                                 const qw_ca_t *ca)
{
    const char *authority, *issuer;

    QW_TRY(
        qw_json_text(&authority, request, "authority", QW_REQUIRED, t->pool));
    QW_TRY(qw_json_text(&issuer, request, "issuer", QW_REQUIRED, t->pool));
    QW_TRY(
        qw_json_text(&t->ask.digest, request, "digest", QW_REQUIRED, t->pool));
    if (strcmp(t->ask.digest, "sha1") != 0
        && strcmp(t->ask.digest, "sha256") != 0)
        return QW_FAIL(t->pool, MALFORMED, "digest: sha1 or sha256");
    QW_TRY(read_serials(t, json_object_get(request, "serials")));
    QW_TRY(read_nonce(t, request));
    t->ask.issuing = qw_ca_issuing(ca, authority, issuer);
    return t->ask.issuing != NULL
               ? NULL
               : QW_FAIL(t->pool, NOT_FOUND, "no such issuer");
}

static qw_problem_t *read_request(qw_ticket_t *t, const char *packet,
                                  apr_size_t len, const qw_ca_t *ca)
{
    json_t *request;
    const char *op;

    QW_TRY(qw_json_parse_object(&request, packet, len, "request", t->pool));
    QW_TRY(qw_json_text(&op, request, "op", QW_REQUIRED, t->pool));
    if (strcmp(op, "health") == 0) {
        t->kind = QW_TICKET_HEALTH;
        return NULL;
    }
    if (strcmp(op, "status") == 0) {
        t->kind = QW_TICKET_STATUS;
        return read_status(t, request, ca);
    }
    if (strcmp(op, "complete") == 0)
        return read_complete(t, request, ca);
    if (strcmp(op, "issue") != 0)
        return QW_FAIL(t->pool, MALFORMED, "op %s is not known",
                       qw_text_safe(op, 32, t->pool));
    return read_issue(t, request, ca);
}

static void busy(qw_ticket_t *t)
{
    qw_problem_t *prob =
        QW_FAIL(t->pool, UNAVAILABLE, "issuance is busy; try again later");

    prob->retry_after = apr_time_from_sec(5);
    qw_desk_answer(t, prob);
}

static void hear(qw_door_t *door, int fd, const qw_ca_t *ca, qw_queue_t *queue)
{
    ssize_t len = recv(fd, door->packet, sizeof(door->packet), 0);
    qw_ticket_t *t;
    qw_problem_t *prob;
    apr_pool_t *pool;

    if (len <= 0) {
        close(fd);
        return;
    }
    apr_pool_create(&pool, NULL);
    t = apr_pcalloc(pool, sizeof(*t));
    t->fd = fd;
    t->pool = pool;
    prob = read_request(t, door->packet, (apr_size_t)len, ca);
    if (prob != NULL)
        qw_desk_answer(t, prob);
    else if (!qw_queue_put(queue, t))
        busy(t);
}

void qw_door_attend(qw_door_t *door, const qw_ca_t *ca, qw_queue_t *queue)
{
    int n = poll(door->fds, door->n, ATTEND_MS);
    nfds_t i;

    qw_queue_nudge(queue);
    if (n <= 0)
        return;
    qw_keyring_enter(ca->ring);
    for (i = door->n - 1; i > 0; i--) {
        if (door->fds[i].revents == 0)
            continue;
        hear(door, door->fds[i].fd, ca, queue);
        door->fds[i] = door->fds[--door->n];
    }
    if (door->fds[0].revents != 0)
        let_in(door);
    qw_keyring_leave(ca->ring);
}

void qw_door_close(qw_door_t *door)
{
    nfds_t i;

    for (i = 0; i < door->n; i++)
        close(door->fds[i].fd);
    unlink(door->env->socket_path);
}
