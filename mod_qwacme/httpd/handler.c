/* From request_rec to qw_request_t, and the reply back. */
#include "httpd/qwm.h"

#include "base/text.h"

#include <http_core.h>
#include <http_protocol.h>

#include <apr_strings.h>

#include <string.h>

APLOG_USE_MODULE(qwacme);

qw_method_e qwm_method(const request_rec *r)
{
    if (r->header_only)
        return QW_METHOD_HEAD;
    switch (r->method_number) {
    case M_GET:
        return QW_METHOD_GET;
    case M_POST:
        return QW_METHOD_POST;
    case M_OPTIONS:
        return QW_METHOD_OPTIONS;
    default:
        return QW_METHOD_OTHER;
    }
}

/* Not r->path_info: the directory walk cuts that wherever a file is missing. */
const char *qwm_path_below(const request_rec *r, const char *base)
{
    const char *raw = r->unparsed_uri, *host = strstr(raw, "://");
    apr_size_t len = strlen(base);

    if (*raw != '/' && host != NULL)
        raw = strchr(host + 3, '/');
    if (raw == NULL || strncmp(raw, base, len) != 0 || raw[len] != '/')
        return NULL;
    return raw + len + 1;
}

static qw_problem_t *check_transport(request_rec *r)
{
    if (strcmp(ap_http_scheme(r), "https") == 0)
        return NULL;
    return QW_FAIL(r->pool, UNAUTHORIZED, "ACME is served over https only");
}

static void serve(qw_reply_t *reply, qwm_body_t *body, const qw_site_t *site)
{
    request_rec *r = body->r;
    qw_request_t request = { 0 };
    qw_problem_t *prob = check_transport(r);

    request.site = site;
    request.method = qwm_method(r);
    request.method_name = r->method;
    request.path = qwm_path_below(r, site->authority->base_path);
    request.content_type = apr_table_get(r->headers_in, "Content-Type");
    request.content_encoding = apr_table_get(r->headers_in, "Content-Encoding");
    request.client_ip = r->useragent_ip;
    request.read_body = qwm_read_body;
    request.baton = body;
    request.pool = r->pool;
    if (prob == NULL && request.path == NULL)
        prob = QW_FAIL(r->pool, NOT_FOUND, "no such resource");
    if (prob != NULL)
        qw_acme_problem(reply, site, prob, r->pool);
    else
        qw_acme_serve(reply, &request);
}

int qwm_handler(request_rec *r)
{
    const qwm_dir_t *dir;
    const qw_site_t *site;
    qwm_body_t body = { NULL, QWM_BODY_UNREAD };
    qw_reply_t reply;

    if (r->handler == NULL || strcmp(r->handler, "qwacme-acme") != 0)
        return DECLINED;
    dir = ap_get_module_config(r->per_dir_config, &qwacme_module);
    site = qwm_site(dir->use);
    if (site == NULL) {
        ap_log_rerror(APLOG_MARK, APLOG_ERR, 0, r,
                      "QW0306: authority '%s' is not running in this child",
                      dir->use != NULL ? dir->use : "(no QwacmeUse)");
        return HTTP_SERVICE_UNAVAILABLE;
    }
    body.r = r;
    serve(&reply, &body, site);
    qwm_log_reply(r, &reply);
    qwm_send(&body, &reply);
    return OK;
}
