/* qw_reply_t onto the wire. */
#include "httpd/qwm.h"

#include "base/text.h"

#include <http_protocol.h>

#include <string.h>

APLOG_USE_MODULE(qwacme);

static int copy_header(void *r, const char *name, const char *value)
{
    apr_table_addn(((request_rec *)r)->headers_out, name, value);
    return 1;
}

void qwm_send(qwm_body_t *body, const qw_reply_t *reply)
{
    request_rec *r = body->r;

    r->status = reply->status;
    if (qwm_drop_body(body))
        qwm_keepalive(r);
    else
        r->connection->keepalive = AP_CONN_CLOSE;
    apr_table_do(copy_header, r, reply->headers, NULL);
    if (reply->content_type != NULL)
        ap_set_content_type(r, reply->content_type);
    ap_set_content_length(r, (apr_off_t)reply->body_len);
    if (reply->body_len > 0 && !r->header_only)
        ap_rwrite(reply->body, (int)reply->body_len, r);
}

void qwm_log_reply(request_rec *r, const qw_reply_t *reply)
{
    const qw_problem_t *prob = reply->problem;

    if (prob == NULL)
        return;
    ap_log_rerror(APLOG_MARK, qw_problem_level(prob->code), prob->rv, r,
                  "QW0307: %s: %s", reply->route,
                  qw_text_safe(qw_problem_for_log(prob, r->pool), 1000,
                               r->pool));
}
