/* What httpd refuses by itself below a base path: a problem document with a
 * fresh nonce, like every other answer. */
#include "httpd/qwm.h"

#include <apr_strings.h>
#include <http_core.h>
#include <http_protocol.h>
#include <http_request.h>
#include <util_filter.h>

#include <string.h>

static const char filter_name[] = "QWACME_ERROR";

enum { STATUS_END = 520 };

/* 1 if httpd knows STATUS; it gives the line of 500 for all others. */
static int is_status(int status)
{
    const char *line = ap_get_status_line(status);

    return line[0] == '0' + status / 100 && line[1] == '0' + status / 10 % 10
           && line[2] == '0' + status % 10;
}

/* An ErrorDocument of the administrator would be fetched by an internal
 * redirect, and our filter never be asked. */
int qwm_errors_neutralize(request_rec *r)
{
    int status;

    if (r->prev != NULL || qwm_site_of(r) == NULL)
        return DECLINED;
    for (status = HTTP_BAD_REQUEST; status < STATUS_END; status++)
        if (is_status(status))
            ap_custom_response(r, status, "\"x");
    return DECLINED;
}

static int copy_header(void *r, const char *name, const char *value)
{
    apr_table_addn(((request_rec *)r)->err_headers_out, name, value);
    return 1;
}

static const char *sentence(int status)
{
    const char *line = ap_get_status_line(status); /* "404 Not Found" */

    return strlen(line) > 4 ? line + 4 : line;
}

void qwm_errors_insert(request_rec *r)
{
    const qw_site_t *site = qwm_site_of(r);
    qw_reply_t *reply;

    if (site == NULL || r->status < HTTP_BAD_REQUEST)
        return;
    reply = apr_palloc(r->pool, sizeof(*reply));
    qw_acme_status(reply, site, r->status, sentence(r->status), r->pool);
    apr_table_do(copy_header, r, reply->headers, NULL);
    ap_add_output_filter(filter_name, reply, r, r->connection);
}

/* The body that httpd wrote is dropped; ours is sent in its place, once. */
static apr_status_t replace_body(ap_filter_t *f, apr_bucket_brigade *bb)
{
    apr_bucket_alloc_t *alloc = f->r->connection->bucket_alloc;
    const qw_reply_t *reply = f->ctx;

    apr_brigade_cleanup(bb);
    if (reply == NULL)
        return APR_SUCCESS;
    f->ctx = NULL;
    ap_set_content_type(f->r, reply->content_type);
    ap_set_content_length(f->r, (apr_off_t)reply->body_len);
    if (!f->r->header_only)
        APR_BRIGADE_INSERT_TAIL(bb, apr_bucket_pool_create(reply->body,
                                                           reply->body_len,
                                                           f->r->pool, alloc));
    APR_BRIGADE_INSERT_TAIL(bb, apr_bucket_eos_create(alloc));
    return ap_pass_brigade(f->next, bb);
}

void qwm_errors_register(void)
{
    ap_register_output_filter(filter_name, replace_body, NULL,
                              AP_FTYPE_CONTENT_SET);
}
