/* The portal of an authority, for people. */
#include "httpd/qwm.h"

#include "base/world.h"

#include <http_core.h>
#include <http_protocol.h>

#include <apr_optional.h>
#include <apr_strings.h>
#include <mod_ssl.h>

#include <string.h>

APLOG_USE_MODULE(qwacme);

enum { FORM_MOST = 65536 };

static const char *header(const request_rec *r, const char *name)
{
    return apr_table_get(r->headers_in, name);
}

/* When the connection came; for requests of HTTP/2, the one that carries them. */
static const apr_time_t *began(const conn_rec *c)
{
    if (c->master != NULL)
        c = c->master;
    return ap_get_module_config(c->conn_config, &qwacme_module);
}

int qwm_portal_connected(conn_rec *c, void *socket)
{
    apr_time_t *at;

    if (c->master != NULL)
        return DECLINED;
    at = apr_palloc(c->pool, sizeof(*at));
    *at = qw_world()->now();
    ap_set_module_config(c->conn_config, &qwacme_module, at);
    return DECLINED;
}

/* mod_ssl's come from mod_ssl alone, the user from whoever authenticated; others
 * from the environment. What the browser sent is in none of them. */
static const char *variable(void *baton, const char *name)
{
    APR_OPTIONAL_FN_TYPE(ssl_var_lookup) *lookup =
        APR_RETRIEVE_OPTIONAL_FN(ssl_var_lookup);
    request_rec *r = baton;

    if (strcasecmp(name, "REMOTE_USER") == 0)
        return r->user;
    if (strncasecmp(name, "SSL_", 4) != 0)
        return apr_table_get(r->subprocess_env, name);
    return lookup != NULL ? lookup(r->pool, r->server, r->connection, r,
                                   apr_pstrdup(r->pool, name))
                          : NULL;
}

static void fill_in(qw_visit_t *visit, const qw_portal_t *portal,
                    request_rec *r)
{
    const apr_time_t *at = began(r->connection);

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
    visit->variable = variable;
    visit->baton = r;
    visit->connected = at != NULL ? *at : 0;
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
