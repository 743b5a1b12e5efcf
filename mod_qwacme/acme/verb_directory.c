/* directory, RFC8555-7.1.1, and newNonce, RFC8555-7.2 */
#include "acme/route.h"
#include "acme/reply.h"
#include "model/order.h"
#include "x509/profile.h"

#include <apr_strings.h>

static void put_profile(json_t *map, const qw_authority_t *authority,
                        const char *name, apr_pool_t *pool)
{
    const char *title = qw_profile_title(qw_profile_find(name));

    json_object_set_new(map, name, json_string(title));
    if (authority->dry_run)
        json_object_set_new(
            map, apr_pstrcat(pool, name, QW_DRY_RUN, NULL),
            json_string(apr_pstrcat(pool, "Dry run, nothing is issued: ", title,
                                    NULL)));
}

static json_t *profiles(const qw_authority_t *authority, apr_pool_t *pool)
{
    json_t *map = json_object();
    int i;

    for (i = 0; i < authority->profiles->nelts; i++)
        put_profile(map, authority,
                    APR_ARRAY_IDX(authority->profiles, i, const char *), pool);
    return map;
}

static json_t *meta(const qw_authority_t *authority, apr_pool_t *pool)
{
    json_t *object = json_object(), *caa = json_array();
    int i;

    for (i = 0; i < authority->caa_identities->nelts; i++)
        json_array_append_new(caa, json_string(
                                       APR_ARRAY_IDX(authority->caa_identities,
                                                     i, const char *)));
    if (authority->terms_url != NULL)
        json_object_set_new(object, "termsOfService",
                            json_string(authority->terms_url));
    if (authority->website != NULL)
        json_object_set_new(object, "website", json_string(authority->website));
    json_object_set_new(object, "caaIdentities", caa);
    json_object_set_new(object, "externalAccountRequired", json_true());
    json_object_set_new(object, "profiles", profiles(authority, pool));
    return object;
}

qw_problem_t *qw_verb_directory(const qw_call_t *call, qw_reply_t *reply)
{
    json_t *object = qw_json_new_object(call->pool);
    const qw_route_t *route;
    int i;

    for (i = 0; (route = qw_route_at(i)) != NULL; i++)
        if (route->directory != NULL
            && qw_route_offered(route, call->authority))
            json_object_set_new(object, route->directory,
                                json_string(qw_authority_url(call->authority,
                                                             route->path, NULL,
                                                             call->pool)));
    json_object_set_new(object, "meta", meta(call->authority, call->pool));
    qw_reply_json(reply, 200, object, call->pool);
    apr_table_setn(reply->headers, "Cache-Control",
                   "public, max-age=0, no-cache");
    return NULL;
}

qw_problem_t *qw_verb_new_nonce(const qw_call_t *call, qw_reply_t *reply)
{
    reply->status = call->request->method == QW_METHOD_HEAD ? 200 : 204;
    return NULL;
}
