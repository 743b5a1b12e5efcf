#include "signer/desk.h"

#include "base/b64.h"
#include "base/failpoint.h"
#include "base/log.h"
#include "base/world.h"
#include "ca/reconcile.h"
#include "ca/wire.h"

#include <apr_strings.h>

#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define QUIET           (apr_time_from_sec(1))
#define RECONCILE_EVERY (apr_time_from_sec(30))

static void reply(qw_ticket_t *ticket, const json_t *answer)
{
    const char *text = qw_json_dump(answer, ticket->pool);

    /* who hung up can read the order */
    (void)send(ticket->fd, text, strlen(text), MSG_NOSIGNAL | MSG_DONTWAIT);
    close(ticket->fd);
    apr_pool_destroy(ticket->pool);
}

void qw_desk_answer(qw_ticket_t *ticket, qw_problem_t *prob)
{
    if (prob != NULL)
        qw_log_problem("QW0167", prob, ticket->pool);
    reply(ticket, qw_wire_answer(prob, ticket->pool));
}

static void tell_status(qw_status_t *status, qw_ticket_t *ticket)
{
    json_t *answer = qw_json_new_object(ticket->pool);
    qw_bytes_t der;
    qw_problem_t *prob =
        qw_status_answer(&der, status, &ticket->ask, ticket->pool);

    if (prob != NULL) {
        qw_desk_answer(ticket, prob);
        return;
    }
    json_object_set_new(answer, "answer",
                        json_string(
                            qw_b64url_encode(der.data, der.len, ticket->pool)));
    reply(ticket, answer);
}

static qw_problem_t *health(qw_ca_t *ca, qw_status_t *status, apr_pool_t *pool)
{
    const char *why = qw_ca_halted(ca->conf, pool), *all = "";
    int i;

    if (why != NULL)
        return QW_FAIL(pool, UNAVAILABLE, "issuance is halted: %s", why);
    for (i = 0; i < ca->issuings->nelts; i++) {
        const qw_issuing_t *one =
            APR_ARRAY_IDX(ca->issuings, i, qw_issuing_t *);
        qw_problem_t *prob =
            one->key != NULL ? qw_key_health(one->key, pool) : NULL;

        if (prob != NULL)
            all = apr_pstrcat(pool, all, *all != '\0' ? "; " : "",
                              one->authority->name, ": issuer ",
                              one->issuer->id, ": ", prob->cause, NULL);
    }
    why = qw_status_health(status, pool);
    if (why != NULL)
        all = apr_pstrcat(pool, all, *all != '\0' ? "; " : "", why, NULL);
    return *all != '\0' ? QW_FAIL(pool, UNAVAILABLE, "%s", all) : NULL;
}

#ifdef QW_TEST_BUILD
static void before_reply(void)
{
    (void)qw_failpoint_hit("signer.reply.before");
}
#else
#define before_reply() ((void)0)
#endif

/* One issuer's key that is away keeps no other from issuing. */
static int has_key(qw_ticket_t *ticket)
{
    qw_issue_t *issue = &ticket->issue;

    issue->problem = qw_key_health(issue->issuing->key, ticket->pool);
    return issue->problem == NULL;
}

static void close_ticket(qw_ca_t *ca, qw_status_t *status, qw_ticket_t *ticket)
{
    switch (ticket->kind) {
    case QW_TICKET_ISSUE:
        qw_desk_answer(ticket, ticket->issue.problem);
        break;
    case QW_TICKET_STATUS:
        tell_status(status, ticket);
        break;
    case QW_TICKET_HEALTH:
        qw_desk_answer(ticket, health(ca, status, ticket->pool));
        break;
    }
}

static void serve(qw_ca_t *ca, qw_status_t *status, qw_ticket_t **tickets,
                  int n, apr_pool_t *pool)
{
    qw_issue_t *batch[QW_ISSUE_BATCH];
    int i, orders = 0;

    for (i = 0; i < n; i++)
        if (tickets[i]->kind == QW_TICKET_ISSUE && has_key(tickets[i]))
            batch[orders++] = &tickets[i]->issue;
    if (orders > 0)
        qw_issue_batch(ca, batch, orders, pool);
    before_reply();
    for (i = 0; i < n; i++)
        close_ticket(ca, status, tickets[i]);
}

static void reconcile(qw_ca_t *ca, apr_pool_t *pool)
{
    qw_reconciled_t done;
    qw_problem_t *prob = qw_reconcile(&done, ca, 0, pool);

    if (prob != NULL)
        qw_log_problem("QW0168", prob, pool);
    else if (done.adopted + done.orphaned + done.attached > 0)
        qw_log(QW_LOG_NOTICE, 0, pool,
               "QW0169: reconcile: %d adopted, %d orphaned, %d late",
               done.adopted, done.orphaned, done.attached);
}

void qw_desk_work(qw_ca_t *ca, qw_status_t *status, qw_queue_t *queue,
                  apr_pool_t *pool)
{
    apr_time_t due = qw_world()->now() + RECONCILE_EVERY;
    qw_ticket_t *tickets[QW_ISSUE_BATCH];
    int n, more = 1;

    while ((n = qw_queue_take(queue, tickets, QW_ISSUE_BATCH, more ? 0 : QUIET))
           >= 0) {
        apr_pool_clear(pool);
        if (n > 0)
            serve(ca, status, tickets, n, pool);
        more = qw_status_step(status, pool);
        if (!qw_is_due(due, RECONCILE_EVERY))
            continue;
        reconcile(ca, pool);
        due = qw_world()->now() + RECONCILE_EVERY;
    }
}
