/* Runbooks that are about no external account, and the cases that are open. */
#include "portal/action.h"

#include <apr_strings.h>

#include <string.h>

enum { CASES_SHOWN = 200 };

static void text_area(const qw_page_t *page, const char *id, const char *name,
                      qw_message_e label, const char *more)
{
    qw_html_put(page->html,
                "<p><label for=\"%s-%s\">%m</label> <textarea id=\"%s-%s\" "
                "name=\"%s\" rows=\"6\" spellcheck=\"false\"",
                id, name, label, id, name, name);
    qw_html_put(page->html, more);
    qw_html_put(page->html, "></textarea></p>");
}

static void input(const qw_page_t *page, const char *id, const char *name,
                  qw_message_e label, const char *type)
{
    qw_html_put(page->html,
                "<p><label for=\"%s-%s\">%m</label> <input id=\"%s-%s\" "
                "name=\"%s\" type=\"%s\"",
                id, name, label, id, name, name, type);
}

static void optional(const qw_page_t *page)
{
    qw_html_put(page->html, "></p>");
}

static void required(const qw_page_t *page)
{
    qw_html_put(page->html, " required></p>");
}

const qw_case_way_t qw_case_ways[] = {
    { "none", QW_M_WHICH_none },       { "window", QW_M_WHICH_window },
    { "serials", QW_M_WHICH_serials }, { "all", QW_M_WHICH_all },
    { NULL, QW_M_WHICH_none },
};

/* [OPR-13] */
void qw_case_ask(const qw_page_t *page, const char *id)
{
    qw_html_put(page->html,
                "<p><label for=\"%s-revoke\">%m</label> <select "
                "id=\"%s-revoke\" name=\"revoke\">",
                id, QW_M_WHICH, id);
    for (const qw_case_way_t *way = qw_case_ways; way->value != NULL; way++)
        qw_html_put(page->html, "<option value=\"%s\">%m</option>", way->value,
                    way->label);
    qw_html_put(page->html,
                "</select></p><details><summary>%m</summary><p>%m</p>",
                QW_M_WINDOW, QW_M_WINDOW_HOW);
    input(page, id, "since", QW_M_SINCE, "datetime-local");
    optional(page);
    input(page, id, "until", QW_M_UNTIL, "datetime-local");
    optional(page);
    text_area(page, id, "serials", QW_M_SERIALS, "");
    qw_html_put(page->html, "</details>");
}

/* ---- forms ------------------------------------------------------------------ */

static void end(const qw_page_t *page)
{
    qw_html_put(page->html, "<button>%m</button></form>", QW_M_DRY_RUN);
}

static void heading(const qw_page_t *page, qw_message_e title, qw_message_e how)
{
    qw_html_put(page->html, "<h2>%m</h2><p>%m</p>", title, how);
}

static void key(const qw_page_t *page)
{
    heading(page, QW_M_K_KEY, QW_M_K_KEY_HOW);
    qw_page_proposal(page, "compromise.key", NULL);
    text_area(page, "compromised", "key", QW_M_K_KEY_TEXT, " required");
    end(page);
}

static void mis_issuance(const qw_page_t *page)
{
    heading(page, QW_M_K_MIS, QW_M_K_MIS_HOW);
    qw_page_proposal(page, "compromise.misissued", NULL);
    text_area(page, "mis", "serials", QW_M_SERIALS, " required");
    input(page, "mis", "url", QW_M_K_MIS_URL, "url");
    required(page);
    input(page, "mis", "revoke_at", QW_M_K_MIS_BY, "datetime-local");
    required(page);
    end(page);
}

static void drill(const qw_page_t *page)
{
    int is_test = page->portal->authority->kind == QW_KIND_TEST;

    heading(page, QW_M_K_DRILL, is_test ? QW_M_K_DRILL_HOW : QW_M_K_DRILL_NOT);
    if (!is_test)
        return;
    qw_page_proposal(page, "compromise.drill", NULL);
    end(page);
}

/* ---- cases ------------------------------------------------------------------- */

typedef struct {
    const qw_page_t *page;
    apr_array_header_t *cases;
} open_t;

static qw_problem_t *read_open(qw_db_t *db, void *baton, apr_pool_t *pool)
{
    open_t *o = baton;
    qw_case_query_t query = { o->page->portal->authority->name, "", "open",
                              CASES_SHOWN };

    return qw_case_list(&o->cases, db, &query, pool);
}

static void say_case(const qw_page_t *page, const qw_case_t *c)
{
    qw_html_put(page->html,
                "<tr><th scope=\"row\"><a href=\"%s/case/%s\">%s</a></th>"
                "<td>%s: %s</td><td>",
                page->portal->base_path, c->id, c->id, c->kind, c->subject);
    qw_page_time(page, c->opened);
    qw_html_put(page->html, "</td><td>");
    qw_page_time(page, c->due);
    qw_html_put(page->html, "</td></tr>");
}

static qw_problem_t *say_open(const qw_page_t *page)
{
    open_t o = { page, NULL };

    QW_TRY(qw_store_read(page->portal->store, read_open, &o, page->pool));
    qw_html_put(page->html, "<h2>%m</h2>", QW_M_CASES_OPEN);
    if (o.cases->nelts == 0) {
        qw_html_put(page->html, "<p>%m</p>", QW_M_CASES_NONE);
        return NULL;
    }
    qw_html_put(page->html,
                "<table><thead><tr><th scope=\"col\">%m</th><th scope=\"col\">"
                "%m</th><th scope=\"col\">%m</th><th scope=\"col\">%m</th>"
                "</tr></thead><tbody>",
                QW_M_CASE, QW_M_WHAT, QW_M_WHEN, QW_M_EXPIRES);
    for (int i = 0; i < o.cases->nelts; i++)
        say_case(page, APR_ARRAY_IDX(o.cases, i, const qw_case_t *));
    qw_html_put(page->html, "</tbody></table>");
    return NULL;
}

/* Auditors see what is open; officers act. */
qw_problem_t *qw_page_compromise(qw_page_t *page)
{
    if (!qw_page_is_provider(page))
        return QW_FAIL(page->pool, NOT_FOUND, "there is no such page");
    page->title = QW_M_CASES;
    QW_TRY(say_open(page));
    if (!qw_page_is_officer(page))
        return NULL;
    qw_html_put(page->html, "<p>%m</p><p>%m</p>", QW_M_CASES_ACCOUNTS,
                QW_M_COMPROMISE_HOW);
    key(page);
    mis_issuance(page);
    drill(page);
    return NULL;
}
