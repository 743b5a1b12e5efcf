/* What an external account, or the authority, had and did in a time: as a page, as
 * files, and sealed by the audit key. */
#include "audit/statement.h"
#include "base/text.h"
#include "portal/report.h"
#include "x509/cms.h"

#include <apr_strings.h>

#include <string.h>

enum { DATE_CHARS = 10 };

typedef struct {
    qw_page_t *page;
    qw_external_t *external; /* NULL: all of the authority */
    qw_statement_t asked;
    json_t *made;
    apr_hash_t *names;
} report_t;

/* ---- what is asked for ---------------------------------------------------------- */

/* RPT-07: an operator has the report of an own account and no other. Whether
 * there is another one is not told. */
static qw_problem_t *find_external(report_t *r, qw_db_t *db)
{
    const qw_page_t *page = r->page;
    qw_problem_t *prob = NULL;

    if (page->id != NULL)
        prob = qw_page_external(&r->external, page, db, page->id);
    if (qw_page_is_provider(page) || (page->id != NULL && prob == NULL)
        || (prob != NULL && prob->code != QW_E_NOT_FOUND))
        return prob;
    return QW_FAIL(page->pool, UNAUTHORIZED,
                   "you have the reports of your own accounts alone");
}

static qw_problem_t *read_time(apr_time_t *when, const qw_page_t *page,
                               const char *name)
{
    const char *text = qw_page_field(page, name);

    if (*text == '\0' || qw_text_parse_time(when, text))
        return NULL;
    return QW_FAIL(page->pool, INVALID_INPUT,
                   "%s: '%s' is neither a date nor a time in UTC, like "
                   "2026-11-26 or 2026-11-26T12:00:00Z",
                   name, qw_text_safe(text, 32, page->pool));
}

/* From the start, until now: the second that has begun is in it, so that a whole
 * second says when that was. */
static qw_problem_t *read_period(report_t *r)
{
    const qw_page_t *page = r->page;
    qw_statement_t *asked = &r->asked;

    QW_TRY(read_time(&asked->from, page, "from"));
    QW_TRY(read_time(&asked->until, page, "to"));
    if (*qw_page_field(page, "to") == '\0')
        asked->until = apr_time_from_sec(apr_time_sec(page->now) + 1);
    if (asked->from >= asked->until)
        return QW_FAIL(page->pool, INVALID_INPUT,
                       "from: '%s' is not before '%s', the end",
                       qw_text_time(asked->from, page->pool),
                       qw_text_time(asked->until, page->pool));
    asked->as_of = asked->until < page->now ? asked->until : page->now;
    asked->authority = page->portal->authority;
    return NULL;
}

/* RPT-02: names too are of the one snapshot. */
static qw_problem_t *read_all(qw_db_t *db, void *baton, apr_pool_t *pool)
{
    report_t *r = baton;

    QW_TRY(find_external(r, db));
    r->asked.external = r->external;
    QW_TRY(qw_statement_make(&r->made, db, &r->asked, pool));
    return qw_report_names(&r->names, r->made, r->page, db);
}

/* ---- files ------------------------------------------------------------------------ */

static const char *to_json(const json_t *made, apr_pool_t *pool)
{
    return apr_pstrcat(pool, qw_json_dump(made, pool), "\n", NULL);
}

static const char sealed_type[] = "application/pkcs7-mime; "
                                  "smime-type=signed-data";

static const struct {
    const char *name; /* the field "form", and how the file's name ends */
    const char *type;
    const char *(*write)(const json_t *made, apr_pool_t *pool);
    int sealed;
} forms[] = {
    { "csv", "text/csv; charset=utf-8; header=present", qw_statement_csv, 0 },
    { "json", "application/json", to_json, 0 },
    { "csv.p7m", sealed_type, qw_statement_csv, 1 },
    { "json.p7m", sealed_type, to_json, 1 },
};

enum { FORMS = sizeof(forms) / sizeof(forms[0]) };

static int find_form(const char *name)
{
    for (int i = 0; i < FORMS; i++)
        if (strcmp(forms[i].name, name) == 0)
            return i;
    return -1;
}

static const char *file_name(const report_t *r, int form)
{
    return apr_pstrcat(r->page->pool, "report-",
                       r->external != NULL ? r->external->id : "authority", ".",
                       forms[form].name, NULL);
}

static qw_problem_t *seal(qw_bytes_t *bytes, const qw_page_t *page)
{
    qw_bytes_t content = *bytes;

    if (page->portal->sealer == NULL)
        return QW_FAIL(page->pool, NOT_FOUND,
                       "there is no sealed copy: the server has no "
                       "QwacmeAuditKey");
    return qw_cms_sign(bytes, page->portal->sealer, &content, 1, page->pool);
}

static qw_problem_t *send_file(const report_t *r, int form)
{
    qw_page_t *page = r->page;
    qw_reply_t *reply = page->reply;
    const char *text = forms[form].write(r->made, page->pool);
    qw_bytes_t bytes = { (const unsigned char *)text, strlen(text) };

    if (forms[form].sealed)
        QW_TRY(seal(&bytes, page));
    reply->status = 200;
    reply->content_type = forms[form].type;
    reply->body = (const char *)bytes.data;
    reply->body_len = bytes.len;
    apr_table_setn(reply->headers, "Content-Disposition",
                   apr_pstrcat(page->pool, "attachment; filename=\"",
                               file_name(r, form), "\"", NULL));
    return NULL;
}

/* ---- the page --------------------------------------------------------------------- */

static const char *where(const report_t *r)
{
    return r->external != NULL
               ? apr_pstrcat(r->page->pool, "report/", r->external->id, NULL)
               : "report";
}

static void date_field(const report_t *r, const char *name, qw_message_e label)
{
    const char *text = qw_page_field(r->page, name);

    qw_html_put(r->page->html,
                "<p><label for=\"report-%s\">%m</label> <input id=\"report-%s\""
                " name=\"%s\" type=\"date\" value=\"%s\"></p>",
                name, label, name, name,
                apr_pstrndup(r->page->pool, text, DATE_CHARS));
}

static void say_period(const report_t *r)
{
    const qw_page_t *page = r->page;

    qw_html_put(page->html, "<form method=\"get\" action=\"%s/%s\">",
                page->portal->base_path, where(r));
    date_field(r, "from", QW_M_REPORT_FROM);
    date_field(r, "to", QW_M_REPORT_TO);
    qw_html_put(page->html, "<button>%m</button></form><p>", QW_M_REPORT_SHOW);
    qw_html_say(page->html, QW_M_REPORT_OF,
                qw_text_time(r->asked.from, page->pool),
                qw_text_time(r->asked.until, page->pool),
                qw_text_time(r->asked.as_of, page->pool));
    qw_html_put(page->html, "</p>");
}

/* The files are of the page's time, not of that of the click. */
static void say_files(const report_t *r)
{
    const qw_page_t *page = r->page;

    qw_html_put(page->html, "<ul class=\"files\">");
    for (int i = 0; i < FORMS; i++) {
        if (forms[i].sealed && page->portal->sealer == NULL)
            continue;
        qw_html_put(page->html,
                    "<li><a href=\"%s/%s?form=%s&amp;from=%s&amp;to=%s\">",
                    page->portal->base_path, where(r), forms[i].name,
                    qw_text_time(r->asked.from, page->pool),
                    qw_text_time(r->asked.until, page->pool));
        qw_html_put(page->html, "%s</a>", file_name(r, i));
        if (forms[i].sealed)
            qw_html_put(page->html, " (%m)", QW_M_REPORT_SEALED);
        qw_html_put(page->html, "</li>");
    }
    qw_html_put(page->html, "</ul>");
}

static qw_problem_t *say(const report_t *r)
{
    qw_page_t *page = r->page;
    qw_report_t report = { r->made, NULL, r->names };

    page->title = QW_M_REPORT;
    if (r->external != NULL) {
        report.account =
            json_array_get(json_object_get(r->made, "accounts"), 0);
        qw_html_put(page->html,
                    "<p class=\"account\">%m: <strong><a href=\"%s/account/%s\""
                    ">%s</a></strong></p>",
                    QW_M_ACCOUNT, page->portal->base_path, r->external->id,
                    r->external->name);
    }
    say_period(r);
    say_files(r);
    qw_report_say(page, &report);
    return NULL;
}

qw_problem_t *qw_page_report(qw_page_t *page)
{
    const char *name = qw_page_field(page, "form");
    report_t r = { .page = page };
    int form = find_form(name);

    if (*name != '\0' && form < 0)
        return QW_FAIL(page->pool, NOT_FOUND, "form: '%s' is none of a report",
                       qw_text_safe(name, 16, page->pool));
    QW_TRY(read_period(&r));
    QW_TRY(qw_store_read(page->portal->store, read_all, &r, page->pool));
    return form < 0 ? say(&r) : send_file(&r, form);
}
