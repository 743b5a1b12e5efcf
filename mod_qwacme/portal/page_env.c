/* The ways in by the provider's own login, which httpd has seen; and the way back
 * from logging in once more. */
#include "portal/env.h"
#include "portal/session.h"

#include <apr_strings.h>

static void write_subject(const qw_page_t *page)
{
    qw_html_put(page->html, "<p class=\"change\"><strong>%s</strong></p>",
                page->env->subject);
}

qw_problem_t *qw_env_login_page(qw_page_t *page)
{
    if (page->env == NULL)
        return page->no_env;
    page->title = QW_M_LOGIN;
    qw_html_put(page->html, "<p>%m</p>", QW_M_ENV_LOGIN_HOW);
    write_subject(page);
    qw_page_form(page, "login");
    qw_html_put(page->html, "<button class=\"main\">%m</button></form>",
                QW_M_ENV_LOGIN_DO);
    return NULL;
}

static qw_problem_t *enter(qw_db_t *db, void *baton, apr_pool_t *pool)
{
    qw_page_t *page = baton;
    qw_authenticator_t *a;

    QW_TRY(qw_env_find(&a, page, db));
    QW_TRY(qw_authenticator_use(db, a->id, 0, page->now, pool));
    return qw_session_begin(page, db, a);
}

qw_problem_t *qw_env_enter(qw_page_t *page)
{
    if (page->env == NULL)
        return page->no_env;
    QW_TRY(qw_store_write(page->portal->store, enter, page, page->pool));
    page->location = "";
    return NULL;
}

qw_problem_t *qw_env_register_form(qw_page_t *page, const qw_person_t *person)
{
    if (page->env == NULL)
        return page->no_env;
    page->title = QW_M_ENV_REGISTER;
    qw_html_put(page->html, "<p>");
    qw_html_say(page->html, QW_M_ENV_REGISTER_HOW, person->name, NULL, NULL);
    qw_html_put(page->html, "</p>");
    write_subject(page);
    qw_page_form(page, "register");
    qw_page_hidden(page, "token", qw_page_field(page, "token"));
    qw_page_hidden(page, "secret", qw_page_field(page, "secret"));
    qw_html_put(page->html, "<button class=\"main\">%m</button></form>",
                QW_M_ENV_REGISTER_DO);
    return NULL;
}

qw_problem_t *qw_env_make(qw_authenticator_t **made, const qw_page_t *page)
{
    qw_authenticator_t *a;

    if (page->env == NULL)
        return page->no_env;
    a = apr_pcalloc(page->pool, sizeof(*a));
    a->credential_id = page->env->key;
    a->subject = page->env->subject;
    a->public_key = a->aaguid = a->transports = "";
    a->attestation = "env";
    *made = a;
    return NULL;
}

/* The session's cookie does not come along from another site; it does from this
 * page on. */
qw_problem_t *qw_page_come_back(qw_page_t *page)
{
    if (!qw_env_is_asked(page))
        return QW_FAIL(page->pool, NOT_FOUND, "there is no such page");
    page->title = QW_M_ENV_BACK;
    page->next = apr_pstrcat(page->pool, "confirm/", page->id, NULL);
    qw_html_put(page->html, "<p><a href=\"%s/%s\">%m</a></p>",
                page->portal->base_path, page->next, QW_M_CONTINUE);
    return NULL;
}
