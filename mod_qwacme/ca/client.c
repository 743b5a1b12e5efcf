#include "ca/client.h"

#include "base/b64.h"
#include "base/world.h"
#include "ca/wire.h"

#include <apr_strings.h>

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

const char *qw_signer_socket(const qw_conf_t *conf, apr_pool_t *pool)
{
    return apr_pstrcat(pool, conf->state_dir, "/signer.sock", NULL);
}

static qw_problem_t *away(const char *what, apr_pool_t *pool)
{
    qw_problem_t *prob =
        QW_FAIL_BECAUSE(pool, UNAVAILABLE,
                        apr_psprintf(pool, "signer: %s: %s", what,
                                     strerror(errno)),
                        "issuance is away for a moment; try again later");

    prob->retry_after = apr_time_from_sec(5);
    return prob;
}

static int dial(const char *path)
{
    struct sockaddr_un addr = { .sun_family = AF_UNIX };
    int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);

    if (fd < 0)
        return -1;
    apr_cpystrn(addr.sun_path, path, sizeof(addr.sun_path));
    if (connect(fd, (struct sockaddr *)&addr, sizeof(addr)) == 0)
        return fd;
    close(fd);
    return -1;
}

static int await(int fd, apr_interval_time_t wait)
{
    struct pollfd p = { fd, POLLIN, 0 };
    apr_time_t end = qw_world()->now() + wait;
    int n;

    do {
        apr_interval_time_t left = end - qw_world()->now();

        n = poll(&p, 1, left > 0 ? (int)(left / 1000) + 1 : 0);
    } while (n < 0 && errno == EINTR);
    if (n == 0)
        errno = ETIMEDOUT;
    return n > 0;
}

static qw_problem_t *exchange(json_t **answer, int fd, const char *request,
                              apr_interval_time_t wait, apr_pool_t *pool)
{
    char *buf = apr_palloc(pool, QW_WIRE_MOST);
    ssize_t len = (ssize_t)strlen(request);

    if (send(fd, request, (size_t)len, MSG_NOSIGNAL) != len)
        return away("cannot be asked", pool);
    if (!await(fd, wait))
        return away("no answer", pool);
    len = recv(fd, buf, QW_WIRE_MOST, 0);
    if (len <= 0)
        return away("hung up", pool);
    return qw_json_parse_object(answer, buf, (apr_size_t)len, "signer's answer",
                                pool);
}

static qw_problem_t *talk(json_t **answer, const qw_signer_client_t *client,
                          const json_t *request, apr_pool_t *pool)
{
    int fd = dial(client->socket_path);
    qw_problem_t *prob;

    if (fd < 0)
        return away(client->socket_path, pool);
    prob =
        exchange(answer, fd, qw_json_dump(request, pool), client->wait, pool);
    close(fd);
    return prob;
}

static qw_problem_t *ask(const qw_signer_client_t *client,
                         const json_t *request, apr_pool_t *pool)
{
    json_t *answer;

    QW_TRY(talk(&answer, client, request, pool));
    return qw_wire_problem(answer, pool);
}

qw_problem_t *qw_signer_issue(const qw_signer_client_t *client,
                              const qw_authority_t *authority,
                              const char *account_id, const char *order_id,
                              const qw_bytes_t *csr, apr_pool_t *pool)
{
    json_t *request = qw_json_new_object(pool);

    json_object_set_new(request, "op", json_string("issue"));
    json_object_set_new(request, "authority", json_string(authority->name));
    json_object_set_new(request, "account", json_string(account_id));
    json_object_set_new(request, "order", json_string(order_id));
    json_object_set_new(request, "csr",
                        json_string(
                            qw_b64url_encode(csr->data, csr->len, pool)));
    return ask(client, request, pool);
}

qw_problem_t *qw_signer_complete(const qw_signer_client_t *client,
                                 const qw_authority_t *authority,
                                 const char *issuer, const char *precert_id,
                                 apr_pool_t *pool)
{
    json_t *request = qw_json_new_object(pool);

    json_object_set_new(request, "op", json_string("complete"));
    json_object_set_new(request, "authority", json_string(authority->name));
    json_object_set_new(request, "issuer", json_string(issuer));
    json_object_set_new(request, "precertificate", json_string(precert_id));
    return ask(client, request, pool);
}

qw_problem_t *qw_signer_health(const qw_signer_client_t *client,
                               apr_pool_t *pool)
{
    json_t *request = qw_json_new_object(pool);

    json_object_set_new(request, "op", json_string("health"));
    return ask(client, request, pool);
}

qw_problem_t *qw_signer_status(qw_bytes_t *der,
                               const qw_signer_client_t *client,
                               const qw_authority_t *authority,
                               const qw_status_question_t *question,
                               apr_pool_t *pool)
{
    json_t *request = qw_json_new_object(pool), *serials = json_array();
    json_t *answer;
    const char *text;
    int i;

    json_object_set_new(request, "op", json_string("status"));
    json_object_set_new(request, "authority", json_string(authority->name));
    json_object_set_new(request, "issuer", json_string(question->issuer));
    json_object_set_new(request, "digest", json_string(question->digest));
    json_object_set_new(request, "serials", serials);
    for (i = 0; i < question->serials->nelts; i++)
        json_array_append_new(serials,
                              json_string(APR_ARRAY_IDX(question->serials, i,
                                                        const char *)));
    if (question->nonce.data != NULL)
        json_object_set_new(request, "nonce",
                            json_string(qw_b64url_encode(question->nonce.data,
                                                         question->nonce.len,
                                                         pool)));
    QW_TRY(talk(&answer, client, request, pool));
    text = json_string_value(json_object_get(answer, "answer"));
    if (text != NULL && qw_b64url_decode(der, text, pool))
        return NULL;
    QW_TRY(qw_wire_problem(answer, pool));
    return away("an answer without an answer", pool);
}
