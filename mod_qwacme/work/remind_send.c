/* Reminders on their way: claimed, sent outside of any transaction, ended. */
#include "work/remind.h"

#include "audit/audit.h"
#include "base/failpoint.h"
#include "base/log.h"
#include "base/put.h"
#include "base/text.h"
#include "base/world.h"
#include "net/http_get.h"
#include "net/mail.h"
#include "store/db_external.h"
#include "work/remind_text.h"

#include <apr_strings.h>

#include <string.h>
#include <strings.h>

/* 60 tries are twelve days: then nobody reads there. */
enum { AT_ONCE = 20, TRIES_MOST = 60, DOUBLINGS = 12, SHOWN = 300 };

#define SEND_TIME   (apr_time_from_sec(30))
#define LEASE       (apr_time_from_sec(60)) /* longer than sending takes */
#define ROUND_TIME  (apr_time_from_sec(30)) /* then others have their turn */
#define FIRST_PAUSE (apr_time_from_sec(10))
#define MOST_PAUSE  (apr_time_from_sec(6 * 3600))

typedef struct {
    const qw_conf_t *conf;
    const qw_authority_t *authority;
    qw_store_t *store;
    const char *owner;
    apr_array_header_t *due; /* of qw_reminder_t * */
} send_t;

/* One of them. */
typedef struct {
    const send_t *send;
    const qw_reminder_t *row;
    const qw_authority_t *authority;
    qw_external_t *external;
    qw_clock_t clock;
    int mine;              /* and still to be sent */
    qw_problem_t *failure; /* of sending it */
} one_t;

static void set_server(qw_mail_server_t *server, const qw_conf_t *conf)
{
    server->url = conf->mail_server;
    server->tls = conf->mail_tls == QW_MAIL_TLS_REQUIRED
                  || (conf->mail_tls == QW_MAIL_TLS_BY_HOST
                      && !qw_conf_mail_is_local(conf));
    server->user = conf->mail_user;
    server->password = conf->mail_password;
    server->ca_path = conf->mail_ca;
    server->deadline = qw_world()->now() + SEND_TIME;
}

/* ---- is it still so? ------------------------------------------------------------ */

static qw_problem_t *read_clocks(apr_array_header_t *clocks, const one_t *one,
                                 qw_db_t *db, apr_pool_t *pool)
{
    qw_binding_t *binding;

    if (strcmp(one->row->clock, qw_clock_word(QW_CLOCK_BINDING)) != 0) {
        qw_clocks_of(clocks, one->authority, one->external);
        return NULL;
    }
    QW_TRY(qw_binding_get(&binding, db, one->authority->name, one->row->subject,
                          pool));
    if (one->external->status != QW_external_CLOSED)
        qw_clocks_binding(clocks, binding);
    return NULL;
}

/* NULL if ONE->clock is as it was, and its time is the one of the reminder. */
static const char *outdated(one_t *one, const apr_array_header_t *clocks)
{
    const qw_reminder_t *row = one->row;

    for (int i = 0; i < clocks->nelts; i++) {
        const qw_clock_t *c = &APR_ARRAY_IDX(clocks, i, qw_clock_t);
        apr_interval_time_t ahead;

        if (strcmp(qw_clock_word(c->kind), row->clock) != 0
            || strcmp(c->subject, row->subject) != 0 || c->ends != row->ends)
            continue;
        one->clock = *c;
        if (!qw_clock_reminds(&ahead, c, one->authority,
                              qw_authority_now(one->authority)))
            return "it has run out";
        return ahead == row->ahead ? NULL : "the next one is due already";
    }
    return "it does not run out any more";
}

/* It may have waited for days, and its reader left meanwhile. */
static qw_problem_t *check_reader(const char **why, const one_t *one,
                                  qw_db_t *db, apr_pool_t *pool)
{
    apr_array_header_t *to;

    QW_TRY(qw_remind_whom(&to, db, one->authority, &one->clock, pool));
    for (int i = 0; i < to->nelts; i++)
        if (strcasecmp(APR_ARRAY_IDX(to, i, qw_reader_t).mail, one->row->mail)
            == 0)
            return NULL;
    *why = "it is not for that address any more";
    return NULL;
}

static qw_problem_t *find_out(const char **why, one_t *one, qw_db_t *db,
                              apr_pool_t *pool)
{
    apr_array_header_t *clocks = qw_clocks_make(pool);

    QW_TRY(qw_external_get(&one->external, db, one->authority->name,
                           one->row->external_id, pool));
    QW_TRY(read_clocks(clocks, one, db, pool));
    *why = outdated(one, clocks);
    return *why != NULL ? NULL : check_reader(why, one, db, pool);
}

static qw_problem_t *claim(qw_db_t *db, void *baton, apr_pool_t *pool)
{
    one_t *one = baton;
    apr_time_t now = qw_world()->now();
    const char *why;

    QW_TRY(qw_reminder_claim(&one->mine, db, one->row, now, now + LEASE,
                             one->send->owner, pool));
    if (!one->mine)
        return NULL;
    QW_TRY(find_out(&why, one, db, pool));
    if (why == NULL)
        return NULL;
    one->mine = 0;
    return qw_reminder_end(db, one->row, one->send->owner, "void",
                           qw_authority_now(one->authority), why, pool);
}

/* ---- afterwards ----------------------------------------------------------------- */

static qw_problem_t *note(const one_t *one, qw_db_t *db, apr_time_t now,
                          apr_pool_t *pool)
{
    const qw_reminder_t *row = one->row;
    qw_audit_t who = { row->authority, now, "reminder", "external",
                       row->external_id };
    json_t *detail = qw_json_new_object(pool);

    qw_put_text(detail, "clock", row->clock);
    qw_put_text(detail, "of", row->subject);
    qw_put_time(detail, "ends", row->ends, pool);
    if (row->ahead != 0)
        qw_put_text(detail, "ahead",
                    qw_text_span(apr_time_sec(row->ahead), pool));
    qw_put_text(detail, "to",
                row->person_id != NULL ? row->person_id : "contact");
    return qw_audit(db, &who, "reminder.send", detail, pool);
}

static apr_interval_time_t pause_after(apr_int64_t tries)
{
    apr_interval_time_t pause = FIRST_PAUSE
                                << (tries < DOUBLINGS ? tries : DOUBLINGS);

    return pause < MOST_PAUSE ? pause : MOST_PAUSE;
}

/* Row->tries is what it was before this try. */
static qw_problem_t *conclude(qw_db_t *db, void *baton, apr_pool_t *pool)
{
    const one_t *one = baton;
    const qw_reminder_t *row = one->row;
    apr_time_t now = qw_authority_now(one->authority);
    const char *why;

    if (one->failure == NULL) {
        QW_TRY(qw_reminder_end(db, row, one->send->owner, "sent", now, NULL,
                               pool));
        return note(one, db, now, pool);
    }
    why = qw_text_safe(one->failure->detail, SHOWN, pool);
    if (row->tries + 1 >= TRIES_MOST)
        return qw_reminder_end(db, row, one->send->owner, "void", now, why,
                               pool);
    return qw_reminder_later(db, row, one->send->owner,
                             qw_world()->now() + pause_after(row->tries), why,
                             pool);
}

static void log_end(const one_t *one, apr_pool_t *pool)
{
    const qw_reminder_t *row = one->row;

    if (one->failure == NULL)
        qw_log(QW_LOG_INFO, 0, pool,
               "QW0440: reminder %s: %s of external account %s: sent", row->id,
               row->clock, row->external_id);
    else if (row->tries + 1 >= TRIES_MOST)
        qw_log(QW_LOG_WARNING, 0, pool,
               "QW0441: reminder %s: %s of external account %s: given up: %s",
               row->id, row->clock, row->external_id,
               qw_problem_for_log(one->failure, pool));
    else
        qw_log(
            QW_LOG_WARNING, 0, pool,
            "QW0442: reminder %s: %s of external account %s: not sent, again "
            "in %s: %s",
            row->id, row->clock, row->external_id,
            qw_text_span(apr_time_sec(pause_after(row->tries)), pool),
            qw_problem_for_log(one->failure, pool));
}

/* ---- the mail -------------------------------------------------------------------- */

static qw_problem_t *hand_over(const one_t *one, apr_pool_t *pool)
{
    qw_remind_about_t about = { one->authority, one->external, &one->clock,
                                one->row->language,
                                qw_authority_now(one->authority) };
    qw_mail_server_t server;
    qw_mail_t mail = { .from = one->send->conf->mail_from,
                       .to = one->row->mail,
                       .language = one->row->language,
                       .id = one->row->id,
                       .at = qw_world()->now() };

    QW_FAILPOINT("remind.claimed", pool);
    qw_remind_say(&mail.subject, &mail.text, &about, pool);
    set_server(&server, one->send->conf);
    QW_TRY(qw_mail_send(&server, &mail, pool));
    QW_FAILPOINT("remind.sent", pool);
    return NULL;
}

/* *GO_ON: 0 if the server took it not. */
static qw_problem_t *send_one(int *go_on, const send_t *send,
                              const qw_reminder_t *row, apr_pool_t *pool)
{
    one_t one = { .send = send, .row = row, .authority = send->authority };

    QW_TRY(qw_store_write(send->store, claim, &one, pool));
    if (!one.mine)
        return NULL;
    one.failure = hand_over(&one, pool);
    *go_on = one.failure == NULL;
    log_end(&one, pool);
    return qw_store_write(send->store, conclude, &one, pool);
}

static qw_problem_t *find_due(qw_db_t *db, void *baton, apr_pool_t *pool)
{
    send_t *send = baton;

    return qw_reminder_due(&send->due, db, send->authority->name,
                           qw_world()->now(), AT_ONCE, pool);
}

qw_problem_t *qw_remind_send(const qw_conf_t *conf,
                             const qw_authority_t *authority, qw_store_t *store,
                             const char *owner, apr_pool_t *pool)
{
    send_t send = { conf, authority, store, owner, NULL };
    apr_time_t begun = qw_world()->now();
    int go_on = 1;

    QW_TRY(qw_store_read(store, find_due, &send, pool));
    for (int i = 0; i < send.due->nelts && go_on
                    && !qw_is_due(begun + ROUND_TIME, ROUND_TIME);
         i++)
        QW_TRY(send_one(&go_on, &send,
                        APR_ARRAY_IDX(send.due, i, qw_reminder_t *), pool));
    return NULL;
}

qw_problem_t *qw_remind_test(const qw_conf_t *conf,
                             const qw_authority_t *authority, const char *to,
                             const char *language, apr_pool_t *pool)
{
    qw_mail_server_t server;
    qw_mail_t mail = { .from = conf->mail_from,
                       .to = to,
                       .language = language,
                       .at = qw_world()->now() };

    QW_TRY(qw_id_make(&mail.id, pool));
    QW_TRY(qw_http_init(pool));
    qw_remind_say_test(&mail.subject, &mail.text, authority, language, pool);
    set_server(&server, conf);
    return qw_mail_send(&server, &mail, pool);
}
