/* The newest orders of an external account, while they happen: a page without a
 * form, so that it can load itself anew and nobody loses what they typed. */
#include "portal/say_order.h"

#include <apr_strings.h>

typedef struct {
    qw_page_t *page;
    qw_external_t *external;
    qw_order_view_t *orders;
} view_t;

static qw_problem_t *read_all(qw_db_t *db, void *baton, apr_pool_t *pool)
{
    view_t *v = baton;

    QW_TRY(qw_page_external(&v->external, v->page, db, v->page->id));
    return qw_orders_read(&v->orders, v->page, db, v->external->id);
}

qw_problem_t *qw_page_progress(qw_page_t *page)
{
    const char *here = apr_pstrcat(page->pool, "progress/", page->id, NULL);
    view_t v = { .page = page };

    QW_TRY(qw_store_read(page->portal->store, read_all, &v, page->pool));
    page->title = QW_M_PROGRESS;
    qw_page_say_account(page, v.external->name);
    qw_html_put(page->html, "<h2>%m</h2>", QW_M_NEWEST);
    qw_orders_say(page, v.orders);
    if (v.orders->is_moving)
        qw_page_reloads(page, here);
    qw_html_put(page->html, "<p><a href=\"%s/account/%s\">%m</a></p>",
                page->portal->base_path, v.external->id, QW_M_BACK_TO_ACCOUNT);
    return NULL;
}
