#include "acme/serve.h"

#include "acme/envelope.h"
#include "acme/keycache.h"
#include "acme/reply.h"
#include "base/failpoint.h"
#include "base/document.h"
#include "base/text.h"
#include "gate/limits.h"

#include <apr_strings.h>

#include <string.h>
#include <strings.h>

static const char jose_type[] = "application/jose+json";

qw_problem_t *qw_site_init(qw_site_t *site, apr_pool_t *pool)
{
    return qw_keycache_make(&site->keys, pool);
}

/* RFC8555-6.2; parameters of the media type do not matter. */
static qw_problem_t *check_type(const qw_request_t *r)
{
    const char *type = r->content_type;
    apr_size_t len = type != NULL ? strcspn(type, "; \t") : 0;

    if (type == NULL || len != strlen(jose_type)
        || strncasecmp(type, jose_type, len) != 0)
        return QW_FAIL(r->pool, WRONG_MEDIA_TYPE, "send Content-Type: %s",
                       jose_type);
    if (r->content_encoding != NULL
        && strcasecmp(r->content_encoding, "identity") != 0)
        return QW_FAIL(r->pool, WRONG_MEDIA_TYPE,
                       "Content-Encoding: %s is not taken",
                       qw_text_safe(r->content_encoding, 32, r->pool));
    return NULL;
}

/* What a script from elsewhere may do here. RFC8555-6.1 */
static void preflight(qw_reply_t *reply, const qw_route_t *route,
                      apr_pool_t *pool)
{
    reply->status = 204;
    apr_table_setn(reply->headers, "Access-Control-Allow-Methods",
                   qw_route_allow(route->methods, pool));
    apr_table_setn(reply->headers, "Access-Control-Allow-Headers",
                   "Content-Type");
    apr_table_setn(reply->headers, "Access-Control-Max-Age", "86400");
}

static qw_problem_t *find_route(qw_call_t *call, qw_reply_t *reply)
{
    const qw_request_t *r = call->request;

    call->route = qw_route_find(&call->id, &call->rest, r->path, r->pool);
    if (call->route == NULL
        || !qw_route_offered(call->route, call->authority)) {
        call->route = NULL;
        return QW_FAIL(r->pool, NOT_FOUND, "no such resource");
    }
    reply->route = call->route->name;
    if (r->method == QW_METHOD_OPTIONS || (r->method & call->route->methods))
        return NULL;
    apr_table_setn(reply->headers, "Allow",
                   qw_route_allow(call->route->methods, r->pool));
    return QW_FAIL(r->pool, WRONG_METHOD, "%s is not for this resource: use %s",
                   qw_text_safe(r->method_name, 16, r->pool),
                   qw_route_allow(call->route->methods, r->pool));
}

static qw_problem_t *spend_request(qw_db_t *db, void *baton, apr_pool_t *pool)
{
    const qw_call_t *call = baton;
    apr_array_header_t *charges = apr_array_make(pool, 2, sizeof(qw_charge_t));
    qw_limits_t limits;

    QW_TRY(qw_limits_open(&limits, db, call->authority, NULL, call->now, pool));
    qw_charge_address(charges, QW_LIMIT_REQUESTS_PER_IP,
                      call->request->client_ip);
    return qw_limits_spend(&limits, charges);
}

/* A write for each request, so off unless asked for. Revocation is never kept
 * from anybody. */
static qw_problem_t *check_limit(qw_call_t *call)
{
    qw_limit_t limit =
        qw_authority_limit(call->authority, QW_LIMIT_REQUESTS_PER_IP);

    if (limit.count == 0 || call->route->verb == qw_verb_revoke_cert)
        return NULL;
    return qw_store_write(call->site->store, spend_request, call, call->pool);
}

static qw_problem_t *serve(qw_call_t *call, qw_reply_t *reply)
{
    QW_TRY(find_route(call, reply));
    if (call->request->method == QW_METHOD_OPTIONS) {
        preflight(reply, call->route, call->pool);
        return NULL;
    }
    QW_TRY(check_limit(call));
    if (call->route->by != QW_BY_NOBODY) {
        QW_TRY(check_type(call->request));
        QW_TRY(qw_envelope_open(call));
        QW_FAILPOINT("acme.verb.before", call->pool);
    }
    return call->route->verb(call, reply);
}

void qw_acme_serve(qw_reply_t *reply, const qw_request_t *request)
{
    qw_call_t call = { 0 };
    qw_problem_t *prob;

    call.site = request->site;
    call.authority = request->site->authority;
    call.request = request;
    call.now = qw_authority_now(call.authority);
    call.pool = request->pool;
    qw_reply_start(reply, call.pool);
    prob = serve(&call, reply);
    if (prob != NULL)
        qw_reply_problem(reply, call.site, prob, call.pool);
    qw_reply_finish(reply, call.site, call.pool);
}

void qw_acme_status(qw_reply_t *reply, const qw_site_t *site, int status,
                    const char *detail, apr_pool_t *pool)
{
    qw_problem_t *prob = status < 500
                             ? QW_FAIL(pool, MALFORMED, "%s", detail)
                             : QW_FAIL(pool, SERVER_INTERNAL, "%s", detail);
    json_t *document = qw_problem_json(prob, pool);

    json_object_set_new(document, "status", json_integer(status));
    qw_reply_start(reply, pool);
    qw_reply_json(reply, status, document, pool);
    reply->content_type = "application/problem+json";
    apr_table_setn(reply->headers, "Content-Language", "en");
    if (status == 503)
        apr_table_setn(reply->headers, "Retry-After", "5");
    qw_reply_finish(reply, site, pool);
}

void qw_acme_problem(qw_reply_t *reply, const qw_site_t *site,
                     qw_problem_t *problem, apr_pool_t *pool)
{
    qw_reply_start(reply, pool);
    qw_reply_problem(reply, site, problem, pool);
    qw_reply_finish(reply, site, pool);
}
