/* A connection outlives our own 400, 500 and 503. httpd ends it there, for it
 * may not know where the next request starts; we do, the body was read to its
 * end. Otherwise each badNonce would cost its client a new TLS handshake. */
#include "httpd/qwm.h"

#include <http_protocol.h>
#include <util_filter.h>

#include <stddef.h>
#include <string.h>

static const char filter_name[] = "QWACME_KEEPALIVE";

#define LENGTH(literal) (sizeof(literal) - 1)

/* Takes "close" out of the line Connection of B; 0 if it does not end with it.
 * "Upgrade" may stand before it. */
static int cut_close(apr_bucket *b)
{
    static const char name[] = "\r\nConnection: ", last[] = "close";
    const char *data, *line, *end;
    apr_size_t len, cut;

    if (APR_BUCKET_IS_METADATA(b)
        || apr_bucket_read(b, &data, &len, APR_BLOCK_READ) != APR_SUCCESS)
        return 0;
    line = memmem(data, len, name, LENGTH(name));
    if (line == NULL)
        return 0;
    end = memmem(line + 2, len - (apr_size_t)(line + 2 - data), "\r\n", 2);
    if (end == NULL || memcmp(end - LENGTH(last), last, LENGTH(last)) != 0)
        return 0;
    cut = LENGTH(last);
    if (end - line - 2 > (ptrdiff_t)(LENGTH(name) - 2 + cut))
        cut += 2; /* ", close" */
    else
        cut = (apr_size_t)(end - line); /* the line itself */
    apr_bucket_split(b, (apr_size_t)(end - data) - cut);
    b = APR_BUCKET_NEXT(b);
    apr_bucket_split(b, cut);
    apr_bucket_delete(b);
    return 1;
}

/* httpd's own rules, but for the status. */
static int may_stay(request_rec *r)
{
    int status = r->status, stays;

    r->status = HTTP_OK;
    r->connection->keepalive = AP_CONN_UNKNOWN;
    apr_table_unset(r->headers_out, "Connection");
    stays = ap_set_keepalive(r);
    r->status = status;
    return stays;
}

/* The first brigade begins with the header that httpd has just written. */
static apr_status_t keep(ap_filter_t *f, apr_bucket_brigade *bb)
{
    ap_filter_t *next = f->next;
    request_rec *r = f->r;

    ap_remove_output_filter(f);
    if (!APR_BRIGADE_EMPTY(bb) && may_stay(r)
        && !cut_close(APR_BRIGADE_FIRST(bb)))
        r->connection->keepalive = AP_CONN_CLOSE;
    return ap_pass_brigade(next, bb);
}

void qwm_keepalive(request_rec *r)
{
    if (!ap_status_drops_connection(r->status)
        || r->proto_num != HTTP_VERSION(1, 1) || r->connection->master != NULL
        || r->connection->keepalive == AP_CONN_CLOSE
        || ap_find_token(r->pool, apr_table_get(r->headers_out, "Connection"),
                         "close"))
        return;
    ap_add_output_filter(filter_name, NULL, r, r->connection);
}

void qwm_keepalive_register(void)
{
    ap_register_output_filter(filter_name, keep, NULL, AP_FTYPE_TRANSCODE);
}
