#include "portal/report.h"

#include "base/json.h"
#include "portal/chart.h"

#include <apr_strings.h>

#include <stdlib.h>
#include <string.h>

enum { ROWS_MOST = 200, BARS_MOST = 24, COLUMNS = 6 };

/* ---- names -------------------------------------------------------------------- */

static qw_problem_t *add_name(apr_hash_t *names, const char *actor,
                              const qw_page_t *page, qw_db_t *db)
{
    const char *name;

    if (qw_actor_person(actor) == NULL
        || apr_hash_get(names, actor, APR_HASH_KEY_STRING) != NULL)
        return NULL;
    QW_TRY(qw_page_actor(&name, page, db, actor));
    apr_hash_set(names, actor, APR_HASH_KEY_STRING, name);
    return NULL;
}

/* Where actors stand: in which list, as which member. */
static const struct {
    const char *list, *member;
} actors[] = { { "actions", "actor" },
               { "domainList", "confirmedBy" },
               { "keyIdList", "createdBy" } };

static qw_problem_t *add_names(apr_hash_t *names, const json_t *object,
                               const qw_page_t *page, qw_db_t *db)
{
    const json_t *item;
    apr_size_t k;

    for (unsigned i = 0; i < sizeof(actors) / sizeof(actors[0]); i++)
        json_array_foreach(json_object_get(object, actors[i].list), k, item)
            QW_TRY(add_name(names, qw_json_word(item, actors[i].member), page,
                            db));
    return NULL;
}

qw_problem_t *qw_report_names(apr_hash_t **names, const json_t *made,
                              const qw_page_t *page, qw_db_t *db)
{
    const json_t *account;
    apr_size_t i;

    *names = apr_hash_make(page->pool);
    json_array_foreach(json_object_get(made, "accounts"), i, account)
        QW_TRY(add_names(*names, account, page, db));
    return add_names(*names, made, page, db);
}

static const char *named(const qw_report_t *r, const char *actor)
{
    const char *name = apr_hash_get(r->names, actor, APR_HASH_KEY_STRING);

    return name != NULL ? name : actor;
}

/* ---- charts --------------------------------------------------------------------- */

static apr_array_header_t *no_bars(const qw_page_t *page)
{
    return apr_array_make(page->pool, 8, sizeof(qw_bar_t));
}

static void add_bar(apr_array_header_t *bars, const char *label, apr_int64_t n)
{
    qw_bar_t bar = { label, n };

    APR_ARRAY_PUSH(bars, qw_bar_t) = bar;
}

/* N more for LABEL. */
static void count_bar(apr_array_header_t *bars, const char *label,
                      apr_int64_t n)
{
    for (int i = 0; i < bars->nelts; i++)
        if (strcmp(APR_ARRAY_IDX(bars, i, qw_bar_t).label, label) == 0) {
            APR_ARRAY_IDX(bars, i, qw_bar_t).value += n;
            return;
        }
    add_bar(bars, label, n);
}

static int by_label(const void *a, const void *b)
{
    return strcmp(((const qw_bar_t *)a)->label, ((const qw_bar_t *)b)->label);
}

static int by_value(const void *a, const void *b)
{
    const qw_bar_t *x = a, *y = b;

    return x->value != y->value ? (x->value < y->value) - (x->value > y->value)
                                : strcmp(x->label, y->label);
}

static apr_int64_t number_of(const json_t *object, const char *name)
{
    return json_integer_value(json_object_get(object, name));
}

static const struct {
    const char *member;
    qw_message_e label;
} totals[] = { { "certificatesCreated", QW_M_WAS_CREATED },
               { "certificatesRevoked", QW_M_REVOKED },
               { "certificatesValid", QW_M_VALID },
               { "certificatesExpiring", QW_M_EXPIRING },
               { "domainsAccepted", QW_M_DOMAINS_ACCEPTED },
               { "domains", QW_M_DOMAINS_IN_FORCE },
               { "acmeAccounts", QW_M_ACME_ACCOUNTS },
               { "keyIds", QW_M_BINDINGS } };

enum { TOTALS = sizeof(totals) / sizeof(totals[0]), OF_CERTIFICATES = 4 };

static void chart_totals(const qw_page_t *page, const qw_report_t *r, int from,
                         int to, const char *id, qw_message_e title)
{
    apr_array_header_t *bars = no_bars(page);

    for (int i = from; i < to; i++)
        add_bar(bars, qw_message(totals[i].label, page->language),
                number_of(json_object_get(r->made, "totals"),
                          totals[i].member));
    qw_chart_say(page, id, title, QW_M_WHAT, bars);
}

/* The newest months of MEMBER in which there was something. */
static void chart_months(const qw_page_t *page, const qw_report_t *r,
                         const char *member, const char *id, qw_message_e title)
{
    apr_array_header_t *bars = no_bars(page);
    const json_t *month;
    const char *name;

    json_object_foreach(json_object_get(r->made, "months"), name, month)
    {
        if (number_of(month, member) > 0)
            add_bar(bars, name, number_of(month, member));
    }
    qsort(bars->elts, (size_t)bars->nelts, sizeof(qw_bar_t), by_label);
    while (bars->nelts > BARS_MOST) {
        memmove(bars->elts, bars->elts + sizeof(qw_bar_t),
                sizeof(qw_bar_t) * (size_t)(bars->nelts - 1));
        bars->nelts--;
    }
    qw_chart_say(page, id, title, QW_M_MONTH, bars);
}

/* Those of the account, or of all. */
static const json_t *scope(const qw_report_t *r)
{
    return r->account != NULL ? r->account : r->made;
}

static void chart_sorted(const qw_page_t *page, apr_array_header_t *bars,
                         const char *id, qw_message_e title, qw_message_e what)
{
    qsort(bars->elts, (size_t)bars->nelts, sizeof(qw_bar_t), by_value);
    if (bars->nelts > BARS_MOST)
        bars->nelts = BARS_MOST;
    qw_chart_say(page, id, title, what, bars);
}

static void chart_failures(const qw_page_t *page, const qw_report_t *r)
{
    apr_array_header_t *bars = no_bars(page);
    const json_t *item;
    apr_size_t i;

    json_array_foreach(json_object_get(scope(r), "failures"), i, item)
        count_bar(bars,
                  apr_pstrcat(page->pool, qw_json_word(item, "event"), " ",
                              qw_json_word(item, "cause"), NULL),
                  number_of(item, "count"));
    chart_sorted(page, bars, "chart-failures", QW_M_FAILURES, QW_M_CAUSE);
}

static void chart_people(const qw_page_t *page, const qw_report_t *r)
{
    apr_array_header_t *bars = no_bars(page);
    const json_t *item;
    apr_size_t i;

    json_array_foreach(json_object_get(scope(r), "actions"), i, item)
        count_bar(bars, named(r, qw_json_word(item, "actor")),
                  number_of(item, "count"));
    chart_sorted(page, bars, "chart-people", QW_M_BY_PERSON, QW_M_WHO);
}

/* ---- tables ---------------------------------------------------------------------- */

/* What a cell is made of. */
typedef enum { TEXT, WORD, TIME, ACTOR, NUMBER, NAMES } cell_e;

typedef struct {
    const char *member; /* NULL: no more columns */
    cell_e how;
    qw_message_e label;
} column_t;

static const struct {
    const char *list;
    qw_message_e title;
    column_t columns[COLUMNS];
} tables[] = {
    { "domainList",
      QW_M_DOMAINS,
      { { "name", TEXT, QW_M_DOMAIN },
        { "state", WORD, QW_M_STATUS },
        { "confirmedBy", ACTOR, QW_M_WHO },
        { "confirmedAt", TIME, QW_M_CONFIRMED },
        { "removedAt", TIME, QW_M_REMOVED } } },
    { "acmeAccountList",
      QW_M_ACME_ACCOUNTS,
      { { "id", TEXT, QW_M_ACME_ACCOUNT },
        { "state", WORD, QW_M_STATUS },
        { "keyId", TEXT, QW_M_KEY_ID },
        { "created", TIME, QW_M_CREATED } } },
    { "keyIdList",
      QW_M_BINDINGS,
      { { "keyId", TEXT, QW_M_KEY_ID },
        { "state", WORD, QW_M_STATUS },
        { "uses", NUMBER, QW_M_USED },
        { "createdBy", ACTOR, QW_M_WHO },
        { "created", TIME, QW_M_CREATED },
        { "expires", TIME, QW_M_EXPIRES } } },
    { "certificates",
      QW_M_CERTIFICATE_LIST,
      { { "serial", TEXT, QW_M_SERIAL },
        { "names", NAMES, QW_M_DOMAINS },
        { "state", WORD, QW_M_STATUS },
        { "created", TIME, QW_M_CREATED },
        { "notAfter", TIME, QW_M_EXPIRES },
        { "revokedAt", TIME, QW_M_REVOKED_AT } } },
    { "actions",
      QW_M_ACTIONS,
      { { "actor", ACTOR, QW_M_WHO },
        { "event", TEXT, QW_M_WHAT },
        { "count", NUMBER, QW_M_COUNT } } },
};

static const struct {
    const char *word;
    qw_message_e message;
} words[] = { { "valid", QW_M_VALID },
              { "revoked", QW_M_REVOKED },
              { "expired", QW_M_EXPIRED },
              { "not yet valid", QW_M_NOT_YET_VALID },
              { "in force", QW_M_IN_FORCE },
              { "removed", QW_M_REMOVED },
              { "active", QW_M_ACTIVE },
              { "suspended", QW_M_SUSPENDED },
              { "deactivated", QW_M_DEACTIVATED },
              { "closed", QW_M_CLOSED } };

static const char *translated(const qw_page_t *page, const char *word)
{
    for (unsigned i = 0; i < sizeof(words) / sizeof(words[0]); i++)
        if (strcmp(words[i].word, word) == 0)
            return qw_message(words[i].message, page->language);
    return word;
}

static const char *joined(const json_t *list, apr_pool_t *pool)
{
    const char *all = "";
    const json_t *item;
    apr_size_t i;

    json_array_foreach(list, i, item) all =
        apr_pstrcat(pool, all, i > 0 ? " " : "",
                    json_is_string(item) ? json_string_value(item) : "", NULL);
    return all;
}

static const char *cell(const qw_page_t *page, const qw_report_t *r,
                        const json_t *item, const column_t *c)
{
    const char *text = qw_json_word(item, c->member);

    switch (c->how) {
    case WORD:
        return translated(page, text);
    case ACTOR:
        return named(r, text);
    case NUMBER:
        return apr_psprintf(page->pool, "%" APR_INT64_T_FMT,
                            number_of(item, c->member));
    case NAMES:
        return joined(json_object_get(item, c->member), page->pool);
    default:
        return text;
    }
}

static void say_head(const qw_page_t *page, int table)
{
    qw_html_put(page->html, "<h2>%m</h2><table class=\"wide\"><thead><tr>",
                tables[table].title);
    for (int k = 0; k < COLUMNS && tables[table].columns[k].member; k++)
        qw_html_put(page->html, "<th scope=\"col\">%m</th>",
                    tables[table].columns[k].label);
    qw_html_put(page->html, "</tr></thead><tbody>");
}

static void say_row(const qw_page_t *page, const qw_report_t *r, int table,
                    const json_t *item)
{
    qw_html_put(page->html, "<tr>");
    for (int k = 0; k < COLUMNS && tables[table].columns[k].member; k++)
        qw_html_put(page->html, "<td>%s</td>",
                    cell(page, r, item, &tables[table].columns[k]));
    qw_html_put(page->html, "</tr>");
}

static void say_table(const qw_page_t *page, const qw_report_t *r, int table)
{
    const json_t *list = json_object_get(scope(r), tables[table].list), *item;
    apr_size_t i;

    if (json_array_size(list) == 0)
        return;
    say_head(page, table);
    json_array_foreach(list, i, item)
    {
        if (i < ROWS_MOST)
            say_row(page, r, table, item);
    }
    qw_html_put(page->html, "</tbody></table>");
    if (json_array_size(list) > ROWS_MOST)
        qw_html_put(page->html, "<p>%m</p>", QW_M_REPORT_MORE);
}

/* ---- all accounts ----------------------------------------------------------------- */

static void say_account(const qw_page_t *page, const json_t *account)
{
    qw_html_put(page->html,
                "<tr><th scope=\"row\"><a href=\"%s/report/%s\">%s</a></th>",
                page->portal->base_path, qw_json_word(account, "id"),
                qw_json_word(account, "name"));
    for (int i = 0; i < OF_CERTIFICATES; i++)
        qw_html_put(page->html, "<td>%s</td>",
                    apr_psprintf(page->pool, "%" APR_INT64_T_FMT,
                                 number_of(account, totals[i].member)));
    qw_html_put(page->html, "</tr>");
}

static void say_accounts(const qw_page_t *page, const qw_report_t *r)
{
    const json_t *account;
    apr_size_t i;

    qw_html_put(page->html,
                "<h2>%m</h2><table class=\"wide\"><thead><tr><th "
                "scope=\"col\">%m</th>",
                QW_M_ACCOUNTS, QW_M_ACCOUNT);
    for (int k = 0; k < OF_CERTIFICATES; k++)
        qw_html_put(page->html, "<th scope=\"col\">%m</th>", totals[k].label);
    qw_html_put(page->html, "</tr></thead><tbody>");
    json_array_foreach(json_object_get(r->made, "accounts"), i, account)
        say_account(page, account);
    qw_html_put(page->html, "</tbody></table>");
}

void qw_report_say(const qw_page_t *page, const qw_report_t *r)
{
    chart_totals(page, r, 0, OF_CERTIFICATES, "chart-certificates",
                 QW_M_CERTIFICATES);
    chart_totals(page, r, OF_CERTIFICATES, TOTALS, "chart-accounts",
                 QW_M_DOMAINS_AND_KEYS);
    chart_months(page, r, "certificatesCreated", "chart-created",
                 QW_M_CREATED_BY_MONTH);
    chart_months(page, r, "certificatesRevoked", "chart-revoked",
                 QW_M_REVOKED_BY_MONTH);
    chart_failures(page, r);
    chart_people(page, r);
    if (r->account == NULL)
        say_accounts(page, r);
    for (unsigned i = 0; i < sizeof(tables) / sizeof(tables[0]); i++)
        say_table(page, r, (int)i);
}
