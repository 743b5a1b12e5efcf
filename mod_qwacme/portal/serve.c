/* From a visit to its page. */
#include "base/text.h"
#include "base/web.h"
#include "base/world.h"
#include "portal/env.h"
#include "portal/page.h"
#include "portal/session.h"

#include <apr_strings.h>

#include <string.h>
#include <strings.h>

typedef enum { ANYBODY, SOMEBODY } who_e;

/* Everything that is asked before a page runs stands in its row. A '*' is an id. */
static const struct {
    qw_method_e method;
    const char *path;
    who_e who;
    qw_page_fn run;
} routes[] = {
    { QW_METHOD_GET, "", SOMEBODY, qw_page_home },
    { QW_METHOD_GET, "login", ANYBODY, qw_page_login },
    { QW_METHOD_POST, "login", ANYBODY, qw_page_logged_in },
    { QW_METHOD_POST, "logout", SOMEBODY, qw_page_logout },
    { QW_METHOD_GET, "invite", ANYBODY, qw_page_invite },
    { QW_METHOD_POST, "invite", ANYBODY, qw_page_invited },
    { QW_METHOD_POST, "register", ANYBODY, qw_page_registered },
    { QW_METHOD_GET, "account/*", SOMEBODY, qw_page_account },
    { QW_METHOD_GET, "new", SOMEBODY, qw_page_new },
    { QW_METHOD_GET, "approvals", SOMEBODY, qw_page_approvals },
    { QW_METHOD_GET, "compromise", SOMEBODY, qw_page_compromise },
    { QW_METHOD_GET, "case/*", SOMEBODY, qw_page_case },
    { QW_METHOD_POST, "diagnose", SOMEBODY, qw_page_diagnose },
    { QW_METHOD_GET, "diagnosis/*", SOMEBODY, qw_page_diagnosis },
    { QW_METHOD_GET, "progress/*", SOMEBODY, qw_page_progress },
    { QW_METHOD_GET, "me", SOMEBODY, qw_page_me },
    { QW_METHOD_GET, "report", SOMEBODY, qw_page_report },
    { QW_METHOD_GET, "report/*", SOMEBODY, qw_page_report },
    { QW_METHOD_POST, "propose", SOMEBODY, qw_page_propose },
    { QW_METHOD_GET, "return/*", ANYBODY, qw_page_come_back },
    { QW_METHOD_GET, "confirm/*", SOMEBODY, qw_page_confirm },
    { QW_METHOD_POST, "sign", SOMEBODY, qw_page_sign },
    { QW_METHOD_GET, "style.css", ANYBODY, qw_page_style },
    { QW_METHOD_GET, "portal.js", ANYBODY, qw_page_script },
};

enum { ROUTES = sizeof(routes) / sizeof(routes[0]) };

static const char language_cookie[] = "__Host-qwacme-language";

/* Cases have ids that people can say: "20261126-7KQ2M9XA". */
static int is_case_id(const char *text)
{
    return strlen(text) == 17 && text[8] == '-'
           && strspn(text, "-0123456789ABCDEFGHJKMNPQRSTVWXYZ") == 17;
}

/* 1 and *ID if PATH is PATTERN's. */
static int matches(const char **id, const char *pattern, const char *path,
                   apr_pool_t *pool)
{
    const char *star = strchr(pattern, '*');
    apr_size_t n = star != NULL ? (apr_size_t)(star - pattern) : 0;

    if (star == NULL)
        return strcmp(pattern, path) == 0;
    if (strncmp(pattern, path, n) != 0
        || (!qw_id_is(path + n) && !is_case_id(path + n)))
        return 0;
    *id = apr_pstrdup(pool, path + n);
    return 1;
}

/* *ROUTE of PAGE's path; NOT_FOUND, WRONG_METHOD. */
static qw_problem_t *find(int *route, qw_page_t *page)
{
    int known = 0;

    for (int i = 0; i < ROUTES; i++) {
        if (!matches(&page->id, routes[i].path, page->path, page->pool))
            continue;
        known = 1;
        if (routes[i].method == page->visit->method
            || (routes[i].method == QW_METHOD_GET
                && page->visit->method == QW_METHOD_HEAD)) {
            *route = i;
            return NULL;
        }
    }
    if (known)
        return QW_FAIL(page->pool, WRONG_METHOD, "not by this method");
    return QW_FAIL(page->pool, NOT_FOUND, "there is no such page");
}

/* ---- language: asked for now, or before, the person's, the browser's --------- */

static const char *told_before(const char *cookie, apr_pool_t *pool)
{
    const char *at = cookie != NULL ? strstr(cookie, language_cookie) : NULL;

    if (at == NULL || at[sizeof language_cookie - 1] != '=')
        return NULL;
    return apr_pstrndup(pool, at + sizeof language_cookie, 2);
}

static void choose_language(qw_page_t *page)
{
    const char *asked = qw_page_field(page, "lang");
    const char *before = told_before(page->visit->cookie, page->pool);

    page->language = qw_language_accepted(page->visit->languages, page->pool);
    if (page->visit->method != QW_METHOD_POST
        && qw_language_find(&page->language, asked))
        page->cookie =
            apr_psprintf(page->pool,
                         "%s=%s; Path=/; Secure; HttpOnly; "
                         "SameSite=Strict; Max-Age=31536000",
                         language_cookie, qw_language_code(page->language));
    else if (!qw_language_find(&page->language, before) && page->person != NULL)
        (void)qw_language_find(&page->language, page->person->language);
    page->html = qw_html_make(page->language, page->pool);
}

/* ---- one visit ----------------------------------------------------------------- */

static void open_page(qw_page_t *page, qw_reply_t *reply,
                      const qw_visit_t *visit)
{
    memset(page, 0, sizeof(*page));
    memset(reply, 0, sizeof(*reply));
    reply->headers = apr_table_make(visit->pool, 12);
    reply->route = "portal";
    page->visit = visit;
    page->portal = visit->portal;
    page->path =
        apr_pstrmemdup(visit->pool, visit->path, strcspn(visit->path, "?"));
    page->now = qw_authority_now(visit->portal->authority);
    page->title = QW_M_PORTAL;
    page->reply = reply;
    page->pool = visit->pool;
}

static qw_problem_t *read_form(qw_page_t *page)
{
    const qw_visit_t *visit = page->visit;
    const char *query = strchr(visit->path, '?'), *type = visit->content_type;
    static const char wanted[] = "application/x-www-form-urlencoded";

    if (visit->method != QW_METHOD_POST)
        return query != NULL ? qw_form_parse(&page->form, query + 1,
                                             strlen(query + 1), page->pool)
                             : NULL;
    if (type == NULL || strncasecmp(type, wanted, sizeof wanted - 1) != 0)
        return QW_FAIL(page->pool, WRONG_MEDIA_TYPE, "this is no form");
    return qw_form_parse(&page->form, visit->body, visit->body_len, page->pool);
}

static qw_problem_t *load(qw_db_t *db, void *baton, apr_pool_t *pool)
{
    return qw_session_load(baton, db);
}

static qw_problem_t *serve(qw_page_t *page)
{
    int route;

    QW_TRY(find(&route, page));
    QW_TRY(read_form(page));
    if (qw_env_is_asked(page))
        page->no_env = qw_env_read(&page->env, page);
    if (page->visit->cookie != NULL)
        QW_TRY(qw_store_read(page->portal->store, load, page, page->pool));
    QW_TRY(qw_session_end_foreign(page));
    choose_language(page);
    if (page->visit->method == QW_METHOD_POST)
        QW_TRY(qw_csrf_check(page));
    if (routes[route].who == SOMEBODY && page->person == NULL) {
        page->location = "login";
        return NULL;
    }
    if (!qw_page_is_automatic(page)) /* a page that is left open is no visit */
        QW_TRY(qw_session_touch(page));
    return routes[route].run(page);
}

/* What details, which are English, are about: in the person's language. */
static qw_message_e about(qw_code_e code)
{
    static const struct {
        qw_code_e code;
        qw_message_e text;
    } known[] = {
        { QW_E_UNAUTHORIZED, QW_M_WHY_UNAUTHORIZED },
        { QW_E_USER_ACTION_REQUIRED, QW_M_WHY_USER_ACTION },
        { QW_E_ACCOUNT_SUSPENDED, QW_M_WHY_SUSPENDED },
        { QW_E_ACCOUNT_DEACTIVATED, QW_M_WHY_DEACTIVATED },
        { QW_E_NOT_FOUND, QW_M_WHY_NOT_FOUND },
        { QW_E_CONFLICT, QW_M_WHY_CONFLICT },
        { QW_E_INVALID_INPUT, QW_M_WHY_INVALID },
        { QW_E_MALFORMED, QW_M_WHY_MALFORMED },
        { QW_E_BODY_TOO_LARGE, QW_M_WHY_MALFORMED },
        { QW_E_BODY_TOO_SLOW, QW_M_WHY_MALFORMED },
        { QW_E_WRONG_MEDIA_TYPE, QW_M_WHY_MALFORMED },
        { QW_E_WRONG_METHOD, QW_M_WHY_MALFORMED },
        { QW_E_RATE_LIMITED, QW_M_WHY_RATE },
        { QW_E_REJECTED_IDENTIFIER, QW_M_WHY_IDENTIFIER },
        { QW_E_UNSUPPORTED_IDENTIFIER, QW_M_WHY_IDENTIFIER },
        { QW_E_INVALID_PROFILE, QW_M_WHY_PROFILE },
        { QW_E_ALREADY_REVOKED, QW_M_WHY_REVOKED },
        { QW_E_BAD_REVOCATION_REASON, QW_M_WHY_REASON },
        { QW_E_UNAVAILABLE, QW_M_WHY_UNAVAILABLE },
        { QW_E_COMMIT_UNKNOWN, QW_M_WHY_UNKNOWN },
    };

    for (unsigned i = 0; i < sizeof(known) / sizeof(known[0]); i++)
        if (known[i].code == code)
            return known[i].text;
    return QW_M_WHY_OTHER;
}

static void say_problem(qw_page_t *page, const qw_problem_t *prob)
{
    int status = qw_problem_http(prob->code);

    page->reply->problem = prob;
    page->reply->body = NULL;
    page->location = page->next = NULL;
    if (prob->retry_after > 0)
        apr_table_setn(page->reply->headers, "Retry-After",
                       apr_psprintf(page->pool, "%" APR_TIME_T_FMT,
                                    apr_time_sec(prob->retry_after)));
    page->html = qw_html_make(page->language, page->pool);
    page->title = status >= 500   ? QW_M_BROKEN
                  : status == 404 ? QW_M_NOT_FOUND
                                  : QW_M_REFUSED;
    qw_html_put(page->html,
                "<div role=\"alert\"><p>%m</p><p lang=\"en\">%s</p></div>",
                about(prob->code), prob->detail);
    qw_html_put(page->html, "<p><a href=\"%s/\">%m</a></p>",
                page->portal->base_path, QW_M_BACK);
    qw_page_finish(page, status);
}

void qw_portal_problem(qw_reply_t *reply, const qw_visit_t *visit,
                       qw_problem_t *problem)
{
    qw_page_t page;

    open_page(&page, reply, visit);
    choose_language(&page);
    say_problem(&page, problem);
}

void qw_portal_serve(qw_reply_t *reply, const qw_visit_t *visit)
{
    qw_problem_t *prob;
    qw_page_t page;

    open_page(&page, reply, visit);
    choose_language(&page);
    prob = serve(&page);
    if (prob != NULL)
        say_problem(&page, prob);
    else
        qw_page_finish(&page, 200);
}
