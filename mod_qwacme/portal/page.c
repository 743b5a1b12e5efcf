/* What every page has. */
#include "portal/page.h"

#include "base/text.h"
#include "base/world.h"

#include <apr_strings.h>

#include <string.h>

/* No script, style, frame or form of anybody else's; nothing inline. */
static const char policy[] =
    "default-src 'none'; script-src 'self'; style-src 'self'; "
    "form-action 'self'; frame-ancestors 'none'; base-uri 'none'";

static const char *const headers[][2] = {
    { "Content-Security-Policy", policy },
    { "X-Content-Type-Options", "nosniff" },
    { "X-Frame-Options", "DENY" },
    { "Referrer-Policy", "same-origin" },
    { "Cross-Origin-Opener-Policy", "same-origin" },
    { "Cross-Origin-Resource-Policy", "same-origin" },
    { "Permissions-Policy", "publickey-credentials-get=(self), "
                            "publickey-credentials-create=(self)" },
    { "Cache-Control", "no-store" },
    { "Vary", "Cookie, Accept-Language" },
};

const char *qw_page_field(const qw_page_t *page, const char *name)
{
    const char *value =
        page->form != NULL ? apr_table_get(page->form, name) : NULL;

    return value != NULL ? value : "";
}

void qw_page_registry(qw_registry_t *r, const qw_page_t *page, qw_db_t *db)
{
    r->db = db;
    r->authority = page->portal->authority;
    r->actor = qw_person_actor(page->person != NULL ? page->person->id : "",
                               page->pool);
    r->pool = page->pool;
}

static int has_role(const qw_page_t *page, const char *role)
{
    return page->person != NULL && strcmp(page->person->role, role) == 0;
}

int qw_page_is_officer(const qw_page_t *page)
{
    return has_role(page, "officer");
}

int qw_page_is_operator(const qw_page_t *page)
{
    return has_role(page, "operator");
}

int qw_page_is_provider(const qw_page_t *page)
{
    return qw_page_is_officer(page) || has_role(page, "auditor");
}

qw_problem_t *qw_page_external(qw_external_t **external, const qw_page_t *page,
                               qw_db_t *db, const char *id)
{
    int may = qw_page_is_provider(page);

    if (!may && qw_page_is_operator(page) && qw_id_is(id))
        QW_TRY(qw_operator_has(&may, db, page->person->id, id, page->pool));
    if (!may || !qw_id_is(id))
        return QW_FAIL(page->pool, NOT_FOUND, "there is no such account");
    return qw_external_get(external, db, page->portal->authority->name, id,
                           page->pool);
}

qw_problem_t *qw_page_actor(const char **name, const qw_page_t *page,
                            qw_db_t *db, const char *actor)
{
    const char *id = qw_actor_person(actor);
    qw_problem_t *prob;
    qw_person_t *person;

    *name = actor;
    if (id == NULL)
        return NULL;
    prob = qw_person_get(&person, db, id, page->pool);
    if (prob == NULL)
        *name = person->name;
    return qw_problem_unless(prob, QW_E_NOT_FOUND);
}

void qw_page_hidden(const qw_page_t *page, const char *name, const char *value)
{
    qw_html_put(page->html, "<input type=\"hidden\" name=\"%s\" value=\"%s\">",
                name, value);
}

static void csrf(const qw_page_t *page)
{
    if (page->session != NULL)
        qw_page_hidden(page, "csrf", page->csrf);
}

void qw_page_form(const qw_page_t *page, const char *where)
{
    qw_html_put(page->html, "<form method=\"post\" action=\"%s/%s\">",
                page->portal->base_path, where);
    csrf(page);
}

void qw_page_proposal(const qw_page_t *page, const char *action,
                      const char *external_id)
{
    qw_page_form(page, "propose");
    qw_page_hidden(page, "do", action);
    if (external_id != NULL)
        qw_page_hidden(page, "account", external_id);
}

void qw_page_say_account(const qw_page_t *page, const char *name)
{
    qw_html_put(page->html, "<p class=\"account\">%m: <strong>%s</strong></p>",
                QW_M_ACCOUNT, name);
}

/* The script fills in the fields and sends the form. */
void qw_page_passkey_form(const qw_page_t *page, const char *where,
                          const char *kind, const char *nonce,
                          const char *challenge)
{
    static const char *const fields[] = { "credential",         "client_data",
                                          "authenticator_data", "signature",
                                          "attestation",        "transports" };

    qw_html_put(page->html,
                "<form method=\"post\" action=\"%s/%s\" data-passkey=\"%s\" "
                "data-rp=\"%s\" data-challenge=\"%s\" data-attestation=\"%s\">",
                page->portal->base_path, where, kind, page->portal->rp.rp_id,
                challenge,
                page->portal->rp.aaguids->nelts > 0 ? "direct" : "none");
    csrf(page);
    qw_page_hidden(page, "nonce", nonce);
    for (unsigned i = 0; i < sizeof(fields) / sizeof(fields[0]); i++)
        qw_page_hidden(page, fields[i], "");
    qw_html_put(page->html,
                "<noscript><p role=\"alert\">%m</p></noscript>"
                "<p role=\"alert\" class=\"failed\" data-failed hidden>%m</p>",
                QW_M_NO_SCRIPT, QW_M_PASSKEY_FAILED);
}

void qw_page_assertion(qw_assertion_t *a, const qw_page_t *page)
{
    a->credential_id = qw_page_field(page, "credential");
    a->client_data = qw_page_field(page, "client_data");
    a->authenticator_data = qw_page_field(page, "authenticator_data");
    a->signature = qw_page_field(page, "signature");
}

void qw_page_time(const qw_page_t *page, apr_time_t when)
{
    const char *text = qw_text_time(when, page->pool);

    if (when == 0)
        qw_html_put(page->html, "&ndash;");
    else
        qw_html_put(page->html, "<time datetime=\"%s\">%s %s UTC</time>", text,
                    apr_pstrmemdup(page->pool, text, 10),
                    apr_pstrmemdup(page->pool, text + 11, 5));
}

/* ---- pages that load themselves anew ---------------------------------------- */

/* How often in a row, every so many seconds: then somebody has to ask for more. */
enum { RELOADS_MOST = 100, RELOAD_SECONDS = 3 };

/* Number of the load, from 1; 0 if a person asked for the page. */
static int reloads(const qw_page_t *page)
{
    const char *text = qw_page_field(page, "auto");
    char *end;
    apr_int64_t n = apr_strtoi64(text, &end, 10);

    return end != text && *end == '\0' && n > 0 && n <= RELOADS_MOST ? (int)n
                                                                     : 0;
}

int qw_page_is_automatic(const qw_page_t *page)
{
    return page->visit->method != QW_METHOD_POST && reloads(page) > 1;
}

void qw_page_reloads(qw_page_t *page, const char *here)
{
    const char *base = page->portal->base_path;
    int n = reloads(page);

    if (n > 0 && n < RELOADS_MOST) {
        page->reload = apr_psprintf(page->pool, "%d;url=%s/%s?auto=%d",
                                    RELOAD_SECONDS, base, here, n + 1);
        qw_html_put(page->html, "<p>%m <a href=\"%s/%s\">%m</a></p>",
                    QW_M_RELOADS_ITSELF, base, here, QW_M_RELOAD_STOP);
        return;
    }
    qw_html_put(page->html,
                "<p><a href=\"%s/%s\">%m</a> <a href=\"%s/%s?auto=1\">%m</a>"
                "</p>",
                base, here, QW_M_RELOAD, base, here, QW_M_RELOAD_START);
}

/* ---- around it ------------------------------------------------------------ */

static void head(qw_html_t *h, const qw_page_t *page)
{
    const char *base = page->portal->base_path;

    qw_html_put(
        h,
        "<!DOCTYPE html>\n<html lang=\"%s\"><head><meta charset=\"utf-8\">"
        "<meta name=\"viewport\" "
        "content=\"width=device-width, initial-scale=1\">"
        "<title>%m \xe2\x80\x93 %m</title>"
        "<link rel=\"stylesheet\" href=\"%s/style.css\">"
        "<script src=\"%s/portal.js\" defer></script>",
        qw_language_code(page->language), page->title, QW_M_PORTAL, base, base);
    if (page->next != NULL)
        qw_html_put(h, "<meta http-equiv=\"refresh\" content=\"0; url=%s/%s\">",
                    base, page->next);
    if (page->reload != NULL)
        qw_html_put(h, "<meta http-equiv=\"refresh\" content=\"%s\">",
                    page->reload);
    qw_html_put(h, "</head>\n");
}

static void languages(qw_html_t *h, const qw_page_t *page)
{
    static const char *const names[QW_LANGUAGES] = { "English", "Fran\xc3\xa7"
                                                                "ais" };

    qw_html_put(h, "<ul class=\"languages\">");
    for (int i = 0; i < QW_LANGUAGES; i++) {
        const char *code = qw_language_code((qw_language_e)i);

        qw_html_put(
            h,
            "<li><a href=\"?lang=%s\" lang=\"%s\" hreflang=\"%s\">%s</a>"
            "</li>",
            code, code, code, names[i]);
    }
    qw_html_put(h, "</ul>");
}

static void top(qw_html_t *h, const qw_page_t *page)
{
    const char *base = page->portal->base_path;

    qw_html_put(h,
                "<body><a class=\"skip\" href=\"#main\">%m</a><header><nav "
                "aria-label=\"%m\"><a class=\"home\" href=\"%s/\">%m</a> "
                "<span class=\"authority\">%s</span>",
                QW_M_SKIP, QW_M_NAVIGATION, base, QW_M_PORTAL,
                page->portal->authority->name);
    languages(h, page);
    if (page->person != NULL) {
        qw_html_put(h,
                    "<form method=\"post\" action=\"%s/logout\"><input "
                    "type=\"hidden\" name=\"csrf\" value=\"%s\"><span "
                    "class=\"who\"><a href=\"%s/me\">%s</a> (%m)</span> "
                    "<button>%m</button></form>",
                    base, page->csrf, base, page->person->name,
                    qw_page_is_officer(page)    ? QW_M_OFFICER
                    : qw_page_is_provider(page) ? QW_M_AUDITOR
                                                : QW_M_OPERATOR,
                    QW_M_LOGOUT);
    }
    qw_html_put(
        h, "</nav></header>\n<main id=\"main\" tabindex=\"-1\"><h1>%m</h1>\n",
        page->title);
}

static void bottom(qw_html_t *h, const qw_page_t *page)
{
    qw_html_put(h, "</main>\n<footer><p>");
    if (page->portal->authority->kind == QW_KIND_TEST)
        qw_html_put(h, "%m ", QW_M_TEST_ONLY);
    if (page->portal->authority->website != NULL)
        qw_html_put(h, "<a href=\"%s\">%m</a>",
                    page->portal->authority->website, QW_M_PROVIDER);
    qw_html_put(h, "</p></footer></body></html>\n");
}

static void set_headers(qw_page_t *page)
{
    apr_table_t *out = page->reply->headers;

    for (unsigned i = 0; i < sizeof(headers) / sizeof(headers[0]); i++)
        apr_table_setn(out, headers[i][0], headers[i][1]);
    if (page->cookie != NULL)
        apr_table_addn(out, "Set-Cookie", page->cookie);
}

static const char *whole(qw_page_t *page)
{
    qw_html_t *h = qw_html_make(page->language, page->pool);

    head(h, page);
    top(h, page);
    return apr_pstrcat(page->pool, qw_html_text(h), qw_html_text(page->html),
                       NULL);
}

void qw_page_finish(qw_page_t *page, int status)
{
    qw_reply_t *reply = page->reply;
    qw_html_t *end = qw_html_make(page->language, page->pool);

    set_headers(page);
    if (page->location != NULL) {
        reply->status = 303;
        apr_table_setn(reply->headers, "Location",
                       apr_pstrcat(page->pool, page->portal->rp.origin,
                                   page->portal->base_path, "/", page->location,
                                   NULL));
        return;
    }
    if (reply->body != NULL) /* it is no page */
        return;
    bottom(end, page);
    apr_table_setn(reply->headers, "Content-Language",
                   qw_language_code(page->language));
    reply->status = status;
    reply->content_type = "text/html; charset=utf-8";
    reply->body = apr_pstrcat(page->pool, whole(page), qw_html_text(end), NULL);
    reply->body_len = strlen(reply->body);
}
