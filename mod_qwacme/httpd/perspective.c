/* This server as a network perspective of other ones. */
#include "httpd/qwm.h"

#include "base/json.h"
#include "check/mpic_serve.h"

#include <apr_strings.h>
#include <http_request.h>
#include <mod_ssl.h>

#include <string.h>

APLOG_USE_MODULE(qwacme);

enum { QUESTION_MOST = 16384 };

/* Whom mod_ssl has verified; which of its clients may ask is for Require to
 * say. */
static int is_known(request_rec *r)
{
    APR_OPTIONAL_FN_TYPE(ssl_var_lookup) *lookup =
        APR_RETRIEVE_OPTIONAL_FN(ssl_var_lookup);
    char name[] = "SSL_CLIENT_VERIFY";
    const char *verdict = NULL;

    if (lookup != NULL)
        verdict = lookup(r->pool, r->server, r->connection, r, name);
    return verdict != NULL && strcmp(verdict, "SUCCESS") == 0;
}

static qw_problem_t *answer(const char **json, const qw_authority_t *local,
                            qwm_body_t *body)
{
    qw_request_t request = { .baton = body, .pool = body->r->pool };
    const char *question;
    apr_size_t len;

    QW_TRY(qwm_read_body(&question, &len, &request, QUESTION_MOST));
    return qw_mpic_serve(json, local, question, len, body->r->pool);
}

static void make_reply(qw_reply_t *reply, const char *json,
                       const qw_problem_t *prob, apr_pool_t *pool)
{
    json_t *error = qw_json_new_object(pool);

    reply->route = "mpic";
    reply->headers = apr_table_make(pool, 1);
    reply->content_type = "application/json";
    reply->status = 200;
    reply->problem = prob;
    if (prob != NULL) {
        json_object_set_new(error, "error", json_string(prob->detail));
        json = qw_json_dump(error, pool);
        reply->status = qw_problem_http(prob->code);
    }
    reply->body = json;
    reply->body_len = strlen(json);
}

int qwm_perspective_handler(request_rec *r)
{
    const qwm_dir_t *dir;
    const qw_authority_t *local;
    qwm_body_t body = { r, QWM_BODY_UNREAD };
    qw_reply_t reply = { 0 };
    const char *json = NULL;
    qw_problem_t *prob;

    if (r->handler == NULL || strcmp(r->handler, "qwacme-perspective") != 0)
        return DECLINED;
    dir = ap_get_module_config(r->per_dir_config, &qwacme_module);
    local = dir->use != NULL ? qw_conf_perspective(qwm_conf(), dir->use) : NULL;
    if (local == NULL)
        return HTTP_SERVICE_UNAVAILABLE;
    if (r->method_number != M_POST) {
        ap_allow_methods(r, REPLACE_ALLOW, "POST", NULL);
        return HTTP_METHOD_NOT_ALLOWED;
    }
    if (!is_known(r)) {
        ap_log_rerror(APLOG_MARK, APLOG_ERR, 0, r,
                      "QW0309: a perspective is asked without a verified "
                      "client certificate; add SSLVerifyClient require");
        return HTTP_FORBIDDEN;
    }
    prob = answer(&json, local, &body);
    make_reply(&reply, json, prob, r->pool);
    qwm_log_reply(r, &reply);
    qwm_send(&body, &reply);
    return OK;
}
