/* Who is to be reminded of what. */
#include "work/remind.h"

#include "base/json.h"
#include "base/log.h"
#include "base/text.h"
#include "base/world.h"
#include "model/dates.h"
#include "net/mail.h"
#include "store/db_account.h"
#include "store/db_external.h"

#include <apr_strings.h>

#include <string.h>
#include <strings.h>
#include <unistd.h>

/* So many of one look; the next one goes on. */
enum { BATCH = 500 };

#define LOOK_EVERY (apr_time_from_sec(3600))

struct qw_remind_t {
    const qw_conf_t *conf;
    qw_store_t *store;
    const char *owner;
    apr_time_t *looked; /* by authority, of its clock; 0: look now */
};

typedef struct {
    const qw_authority_t *authority;
    apr_time_t now;
    apr_array_header_t *wanted; /* of qw_reminder_t, without ids */
    apr_array_header_t *to;     /* of qw_reader_t: of the account at hand */
} look_t;

/* ---- whom ---------------------------------------------------------------------- */

static void add_recipient(look_t *l, const qw_reader_t *one)
{
    if (!qw_mail_is_address(one->mail))
        return;
    for (int i = 0; i < l->to->nelts; i++)
        if (strcasecmp(APR_ARRAY_IDX(l->to, i, qw_reader_t).mail, one->mail)
            == 0)
            return;
    APR_ARRAY_PUSH(l->to, qw_reader_t) = *one;
}

static void add_people(look_t *l, const apr_array_header_t *people)
{
    for (int i = 0; i < people->nelts; i++)
        add_recipient(l, APR_ARRAY_IDX(people, i, qw_reader_t *));
}

static qw_problem_t *add_contacts_of(look_t *l, const qw_account_t *account,
                                     const char *language, apr_pool_t *pool)
{
    static const char scheme[] = "mailto:";
    json_t *list, *item;
    apr_size_t n;

    QW_TRY(qw_json_parse(&list, account->contacts, strlen(account->contacts),
                         "contacts", pool));
    json_array_foreach(list, n, item)
    {
        const char *url = json_string_value(item);
        qw_reader_t one = { NULL, NULL, language };

        if (url == NULL || strncasecmp(url, scheme, sizeof scheme - 1) != 0)
            continue;
        one.mail = apr_pstrdup(pool, url + sizeof scheme - 1);
        add_recipient(l, &one);
    }
    return NULL;
}

/* Contacts tell no language: they get that of the account's first operator. Who
 * holds the key of a suspended account may have written them. */
static qw_problem_t *add_contacts(look_t *l, qw_db_t *db,
                                  const char *external_id, apr_pool_t *pool)
{
    const char *language =
        l->to->nelts > 0 ? APR_ARRAY_IDX(l->to, 0, qw_reader_t).language : "en";
    apr_array_header_t *accounts;

    QW_TRY(
        qw_account_list(&accounts, db, l->authority->name, external_id, pool));
    for (int i = 0; i < accounts->nelts; i++) {
        const qw_account_t *a = APR_ARRAY_IDX(accounts, i, qw_account_t *);

        if (a->status == QW_account_VALID && !a->suspended)
            QW_TRY(add_contacts_of(l, a, language, pool));
    }
    return NULL;
}

/* Officers verify identities, and answer for terms that changed. */
static qw_problem_t *find_recipients(look_t *l, qw_db_t *db,
                                     const qw_clock_t *clock, apr_pool_t *pool)
{
    apr_array_header_t *people;

    l->to = apr_array_make(pool, 4, sizeof(qw_reader_t));
    QW_TRY(qw_reminder_operators(&people, db, clock->external_id, pool));
    add_people(l, people);
    QW_TRY(add_contacts(l, db, clock->external_id, pool));
    if (clock->kind != QW_CLOCK_IDENTITY && clock->kind != QW_CLOCK_TERMS)
        return NULL;
    QW_TRY(qw_reminder_officers(&people, db, l->authority->name, pool));
    add_people(l, people);
    return NULL;
}

qw_problem_t *qw_remind_whom(apr_array_header_t **to, qw_db_t *db,
                             const qw_authority_t *authority,
                             const qw_clock_t *clock, apr_pool_t *pool)
{
    look_t l = { .authority = authority };

    QW_TRY(find_recipients(&l, db, clock, pool));
    *to = l.to;
    return NULL;
}

/* ---- of what ------------------------------------------------------------------- */

static qw_problem_t *want(look_t *l, qw_db_t *db, const qw_clock_t *clock,
                          apr_pool_t *pool)
{
    qw_reminder_t r = { 0 };

    if (l->wanted->nelts >= BATCH
        || !qw_clock_reminds(&r.ahead, clock, l->authority, l->now))
        return NULL;
    QW_TRY(find_recipients(l, db, clock, pool));
    r.authority = l->authority->name;
    r.external_id = clock->external_id;
    r.clock = qw_clock_word(clock->kind);
    r.subject = clock->subject;
    r.ends = clock->ends;
    r.created = l->now;
    for (int i = 0; i < l->to->nelts; i++) {
        const qw_reader_t *to = &APR_ARRAY_IDX(l->to, i, qw_reader_t);
        int there;

        r.mail = to->mail;
        r.person_id = to->person_id;
        r.language = to->language;
        QW_TRY(qw_reminder_there(&there, db, &r, pool));
        if (!there)
            APR_ARRAY_PUSH(l->wanted, qw_reminder_t) = r;
    }
    return NULL;
}

static void set_query(qw_ending_query_t *q, const look_t *l)
{
    const apr_array_header_t *times = l->authority->reminders;

    q->authority = l->authority->name;
    q->now = l->now;
    q->horizon = l->now + APR_ARRAY_IDX(times, 0, apr_interval_time_t);
    q->verified = q->horizon - qw_rule_span(QW_RULE_IDENTITY_REUSE, q->horizon);
    q->terms = l->authority->terms_version;
}

static qw_problem_t *look(qw_db_t *db, void *baton, apr_pool_t *pool)
{
    look_t *l = baton;
    apr_array_header_t *externals, *bindings, *clocks = qw_clocks_make(pool);
    qw_ending_query_t q;

    set_query(&q, l);
    l->wanted = apr_array_make(pool, 8, sizeof(qw_reminder_t));
    QW_TRY(qw_external_ending(&externals, db, &q, pool));
    for (int i = 0; i < externals->nelts; i++)
        qw_clocks_of(clocks, l->authority,
                     APR_ARRAY_IDX(externals, i, qw_external_t *));
    QW_TRY(qw_binding_ending(&bindings, db, &q, pool));
    for (int i = 0; i < bindings->nelts; i++)
        qw_clocks_binding(clocks, APR_ARRAY_IDX(bindings, i, qw_binding_t *));
    for (int i = 0; i < clocks->nelts; i++)
        QW_TRY(want(l, db, &APR_ARRAY_IDX(clocks, i, qw_clock_t), pool));
    return NULL;
}

static qw_problem_t *insert(qw_db_t *db, void *baton, apr_pool_t *pool)
{
    const look_t *l = baton;
    int is_new;

    for (int i = 0; i < l->wanted->nelts; i++) {
        qw_reminder_t r = APR_ARRAY_IDX(l->wanted, i, qw_reminder_t);

        QW_TRY(qw_id_make(&r.id, pool));
        r.due = qw_world()->now();
        QW_TRY(qw_reminder_insert(&is_new, db, &r, pool));
    }
    return NULL;
}

static qw_problem_t *look_at(const qw_remind_t *remind, int n, apr_pool_t *pool)
{
    const qw_authority_t *a =
        APR_ARRAY_IDX(remind->conf->authorities, n, qw_authority_t *);
    look_t l = { .authority = a, .now = qw_authority_now(a) };
    apr_time_t last = remind->looked[n];

    if (a->reminders->nelts == 0
        || (last != 0 && l.now >= last && l.now - last < LOOK_EVERY))
        return NULL;
    QW_TRY(qw_store_read(remind->store, look, &l, pool));
    if (l.wanted->nelts > 0)
        QW_TRY(qw_store_write(remind->store, insert, &l, pool));
    remind->looked[n] = l.wanted->nelts >= BATCH ? 0 : l.now;
    return NULL;
}

/* ---- the chore ----------------------------------------------------------------- */

qw_remind_t *qw_remind_make(const qw_conf_t *conf, qw_store_t *store,
                            const char *node, apr_pool_t *pool)
{
    qw_remind_t *remind = apr_pcalloc(pool, sizeof(*remind));

    remind->conf = conf;
    remind->store = store;
    remind->owner = apr_psprintf(pool, "%s/%ld", node, (long)getpid());
    remind->looked =
        apr_pcalloc(pool, sizeof(apr_time_t)
                              * (apr_size_t)(conf->authorities->nelts + 1));
    return remind;
}

qw_problem_t *qw_remind(void *baton, apr_pool_t *pool)
{
    const qw_remind_t *remind = baton;

    if (remind->conf->mail_server == NULL)
        return NULL;
    for (int i = 0; i < remind->conf->authorities->nelts; i++) {
        QW_TRY(look_at(remind, i, pool));
        QW_TRY(qw_remind_send(remind->conf,
                              APR_ARRAY_IDX(remind->conf->authorities, i,
                                            qw_authority_t *),
                              remind->store, remind->owner, pool));
    }
    return NULL;
}
