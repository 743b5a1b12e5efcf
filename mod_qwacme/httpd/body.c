/* The request's body, at most so much of it. */
#include "httpd/qwm.h"

#include <apr_strings.h>
#include <http_protocol.h>

#include <string.h>

enum { DROP_MOST = 65536 };

static qw_problem_t *too_large(apr_size_t limit, apr_pool_t *pool)
{
    return QW_FAIL(pool, BODY_TOO_LARGE, "the body is longer than %lu bytes",
                   (unsigned long)limit);
}

/* What httpd's input filters refused. */
static qw_problem_t *read_error(apr_status_t rv, apr_size_t limit,
                                apr_pool_t *pool)
{
    if (rv == AP_FILTER_ERROR || APR_STATUS_IS_ENOSPC(rv))
        return too_large(limit, pool);
    if (APR_STATUS_IS_TIMEUP(rv))
        return QW_FAIL(pool, BODY_TOO_SLOW, "the body did not come in time");
    return QW_FAIL(pool, MALFORMED, "the body cannot be read");
}

/* *EOS at its end. */
static qw_problem_t *take_brigade(char *buf, apr_size_t *len, int *eos,
                                  apr_bucket_brigade *bb, apr_size_t limit,
                                  request_rec *r)
{
    apr_bucket *b;

    for (b = APR_BRIGADE_FIRST(bb); b != APR_BRIGADE_SENTINEL(bb);
         b = APR_BUCKET_NEXT(b)) {
        const char *data;
        apr_size_t n;
        apr_status_t rv;

        if (APR_BUCKET_IS_EOS(b))
            *eos = 1;
        if (APR_BUCKET_IS_METADATA(b))
            continue;
        rv = apr_bucket_read(b, &data, &n, APR_BLOCK_READ);
        if (rv != APR_SUCCESS)
            return read_error(rv, limit, r->pool);
        if (n > limit - *len)
            return too_large(limit, r->pool);
        memcpy(buf + *len, data, n);
        *len += n;
    }
    return NULL;
}

/* Refused before a byte is read, when the client says how much it is. */
static qw_problem_t *check_length(request_rec *r, apr_size_t limit)
{
    const char *text = apr_table_get(r->headers_in, "Content-Length");
    apr_off_t announced;
    char *end;

    if (text == NULL)
        return NULL;
    if (apr_strtoff(&announced, text, &end, 10) != APR_SUCCESS || *end != '\0'
        || announced < 0)
        return QW_FAIL(r->pool, MALFORMED, "Content-Length is no number");
    return (apr_uint64_t)announced > limit ? too_large(limit, r->pool) : NULL;
}

static qw_problem_t *read_all(char **buf, apr_size_t *len, request_rec *r,
                              apr_size_t limit)
{
    apr_bucket_brigade *bb =
        apr_brigade_create(r->pool, r->connection->bucket_alloc);
    int eos = 0;

    QW_TRY(check_length(r, limit));
    *buf = apr_palloc(r->pool, limit + 1);
    *len = 0;
    while (!eos) {
        apr_status_t rv =
            ap_get_brigade(r->input_filters, bb, AP_MODE_READBYTES,
                           APR_BLOCK_READ, HUGE_STRING_LEN);

        if (rv != APR_SUCCESS)
            return read_error(rv, limit, r->pool);
        QW_TRY(take_brigade(*buf, len, &eos, bb, limit, r));
        apr_brigade_cleanup(bb);
    }
    (*buf)[*len] = '\0';
    return NULL;
}

qw_problem_t *qwm_read_body(const char **body, apr_size_t *len,
                            const qw_request_t *request, apr_size_t limit)
{
    qwm_body_t *b = request->baton;
    char *buf;

    b->state = QWM_BODY_BROKEN;
    QW_TRY(read_all(&buf, len, b->r, limit));
    b->state = QWM_BODY_READ;
    *body = buf;
    return NULL;
}

int qwm_drop_body(qwm_body_t *body)
{
    apr_size_t len;
    char *buf;

    if (body->state == QWM_BODY_UNREAD && !body->r->expecting_100)
        body->state = read_all(&buf, &len, body->r, DROP_MOST) == NULL
                          ? QWM_BODY_READ
                          : QWM_BODY_BROKEN;
    return body->state == QWM_BODY_READ;
}
