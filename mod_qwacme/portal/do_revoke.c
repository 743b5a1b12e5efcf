/* One certificate of an external account, revoked by who answers for it. */
#include "portal/action.h"

#include "base/text.h"
#include "ca/revoke.h"

#include <string.h>

enum { PRIVILEGE_WITHDRAWN = 9 };

/* In the order in which they are offered [BR-4.9.1.1]. */
static const int reasons[] = { 0, 1, 4, 5, 3, PRIVILEGE_WITHDRAWN };

/* That the subscriber deserves it no longer is not the subscriber's to say. */
static int may_say(int reason, const qw_page_t *page)
{
    return reason != PRIVILEGE_WITHDRAWN || qw_page_is_officer(page);
}

static qw_problem_t *read_reason(int *reason, const qw_act_t *act,
                                 const qw_page_t *page)
{
    const char *text = qw_act_get(act, "reason");

    if (qw_reason_parse(reason, text) && may_say(*reason, page))
        return NULL;
    return QW_FAIL(page->pool, INVALID_INPUT,
                   "reason: '%s' is not one that the page offers",
                   qw_text_safe(text, 32, page->pool));
}

/* One of another account is none (OPR-05). */
static qw_problem_t *find(qw_certificate_t **certificate, const qw_act_t *act,
                          const qw_registry_t *r)
{
    qw_certificate_query_t query = { .authority = r->authority->name,
                                     .external_id = act->external->id,
                                     .limit = 1 };
    apr_array_header_t *list;

    query.serial = qw_act_get(act, "serial");
    QW_TRY(qw_certificate_list(&list, r->db, &query, r->pool));
    if (list->nelts == 0)
        return QW_FAIL(r->pool, NOT_FOUND,
                       "serial: this external account has no such certificate");
    return qw_certificate_get(certificate, r->db, r->authority->name, NULL,
                              APR_ARRAY_IDX(list, 0, qw_certificate_t *)->id,
                              r->pool);
}

/* As openssl and the pages write it, in one way. */
static qw_problem_t *read_serial(qw_act_t *act, apr_pool_t *pool)
{
    apr_array_header_t *serials;

    QW_TRY(
        qw_cases_serials(&serials, qw_act_get(act, "serial"), "serial", pool));
    if (serials->nelts != 1)
        return QW_FAIL(pool, INVALID_INPUT, "serial: one, in hexadecimal");
    qw_act_set(act, "serial", APR_ARRAY_IDX(serials, 0, const char *));
    return NULL;
}

qw_problem_t *qw_do_revoke(qw_act_t *act, const qw_page_t *page,
                           const qw_registry_t *r)
{
    qw_revoke_t what = { .authority = r->authority, .actor = r->actor };
    qw_certificate_t *certificate;

    QW_TRY(read_reason(&what.reason, act, page));
    QW_TRY(read_serial(act, r->pool));
    QW_TRY(find(&certificate, act, r));
    what.certificate = certificate;
    what.block_key = what.reason == QW_REASON_KEY_COMPROMISE;
    return qw_revoke(r->db, &what, r->pool);
}

void qw_revoke_say(const qw_page_t *page, const qw_external_t *external)
{
    if (!qw_page_is_officer(page) && !qw_page_is_operator(page))
        return;
    qw_html_put(page->html, "<h2>%m</h2><p>%m</p>", QW_M_REVOKE_ONE,
                QW_M_REVOKE_ONE_HOW);
    qw_page_proposal(page, "certificate.revoke", external->id);
    qw_html_put(page->html,
                "<p><label for=\"revoke-serial\">%m</label> <input "
                "id=\"revoke-serial\" name=\"serial\" required></p><p><label "
                "for=\"revoke-reason\">%m</label> <select "
                "id=\"revoke-reason\" name=\"reason\">",
                QW_M_SERIAL, QW_M_REASON);
    for (unsigned i = 0; i < sizeof(reasons) / sizeof(reasons[0]); i++)
        if (may_say(reasons[i], page))
            qw_html_put(page->html, "<option>%s</option>",
                        qw_reason_name(reasons[i]));
    qw_html_put(page->html, "</select></p><button>%m</button></form>",
                QW_M_CONTINUE);
}
