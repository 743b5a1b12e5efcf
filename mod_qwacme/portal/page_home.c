/* The list of external accounts: of an operator, or all. */
#include "base/text.h"
#include "portal/clocks.h"
#include "portal/identity.h"
#include "store/db_status.h"

#include <apr_strings.h>

#include <string.h>

typedef struct {
    qw_page_t *page;
    apr_array_header_t *accounts; /* of qw_external_t * */
} home_t;

static qw_problem_t *read_accounts(qw_db_t *db, void *baton, apr_pool_t *pool)
{
    home_t *home = baton;
    const qw_page_t *page = home->page;
    const char *authority = page->portal->authority->name;

    if (qw_page_is_provider(page))
        return qw_external_list(&home->accounts, db, authority, pool);
    return qw_operator_accounts(&home->accounts, db, page->person->id,
                                authority, pool);
}

/* ---- the 24 hours of eIDAS 24(3), for who answers for them ---- */

typedef struct {
    const qw_page_t *page;
    apr_int64_t n;
    apr_time_t oldest;
} unpublished_t;

static qw_problem_t *read_unpublished(qw_db_t *db, void *baton,
                                      apr_pool_t *pool)
{
    unpublished_t *u = baton;
    const apr_array_header_t *issuers = u->page->portal->issuers;

    for (int i = 0; issuers != NULL && i < issuers->nelts; i++) {
        qw_waiting_t *waiting;

        QW_TRY(qw_revocation_unpublished(
            &waiting, db,
            APR_ARRAY_IDX(issuers, i, const qw_issuer_t *)->spki_hash, pool));
        if (waiting->n > 0 && (u->n == 0 || waiting->oldest < u->oldest))
            u->oldest = waiting->oldest;
        u->n += waiting->n;
    }
    return NULL;
}

static qw_problem_t *write_unpublished(const qw_page_t *page)
{
    unpublished_t u = { .page = page };

    QW_TRY(
        qw_store_read(page->portal->store, read_unpublished, &u, page->pool));
    if (u.n == 0)
        return NULL;
    qw_html_put(page->html, "<p class=\"change\" role=\"status\">");
    qw_html_say(page->html, QW_M_UNPUBLISHED,
                apr_psprintf(page->pool, "%" APR_INT64_T_FMT, u.n),
                qw_text_time(u.oldest, page->pool), NULL);
    qw_html_put(page->html, "</p>");
    return NULL;
}

static qw_message_e status_of(const qw_external_t *e)
{
    return e->status == QW_external_ACTIVE      ? QW_M_ACTIVE
           : e->status == QW_external_SUSPENDED ? QW_M_SUSPENDED
                                                : QW_M_CLOSED;
}

static void write_account(const qw_page_t *page, const qw_external_t *e)
{
    qw_html_put(page->html,
                "<tr><th scope=\"row\"><a href=\"%s/account/%s\">%s</a></th>"
                "<td>%m</td><td>",
                page->portal->base_path, e->id, e->name, status_of(e));
    qw_page_time(page, e->expires);
    qw_html_put(page->html, "</td></tr>");
}

qw_problem_t *qw_page_home(qw_page_t *page)
{
    home_t home = { page, NULL };

    page->title = QW_M_ACCOUNTS;
    QW_TRY(
        qw_store_read(page->portal->store, read_accounts, &home, page->pool));
    if (qw_page_is_provider(page)) {
        QW_TRY(write_unpublished(page));
        qw_html_put(page->html,
                    "<p><a href=\"%s/approvals\">%m</a></p><p><a "
                    "href=\"%s/report\">%m</a></p><p><a "
                    "href=\"%s/compromise\">%m</a></p>",
                    page->portal->base_path, QW_M_APPROVALS,
                    page->portal->base_path, QW_M_REPORT_ALL,
                    page->portal->base_path, QW_M_CASES);
    }
    if (qw_page_is_officer(page))
        qw_html_put(page->html, "<p><a href=\"%s/new\">%m</a></p>",
                    page->portal->base_path, QW_M_NEW_ACCOUNT);
    QW_TRY(qw_clocks_say_near(page, home.accounts));
    if (home.accounts->nelts == 0) {
        qw_html_put(page->html, "<p>%m</p>", QW_M_NO_ACCOUNTS);
        return NULL;
    }
    qw_html_put(
        page->html,
        "<table><thead><tr><th scope=\"col\">%m</th><th scope=\"col\">%m"
        "</th><th scope=\"col\">%m</th></tr></thead><tbody>",
        QW_M_ACCOUNT, QW_M_STATUS, QW_M_EXPIRES);
    for (int i = 0; i < home.accounts->nelts; i++)
        write_account(page, APR_ARRAY_IDX(home.accounts, i, qw_external_t *));
    qw_html_put(page->html, "</tbody></table>");
    return NULL;
}

/* An officer registers a subscriber. */
qw_problem_t *qw_page_new(qw_page_t *page)
{
    if (!qw_page_is_officer(page))
        return QW_FAIL(page->pool, UNAUTHORIZED,
                       "this is for others than you to do");
    page->title = QW_M_NEW_ACCOUNT;
    qw_html_put(page->html, "<p>%m</p>", QW_M_NEW_ACCOUNT_HOW);
    qw_page_proposal(page, "account.create", NULL);
    qw_html_put(page->html,
                "<p><label for=\"new-name\">%m</label> <input id=\"new-name\" "
                "name=\"name\" required></p>",
                QW_M_NAME);
    qw_identity_fields(page, NULL);
    qw_html_put(page->html, "<button>%m</button></form>", QW_M_CONTINUE);
    return NULL;
}
