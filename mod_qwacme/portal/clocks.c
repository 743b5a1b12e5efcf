#include "portal/clocks.h"

#include "model/dates.h"
#include "store/db_reminder.h"

#include <apr_hash.h>
#include <apr_strings.h>

static const qw_message_e names[QW_CLOCKS] = { QW_M_CLOCK_ACCOUNT,
                                               QW_M_CLOCK_IDENTITY,
                                               QW_M_CLOCK_TERMS,
                                               QW_M_CLOCK_BINDING };

/* "runs out in 12 days", "has run out", "not agreed to"; the date, if any. */
static void say_when(const qw_page_t *page, const qw_clock_t *c)
{
    int days = qw_clock_days(c, page->now);

    if (c->ends == 0) {
        qw_html_put(page->html, "%m", QW_M_NOT_AGREED);
        return;
    }
    if (days > 1)
        qw_html_say(page->html, QW_M_CLOCK_IN_DAYS, apr_itoa(page->pool, days),
                    NULL, NULL);
    else
        qw_html_put(page->html, "%m",
                    days == 1 ? QW_M_CLOCK_IN_A_DAY : QW_M_CLOCK_OVER);
    qw_html_put(page->html, " &ndash; ");
    qw_page_time(page, c->ends);
}

static void say_clock(const qw_page_t *page, const qw_clock_t *c)
{
    qw_html_put(page->html, "%m", names[c->kind]);
    if (*c->subject != '\0')
        qw_html_put(page->html, " <code>%s</code>", c->subject);
}

void qw_clocks_say(const qw_page_t *page, const qw_external_t *external,
                   const apr_array_header_t *bindings)
{
    apr_array_header_t *clocks = qw_clocks_make(page->pool);

    qw_clocks_of(clocks, page->portal->authority, external);
    for (int i = 0; clocks->nelts > 0 && i < bindings->nelts; i++)
        qw_clocks_binding(clocks, APR_ARRAY_IDX(bindings, i, qw_binding_t *));
    if (clocks->nelts == 0)
        return;
    qw_clocks_sort(clocks);
    qw_html_put(page->html, "<h2>%m</h2><dl class=\"clocks\">", QW_M_CLOCKS);
    for (int i = 0; i < clocks->nelts; i++) {
        const qw_clock_t *c = &APR_ARRAY_IDX(clocks, i, qw_clock_t);

        qw_html_put(page->html, "<dt>");
        say_clock(page, c);
        qw_html_put(page->html, "</dt><dd>");
        say_when(page, c);
        qw_html_put(page->html, "</dd>");
    }
    qw_html_put(page->html, "</dl>");
}

/* ---- of all accounts ------------------------------------------------------------ */

typedef struct {
    const qw_page_t *page;
    apr_hash_t *seen; /* id -> qw_external_t */
    apr_array_header_t *near;
} near_t;

static void keep_near(near_t *n, const apr_array_header_t *clocks)
{
    for (int i = 0; i < clocks->nelts; i++) {
        const qw_clock_t *c = &APR_ARRAY_IDX(clocks, i, qw_clock_t);

        if (apr_hash_get(n->seen, c->external_id, APR_HASH_KEY_STRING) != NULL
            && qw_clock_is_near(c, n->page->now, QW_CLOCK_HORIZON))
            APR_ARRAY_PUSH(n->near, qw_clock_t) = *c;
    }
}

static qw_problem_t *read_near(qw_db_t *db, void *baton, apr_pool_t *pool)
{
    near_t *n = baton;
    const qw_page_t *page = n->page;
    apr_array_header_t *bindings, *clocks = qw_clocks_make(pool);
    qw_ending_query_t q = { .authority = page->portal->authority->name,
                            .now = page->now,
                            .horizon = page->now + QW_CLOCK_HORIZON };

    QW_TRY(qw_binding_ending(&bindings, db, &q, pool));
    for (int i = 0; i < bindings->nelts; i++)
        qw_clocks_binding(clocks, APR_ARRAY_IDX(bindings, i, qw_binding_t *));
    keep_near(n, clocks);
    return NULL;
}

static void say_near(const near_t *n)
{
    const qw_page_t *page = n->page;

    qw_clocks_sort(n->near);
    qw_html_put(page->html,
                "<h2>%m</h2><table class=\"clocks\"><thead><tr><th "
                "scope=\"col\">%m</th><th scope=\"col\">%m</th><th "
                "scope=\"col\">%m</th></tr></thead><tbody>",
                QW_M_CLOCKS_NEAR, QW_M_ACCOUNT, QW_M_CLOCK_WHAT, QW_M_EXPIRES);
    for (int i = 0; i < n->near->nelts; i++) {
        const qw_clock_t *c = &APR_ARRAY_IDX(n->near, i, qw_clock_t);
        const qw_external_t *e =
            apr_hash_get(n->seen, c->external_id, APR_HASH_KEY_STRING);

        qw_html_put(page->html,
                    "<tr><th scope=\"row\"><a href=\"%s/account/%s\">%s</a>"
                    "</th><td>",
                    page->portal->base_path, e->id, e->name);
        say_clock(page, c);
        qw_html_put(page->html, "</td><td>");
        say_when(page, c);
        qw_html_put(page->html, "</td></tr>");
    }
    qw_html_put(page->html, "</tbody></table>");
}

qw_problem_t *qw_clocks_say_near(const qw_page_t *page,
                                 const apr_array_header_t *accounts)
{
    near_t n = { page, apr_hash_make(page->pool), qw_clocks_make(page->pool) };
    apr_array_header_t *clocks = qw_clocks_make(page->pool);

    for (int i = 0; i < accounts->nelts; i++) {
        const qw_external_t *e = APR_ARRAY_IDX(accounts, i, qw_external_t *);

        apr_hash_set(n.seen, e->id, APR_HASH_KEY_STRING, e);
        qw_clocks_of(clocks, page->portal->authority, e);
    }
    keep_near(&n, clocks);
    QW_TRY(qw_store_read(page->portal->store, read_near, &n, page->pool));
    if (n.near->nelts > 0)
        say_near(&n);
    return NULL;
}
