/* The portal of an authority, for people. */
#include "httpd/qwm.h"

#include <http_core.h>
#include <http_protocol.h>

#include <string.h>

APLOG_USE_MODULE(qwacme);

enum { FORM_MOST = 65536 };

static const char *header(const request_rec *r, const char *name)
{
    return apr_table_get(r->headers_in, name);
}

static void fill_in(qw_visit_t *visit, const qw_portal_t *portal,
                    const request_rec *r)
{
    memset(visit, 0, sizeof(*visit));
    visit->portal = portal;
    visit->method = qwm_method(r);
    visit->path = qwm_path_below(r, portal->base_path);
    visit->content_type = header(r, "Content-Type");
    visit->cookie = header(r, "Cookie");
    visit->origin = header(r, "Origin");
    visit->fetch_site = header(r, "Sec-Fetch-Site");
    visit->languages = header(r, "Accept-Language");
    visit->address = r->useragent_ip;
    visit->pool = r->pool;
}

static qw_problem_t *check(qw_visit_t *visit, qwm_body_t *body)
{
    request_rec *r = body->r;
    qw_request_t request = { .baton = body, .pool = r->pool };

    if (visit->path == NULL) {
        visit->path = "";
        return QW_FAIL(r->pool, NOT_FOUND, "there is no such page");
    }
    if (strcmp(ap_http_scheme(r), "https") != 0)
        return QW_FAIL(r->pool, UNAUTHORIZED,
                       "the portal is served over https only");
    if (visit->method != QW_METHOD_POST)
        return NULL;
    return qwm_read_body(&visit->body, &visit->body_len, &request, FORM_MOST);
}

int qwm_portal_handler(request_rec *r)
{
    const qwm_dir_t *dir;
    const qw_portal_t *portal;
    qwm_body_t body = { r, QWM_BODY_UNREAD };
    qw_problem_t *prob;
    qw_reply_t reply;
    qw_visit_t visit;

    if (r->handler == NULL || strcmp(r->handler, "qwacme-portal") != 0)
        return DECLINED;
    dir = ap_get_module_config(r->per_dir_config, &qwacme_module);
    portal = qwm_portal(dir->use);
    if (portal == NULL) {
        ap_log_rerror(APLOG_MARK, APLOG_ERR, 0, r,
                      "QW0472: the portal of authority '%s' is not running in "
                      "this child",
                      dir->use != NULL ? dir->use : "(no QwacmeUse)");
        return HTTP_SERVICE_UNAVAILABLE;
    }
    fill_in(&visit, portal, r);
    prob = check(&visit, &body);
    if (prob != NULL)
        qw_portal_problem(&reply, &visit, prob);
    else
        qw_portal_serve(&reply, &visit);
    qwm_log_reply(r, &reply);
    qwm_send(&body, &reply);
    return OK;
}
