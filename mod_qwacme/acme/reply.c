#include "acme/reply.h"

#include "base/document.h"
#include "jose/jws.h"

#include <apr_strings.h>

#include <string.h>

void qw_reply_start(qw_reply_t *reply, apr_pool_t *pool)
{
    memset(reply, 0, sizeof(*reply));
    reply->headers = apr_table_make(pool, 8);
    reply->route = "none";
}

void qw_reply_json(qw_reply_t *reply, int status, const json_t *object,
                   apr_pool_t *pool)
{
    reply->status = status;
    reply->content_type = "application/json";
    reply->body = qw_json_dump(object, pool);
    reply->body_len = strlen(reply->body);
}

void qw_reply_link(qw_reply_t *reply, const char *url, const char *rel,
                   apr_pool_t *pool)
{
    apr_table_addn(reply->headers, "Link",
                   apr_pstrcat(pool, "<", url, ">;rel=\"", rel, "\"", NULL));
}

static void add_retry_after(qw_reply_t *reply, const qw_problem_t *prob,
                            apr_pool_t *pool)
{
    apr_int64_t seconds = apr_time_sec(prob->retry_after);

    if (prob->retry_after <= 0 && qw_problem_http(prob->code) != 503)
        return;
    if (seconds < 1)
        seconds = 5;
    apr_table_setn(reply->headers, "Retry-After",
                   apr_psprintf(pool, "%" APR_INT64_T_FMT, seconds));
}

static void add_links(qw_reply_t *reply, const qw_site_t *site,
                      const qw_problem_t *prob, apr_pool_t *pool)
{
    if (prob->code == QW_E_USER_ACTION_REQUIRED
        && site->authority->terms_url != NULL)
        qw_reply_link(reply, site->authority->terms_url, "terms-of-service",
                      pool);
    if (prob->code == QW_E_RATE_LIMITED && site->authority->website != NULL)
        qw_reply_link(reply, site->authority->website, "help", pool);
    if (prob->location != NULL)
        apr_table_setn(reply->headers, "Location", prob->location);
}

/* RFC8555-6.2: say what would have been taken. */
static json_t *algorithms(void)
{
    json_t *list = json_array();
    int i;

    for (i = 0; qw_jws_algorithms[i] != NULL; i++)
        json_array_append_new(list, json_string(qw_jws_algorithms[i]));
    return list;
}

static const char *document(const qw_problem_t *prob, apr_pool_t *pool)
{
    json_t *object = qw_problem_json(prob, pool);

    if (prob->code == QW_E_BAD_SIGNATURE_ALGORITHM)
        json_object_set_new(object, "algorithms", algorithms());
    return qw_json_dump(object, pool);
}

void qw_reply_problem(qw_reply_t *reply, const qw_site_t *site,
                      const qw_problem_t *prob, apr_pool_t *pool)
{
    const char *route = reply->route;
    const char *allow = apr_table_get(reply->headers, "Allow");

    qw_reply_start(reply, pool);
    reply->route = route;
    if (allow != NULL)
        apr_table_setn(reply->headers, "Allow", allow);
    reply->status = qw_problem_http(prob->code);
    reply->content_type = "application/problem+json";
    reply->body = document(prob, pool);
    reply->body_len = strlen(reply->body);
    reply->problem = prob;
    apr_table_setn(reply->headers, "Content-Language", "en");
    add_retry_after(reply, prob, pool);
    add_links(reply, site, prob, pool);
}

static void add_nonce(qw_reply_t *reply, const qw_site_t *site,
                      apr_pool_t *pool)
{
    const char *nonce;
    qw_problem_t *prob = qw_nonce_make(&nonce, site->nonces, pool);

    if (prob == NULL)
        apr_table_setn(reply->headers, "Replay-Nonce", nonce);
    else if (reply->status < 500)
        qw_reply_problem(reply, site, prob, pool);
}

void qw_reply_finish(qw_reply_t *reply, const qw_site_t *site, apr_pool_t *pool)
{
    add_nonce(reply, site, pool);
    if (apr_table_get(reply->headers, "Cache-Control") == NULL)
        apr_table_setn(reply->headers, "Cache-Control", "no-store");
    qw_reply_link(reply,
                  qw_authority_url(site->authority, "directory", NULL, pool),
                  "index", pool);
    apr_table_setn(reply->headers, "Access-Control-Allow-Origin", "*");
    apr_table_setn(reply->headers, "Access-Control-Expose-Headers",
                   "Link, Location, Replay-Nonce, Retry-After");
}
