/* The person's own passkeys. */
#include "portal/env.h"

typedef struct {
    qw_page_t *page;
    apr_array_header_t *passkeys; /* of qw_authenticator_t * */
} me_t;

static qw_problem_t *read_passkeys(qw_db_t *db, void *baton, apr_pool_t *pool)
{
    me_t *me = baton;

    return qw_authenticator_list(&me->passkeys, db, me->page->person->id, pool);
}

static void write_passkey(const qw_page_t *page, const qw_authenticator_t *a)
{
    qw_html_put(page->html, "<tr><td>");
    qw_page_time(page, a->created);
    qw_html_put(page->html, "</td><td>");
    qw_page_time(page, a->used_at);
    qw_html_put(page->html, "</td><td><code>%s</code></td><td>",
                a->subject != NULL ? a->subject : a->aaguid);
    qw_page_proposal(page, "passkey.remove", NULL);
    qw_page_hidden(page, "passkey", a->id);
    qw_html_put(page->html,
                "<button aria-label=\"%m %s\">%m</button></form></td></tr>",
                QW_M_REMOVE, a->id, QW_M_REMOVE);
}

qw_problem_t *qw_page_me(qw_page_t *page)
{
    me_t me = { page, NULL };
    int logins = qw_env_is_asked(page);

    page->title = logins ? QW_M_LOGINS : QW_M_PASSKEYS;
    QW_TRY(qw_store_read(page->portal->store, read_passkeys, &me, page->pool));
    qw_html_put(page->html,
                "<p>%m</p><table><thead><tr><th scope=\"col\">%m</th><th "
                "scope=\"col\">%m</th><th scope=\"col\">%m</th><td></td></tr>"
                "</thead><tbody>",
                logins ? QW_M_LOGINS_HOW : QW_M_PASSKEYS_HOW, QW_M_CREATED,
                QW_M_LAST_USED, logins ? QW_M_SUBJECT : QW_M_MODEL);
    for (int i = 0; i < me.passkeys->nelts; i++) {
        const qw_authenticator_t *a =
            APR_ARRAY_IDX(me.passkeys, i, qw_authenticator_t *);

        if (a->removed_by == NULL)
            write_passkey(page, a);
    }
    qw_html_put(page->html, "</tbody></table>");
    qw_page_proposal(page, "passkey.add", NULL);
    qw_html_put(page->html, "<button>%m</button></form>", QW_M_PASSKEY_ADD_DO);
    return NULL;
}
