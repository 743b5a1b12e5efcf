/* Reports of problems from anybody, by a page. */
#include "httpd/qwm.h"

#include "base/text.h"
#include "base/web.h"
#include "ca/cases.h"
#include "gate/limits.h"
#include "httpd/report_page.h"

#include <apr_strings.h>
#include <http_core.h>
#include <http_protocol.h>
#include <http_request.h>

#include <string.h>

APLOG_USE_MODULE(qwacme);

enum { BODY_MOST = 65536 };

static const char form_type[] = "application/x-www-form-urlencoded";

typedef struct {
    const qw_site_t *site;
    qwm_body_t body;
    qwm_report_page_t page;
    qw_report_t report;
    const char *id; /* of the case */
} reporting_t;

/* "?lang=fr" goes before what the browser likes. */
static int language_of(request_rec *r)
{
    const char *args = r->args != NULL ? r->args : "";

    for (int i = 0; qwm_report_languages[i] != NULL; i++)
        if (strncmp(args, "lang=", 5) == 0
            && strcmp(args + 5, qwm_report_languages[i]) == 0)
            return i;
    return qw_language_choose(apr_table_get(r->headers_in, "Accept-Language"),
                              qwm_report_languages, r->pool);
}

/* ---- what is posted --------------------------------------------------------- */

static qw_problem_t *store(qw_db_t *db, void *baton, apr_pool_t *pool)
{
    reporting_t *p = baton;
    const qw_authority_t *a = p->site->authority;
    qw_registry_t r = { db, a, p->report.by, pool };
    apr_array_header_t *charges = apr_array_make(pool, 2, sizeof(qw_charge_t));
    qw_limits_t limits;

    QW_TRY(qw_limits_open(&limits, db, a, NULL, qw_authority_now(a), pool));
    qw_charge_address(charges, QW_LIMIT_REPORTS_PER_IP,
                      p->body.r->useragent_ip);
    QW_TRY(qw_limits_spend(&limits, charges));
    return qw_report_open(&p->id, &r, &p->report);
}

static const char *field(const reporting_t *p, const char *name)
{
    const char *value = apr_table_get(p->page.fields, name);

    return value != NULL ? value : "";
}

static qw_problem_t *check_type(request_rec *r)
{
    const char *type = apr_table_get(r->headers_in, "Content-Type");
    apr_size_t n = sizeof(form_type) - 1;

    if (type != NULL && strncasecmp(type, form_type, n) == 0
        && (type[n] == '\0' || type[n] == ';' || type[n] == ' '))
        return NULL;
    return QW_FAIL(r->pool, WRONG_MEDIA_TYPE, "form: no form was sent");
}

static qw_problem_t *read_form(reporting_t *p)
{
    request_rec *r = p->body.r;
    qw_request_t request = { .baton = &p->body, .pool = r->pool };
    const char *body;
    apr_size_t len;

    QW_TRY(check_type(r));
    QW_TRY(qwm_read_body(&body, &len, &request, BODY_MOST));
    QW_TRY(qw_form_parse(&p->page.fields, body, len, r->pool));
    p->report.subject = field(p, "subject");
    p->report.problem = field(p, "problem");
    p->report.contact = field(p, "contact");
    p->report.text = field(p, "text");
    p->report.by = "web";
    return NULL;
}

/* Only a program sees the field "website": it is told what a person is. */
static qw_problem_t *take(reporting_t *p)
{
    request_rec *r = p->body.r;

    QW_TRY(read_form(p));
    p->page.number = "";
    if (*field(p, "website") != '\0') {
        ap_log_rerror(APLOG_MARK, APLOG_INFO, 0, r,
                      "QW0422: report: dropped: a program filled it in");
        return NULL;
    }
    p->page.number = NULL;
    QW_TRY(qw_store_write(p->site->store, store, p, r->pool));
    p->page.number = p->id;
    ap_log_rerror(APLOG_MARK, APLOG_NOTICE, 0, r,
                  "QW0423: report: case %s of authority %s is open", p->id,
                  p->site->authority->name);
    return NULL;
}

/* What the page says of PROB: the member that its detail begins with. */
static const char *fault_of(const qw_problem_t *prob, apr_pool_t *pool)
{
    if (prob->code == QW_E_RATE_LIMITED)
        return "often";
    if (prob->code == QW_E_INVALID_INPUT)
        return apr_pstrmemdup(pool, prob->detail, strcspn(prob->detail, ":"));
    return qw_problem_http(prob->code) >= 500 ? "away" : "form";
}

/* ---- answers ----------------------------------------------------------------- */

static void add_headers(apr_table_t *headers, const reporting_t *p)
{
    apr_table_setn(headers, "Content-Security-Policy",
                   "default-src 'none'; style-src 'self'; form-action 'self'; "
                   "base-uri 'none'; frame-ancestors 'none'");
    apr_table_setn(headers, "X-Content-Type-Options", "nosniff");
    apr_table_setn(headers, "X-Frame-Options", "DENY");
    apr_table_setn(headers, "Referrer-Policy", "no-referrer");
    apr_table_setn(headers, "Cache-Control", "no-store");
    apr_table_setn(headers, "Content-Language",
                   qwm_report_languages[p->page.language]);
    apr_table_setn(headers, "Vary", "Accept-Language");
}

static void make_reply(qw_reply_t *reply, reporting_t *p,
                       const qw_problem_t *prob)
{
    apr_pool_t *pool = p->body.r->pool;

    reply->route = "report";
    reply->headers = apr_table_make(pool, 8);
    reply->content_type = "text/html; charset=utf-8";
    reply->status = 200;
    reply->problem = prob;
    add_headers(reply->headers, p);
    if (prob != NULL) {
        reply->status = qw_problem_http(prob->code);
        p->page.fault = fault_of(prob, pool);
        if (prob->retry_after > 0)
            apr_table_setn(reply->headers, "Retry-After",
                           apr_psprintf(pool, "%ld",
                                        (long)apr_time_sec(prob->retry_after)));
    }
    reply->body = qwm_report_page(&p->page, pool);
    reply->body_len = strlen(reply->body);
}

static int send_style(reporting_t *p)
{
    qw_reply_t reply = { 0 };

    reply.status = 200;
    reply.content_type = "text/css";
    reply.headers = apr_table_make(p->body.r->pool, 2);
    apr_table_setn(reply.headers, "X-Content-Type-Options", "nosniff");
    apr_table_setn(reply.headers, "Cache-Control", "max-age=86400");
    reply.body = qwm_report_style;
    reply.body_len = strlen(qwm_report_style);
    qwm_send(&p->body, &reply);
    return OK;
}

static int serve(reporting_t *p)
{
    request_rec *r = p->body.r;
    qw_problem_t *prob = NULL;
    qw_reply_t reply = { 0 };

    p->page.language = language_of(r);
    p->page.address = p->site->authority->report_address;
    if (r->method_number == M_GET && r->args != NULL
        && strcmp(r->args, "style") == 0)
        return send_style(p);
    if (r->method_number == M_POST)
        prob = take(p);
    make_reply(&reply, p, prob);
    qwm_log_reply(r, &reply);
    qwm_send(&p->body, &reply);
    return OK;
}

int qwm_report_handler(request_rec *r)
{
    reporting_t p = { .body = { r, QWM_BODY_UNREAD } };
    const qwm_dir_t *dir;

    if (r->handler == NULL || strcmp(r->handler, "qwacme-report") != 0)
        return DECLINED;
    dir = ap_get_module_config(r->per_dir_config, &qwacme_module);
    p.site = qwm_site(dir->use);
    if (p.site == NULL)
        return HTTP_SERVICE_UNAVAILABLE;
    if (r->method_number != M_GET && r->method_number != M_POST) {
        ap_allow_methods(r, REPLACE_ALLOW, "GET", "POST", NULL);
        return HTTP_METHOD_NOT_ALLOWED;
    }
    if (strcmp(ap_http_scheme(r), "https") != 0)
        return HTTP_FORBIDDEN;
    return serve(&p);
}
