/* A compromise in words: what its runbook would do, and what it did. */
#include "portal/action.h"

#include "portal/case_next.h"

#include <apr_strings.h>

#include <string.h>

enum { ITEMS_SHOWN = 1000 };

static qw_message_e kind_of(const char *kind)
{
    static const struct {
        const char *kind;
        qw_message_e message;
    } all[] = {
        { QW_ITEM_SUSPEND_ACCOUNT, QW_M_I_SUSPEND_ACCOUNT },
        { QW_ITEM_SUSPEND_EXTERNAL, QW_M_I_SUSPEND_EXTERNAL },
        { QW_ITEM_SUSPEND_BINDING, QW_M_I_SUSPEND_BINDING },
        { QW_ITEM_REVOKE_BINDING, QW_M_I_REVOKE_BINDING },
        { QW_ITEM_END_ACCESS, QW_M_I_END_ACCESS },
        { QW_ITEM_KILL_AUTHZ, QW_M_I_KILL_AUTHZ },
        { QW_ITEM_REVOKE, QW_M_I_REVOKE },
        { QW_ITEM_REVOKE_PRECERT, QW_M_I_REVOKE_PRECERT },
        { QW_ITEM_LIST, QW_M_I_LIST },
        { QW_ITEM_BLOCK_KEY, QW_M_I_BLOCK_KEY },
        { QW_ITEM_RECALL, QW_M_I_RECALL },
    };

    for (unsigned i = 0; i < sizeof(all) / sizeof(all[0]); i++)
        if (strcmp(all[i].kind, kind) == 0)
            return all[i].message;
    return QW_M_I_OTHER;
}

static qw_message_e status_of(qw_state_e status)
{
    switch ((int)status) {
    case QW_case_item_DONE:
        return QW_M_S_DONE;
    case QW_case_item_FAILED:
        return QW_M_S_FAILED;
    case QW_case_item_SKIPPED:
        return QW_M_S_SKIPPED;
    default:
        return QW_M_S_PLANNED;
    }
}

static void table(const qw_page_t *page, const qw_message_e *columns, int n)
{
    qw_html_put(page->html, "<table><thead><tr>");
    for (int i = 0; i < n; i++)
        qw_html_put(page->html, "<th scope=\"col\">%m</th>", columns[i]);
    qw_html_put(page->html, "</tr></thead><tbody>");
}

static void end_table(const qw_page_t *page)
{
    qw_html_put(page->html, "</tbody></table>");
}

/* ---- what would be done ------------------------------------------------------- */

/* 1 if no item before number AT is of its kind. */
static int is_first(const apr_array_header_t *items, int at)
{
    const char *kind = APR_ARRAY_IDX(items, at, qw_case_item_t *)->kind;

    for (int i = 0; i < at; i++)
        if (strcmp(APR_ARRAY_IDX(items, i, qw_case_item_t *)->kind, kind) == 0)
            return 0;
    return 1;
}

static int count_kind(const apr_array_header_t *items, const char *kind)
{
    int n = 0;

    for (int i = 0; i < items->nelts; i++)
        n += strcmp(APR_ARRAY_IDX(items, i, qw_case_item_t *)->kind, kind) == 0;
    return n;
}

/* 1 if ITEM is planned and the portal does not do it: of another authority, or an
 * authorization that no child ends either. */
static int is_for_ctl(const qw_case_item_t *item, const qw_page_t *page)
{
    return item->status == QW_case_item_PLANNED
           && (strcmp(item->authority, page->portal->authority->name) != 0
               || (strcmp(item->kind, QW_ITEM_KILL_AUTHZ) == 0
                   && item->not_before == 0));
}

static void say_for_ctl(const apr_array_header_t *items, const qw_page_t *page)
{
    for (int i = 0; i < items->nelts; i++)
        if (is_for_ctl(APR_ARRAY_IDX(items, i, const qw_case_item_t *), page)) {
            qw_html_put(page->html, "<p role=\"alert\">%m</p>", QW_M_ELSEWHERE);
            return;
        }
}

static void say_next(const qw_page_t *page, const char *kind)
{
    int n;
    const qw_message_e *messages = qw_case_next(&n, kind);

    if (n == 0)
        return;
    qw_html_put(page->html, "<h2>%m</h2><ol class=\"next\">", QW_M_NEXT);
    for (int i = 0; i < n; i++)
        qw_html_put(page->html, "<li>%m</li>", messages[i]);
    qw_html_put(page->html, "</ol>");
}

/* [OPR-13] */
static const char *in_window(const qw_case_item_t *item, const qw_page_t *page)
{
    return item->flagged
               ? apr_pstrcat(page->pool, ", ",
                             qw_message(QW_M_IN_WINDOW, page->language), NULL)
               : "";
}

static void say_certificates(const qw_act_t *act, const qw_page_t *page)
{
    static const qw_message_e columns[] = { QW_M_SERIAL, QW_M_DOMAINS,
                                            QW_M_WHAT };

    table(page, columns, 3);
    for (int i = 0; i < act->plan->items->nelts; i++) {
        const qw_case_item_t *item =
            APR_ARRAY_IDX(act->plan->items, i, qw_case_item_t *);

        if (act->names[i] != NULL)
            qw_html_put(page->html,
                        "<tr><th scope=\"row\"><code>%s</code></th><td>%s</td>"
                        "<td>%m%s</td></tr>",
                        item->label, act->names[i], kind_of(item->kind),
                        in_window(item, page));
    }
    end_table(page);
}

void qw_case_say_plan(const qw_act_t *act, const qw_page_t *page)
{
    const apr_array_header_t *items = act->plan->items;

    qw_html_put(page->html, "<p>%m</p><ul>", QW_M_DRY_RUN_SAYS);
    for (int i = 0; i < items->nelts; i++) {
        const char *kind = APR_ARRAY_IDX(items, i, qw_case_item_t *)->kind;

        if (is_first(items, i))
            qw_html_put(page->html, "<li>%m: %i</li>", kind_of(kind),
                        count_kind(items, kind));
    }
    qw_html_put(page->html, "</ul>");
    say_for_ctl(items, page);
    say_certificates(act, page);
    say_next(page, act->plan->head.kind);
}

/* ---- what was done --------------------------------------------------------------- */

typedef struct {
    const qw_page_t *page;
    const char *id;
    qw_case_t *c;
    const char *by;
    apr_array_header_t *counts, *items;
    apr_int64_t left;   /* that can be done here now */
    apr_int64_t missed; /* certificates that came after the plan */
} report_t;

static qw_problem_t *read_report(qw_db_t *db, void *baton, apr_pool_t *pool)
{
    report_t *r = baton;

    QW_TRY(
        qw_case_get(&r->c, db, r->page->portal->authority->name, r->id, pool));
    QW_TRY(qw_page_actor(&r->by, r->page, db, r->c->opened_by));
    QW_TRY(qw_case_item_counts(&r->counts, db, r->id, pool));
    return qw_case_item_list(&r->items, db, r->id, 0, ITEMS_SHOWN, pool);
}

static void say_counts(const report_t *r)
{
    static const qw_message_e columns[] = { QW_M_WHAT, QW_M_STATUS,
                                            QW_M_COUNT };

    table(r->page, columns, 3);
    for (int i = 0; i < r->counts->nelts; i++) {
        const qw_case_count_t *n =
            APR_ARRAY_IDX(r->counts, i, qw_case_count_t *);

        qw_html_put(r->page->html,
                    "<tr><th scope=\"row\">%m</th><td>%m</td><td>%i</td></tr>",
                    kind_of(n->kind), status_of(n->status), (int)n->n);
    }
    end_table(r->page);
}

static void say_when(const report_t *r, apr_time_t when)
{
    qw_html_put(r->page->html, "<td>");
    qw_page_time(r->page, when);
    qw_html_put(r->page->html, "</td>");
}

static void say_items(const report_t *r)
{
    static const qw_message_e columns[] = { QW_M_WHAT,     QW_M_NAME,
                                            QW_M_STATUS,   QW_M_RESULT,
                                            QW_M_WHEN,     QW_M_REQUESTED,
                                            QW_M_PUBLISHED };

    table(r->page, columns, 7);
    for (int i = 0; i < r->items->nelts; i++) {
        const qw_case_item_t *item =
            APR_ARRAY_IDX(r->items, i, qw_case_item_t *);

        qw_html_put(r->page->html,
                    "<tr><th scope=\"row\">%m%s</th><td><code>%s</code></td>"
                    "<td>%m</td><td lang=\"en\">%s</td>",
                    kind_of(item->kind), in_window(item, r->page), item->label,
                    status_of(item->status), item->result);
        say_when(r, item->at);
        say_when(r, item->requested_at);
        say_when(r, item->published_at);
        qw_html_put(r->page->html, "</tr>");
    }
    end_table(r->page);
}

qw_problem_t *qw_case_say(const qw_page_t *page, const char *id)
{
    report_t r = { .page = page, .id = id };

    QW_TRY(qw_store_read(page->portal->store, read_report, &r, page->pool));
    qw_html_put(page->html,
                "<h2>%m <a href=\"%s/case/%s\">%s</a></h2><dl><dt>%m</dt><dd>"
                "%s: %s</dd><dt>%m</dt><dd>%s</dd><dt>%m</dt><dd>",
                QW_M_CASE, page->portal->base_path, r.c->id, r.c->id, QW_M_WHAT,
                r.c->kind, r.c->subject, QW_M_WHO, r.by, QW_M_WHEN);
    qw_page_time(page, r.c->opened);
    qw_html_put(page->html, "</dd><dt>%m</dt><dd>", QW_M_EXPIRES);
    qw_page_time(page, r.c->due);
    qw_html_put(page->html, "</dd></dl>");
    say_counts(&r);
    say_items(&r);
    if (r.c->total > r.items->nelts)
        qw_html_put(page->html, "<p>%m</p>", QW_M_CASE_MORE);
    return NULL;
}

static int is_about_account(const qw_case_t *c)
{
    return strcmp(c->kind, QW_CASE_EXTERNAL_ACCOUNT) == 0
           || strcmp(c->kind, QW_CASE_ACME_ACCOUNT) == 0;
}

static qw_problem_t *read_rest(qw_db_t *db, void *baton, apr_pool_t *pool)
{
    report_t *r = baton;
    const qw_authority_t *authority = r->page->portal->authority;

    QW_TRY(qw_case_get(&r->c, db, authority->name, r->id, pool));
    QW_TRY(qw_case_item_list(&r->items, db, r->id, 0, ITEMS_SHOWN, pool));
    if (r->c->status == QW_case_OPEN && is_about_account(r->c))
        QW_TRY(qw_case_missed(&r->missed, db, r->c, pool));
    return qw_case_item_count_here(&r->left, db, r->id, authority->name,
                                   r->page->now, pool);
}

static void alert(const qw_page_t *page, qw_message_e message, apr_int64_t n)
{
    qw_html_put(page->html, "<p role=\"alert\">");
    qw_html_say(page->html, message,
                apr_psprintf(page->pool, "%" APR_INT64_T_FMT, n), NULL, NULL);
    qw_html_put(page->html, "</p>");
}

/* What was killed halfway. One that waits for a second person is not begun. */
static void say_go_on(const report_t *r)
{
    const qw_page_t *page = r->page;

    if (r->left == 0 || r->c->status != QW_case_OPEN
        || (qw_cases_needs_approval(page->portal->authority, r->c)
            && r->c->approved_by == NULL))
        return;
    alert(page, QW_M_CASE_LEFT, r->left);
    if (!qw_page_is_officer(page))
        return;
    qw_html_put(page->html, "<p>%m</p>", QW_M_GO_ON_HOW);
    qw_page_proposal(page, "case.run", NULL);
    qw_page_hidden(page, "case", r->id);
    qw_html_put(page->html, "<button>%m</button></form>", QW_M_GO_ON);
}

qw_problem_t *qw_case_say_rest(const qw_page_t *page, const char *id)
{
    report_t r = { .page = page, .id = id };

    QW_TRY(qw_store_read(page->portal->store, read_rest, &r, page->pool));
    if (r.c->status == QW_case_OPEN)
        say_for_ctl(r.items, page);
    say_go_on(&r);
    if (r.missed > 0)
        alert(page, QW_M_CASE_MISSED, r.missed);
    say_next(page, r.c->kind);
    return NULL;
}

/* To others than the provider's people there are no cases. */
qw_problem_t *qw_page_case(qw_page_t *page)
{
    if (!qw_page_is_provider(page))
        return QW_FAIL(page->pool, NOT_FOUND, "there is no such page");
    page->title = QW_M_CASE;
    QW_TRY(qw_case_say(page, page->id));
    return qw_case_say_rest(page, page->id);
}
