/* What officers asked for, and other ones may approve. */
#include "portal/page.h"
#include "registry/approval.h"

typedef struct {
    qw_page_t *page;
    apr_array_header_t *open; /* of qw_approval_t * */
    const char **names;       /* who asked for each */
} waiting_t;

static qw_problem_t *read_open(qw_db_t *db, void *baton, apr_pool_t *pool)
{
    waiting_t *w = baton;

    QW_TRY(qw_approval_list(&w->open, db, w->page->portal->authority->name, 0,
                            pool));
    w->names =
        apr_pcalloc(pool, sizeof(*w->names) * (apr_size_t)(w->open->nelts + 1));
    for (int i = 0; i < w->open->nelts; i++)
        QW_TRY(qw_page_actor(
            &w->names[i], w->page, db,
            APR_ARRAY_IDX(w->open, i, qw_approval_t *)->requested_by));
    return NULL;
}

static void decide(const qw_page_t *page, const qw_approval_t *a)
{
    qw_page_proposal(page, "approval.approve", NULL);
    qw_page_hidden(page, "approval", a->id);
    qw_html_put(page->html, "<button aria-label=\"%m %s\">%m</button></form>",
                QW_M_APPROVE, a->id, QW_M_APPROVE);
    qw_page_proposal(page, "approval.reject", NULL);
    qw_page_hidden(page, "approval", a->id);
    qw_html_put(page->html,
                "<label for=\"why-%s\">%m</label> <input id=\"why-%s\" "
                "name=\"why\" required> <button aria-label=\"%m %s\">%m"
                "</button></form>",
                a->id, QW_M_REASON, a->id, QW_M_REJECT, a->id, QW_M_REJECT);
}

static void write_one(const qw_page_t *page, const qw_approval_t *a,
                      const char *who)
{
    int open = qw_approval_status(a, page->now) == QW_approval_OPEN;

    qw_html_put(page->html,
                "<h2>%s: %s</h2><dl><dt>%m</dt><dd>%s</dd><dt>%m</dt><dd>",
                a->action, a->subject_id, QW_M_ASKED_BY, who, QW_M_WHEN);
    qw_page_time(page, a->requested_at);
    qw_html_put(page->html, "</dd><dt>%m</dt><dd>", QW_M_EXPIRES);
    qw_page_time(page, qw_approval_ends(a));
    qw_html_put(page->html,
                "</dd><dt>%m</dt><dd>%s</dd><dt>%m</dt><dd><code>%s</code></dd>"
                "</dl>",
                QW_M_REASON, a->reason, QW_M_WHAT, a->request);
    if (a->status == QW_approval_APPROVED)
        qw_html_put(page->html, "<p>%m</p>", QW_M_APPROVED_WAITS);
    if (open && qw_page_is_officer(page))
        decide(page, a);
}

qw_problem_t *qw_page_approvals(qw_page_t *page)
{
    waiting_t w = { .page = page };

    if (!qw_page_is_provider(page))
        return QW_FAIL(page->pool, UNAUTHORIZED,
                       "this is for others than you to see");
    page->title = QW_M_APPROVALS;
    QW_TRY(qw_store_read(page->portal->store, read_open, &w, page->pool));
    qw_html_put(page->html, "<p>%m</p>",
                w.open->nelts > 0 ? QW_M_APPROVALS_HOW : QW_M_NO_APPROVALS);
    for (int i = 0; i < w.open->nelts; i++)
        write_one(page, APR_ARRAY_IDX(w.open, i, qw_approval_t *), w.names[i]);
    return NULL;
}
