/* directory, RFC8555-7.1.1, and newNonce, RFC8555-7.2 */
#include "acme/route.h"
#include "acme/reply.h"
#include "x509/profile.h"

static json_t *profiles(const qw_authority_t *authority)
{
    json_t *map = json_object();
    int i;

    for (i = 0; i < authority->profiles->nelts; i++) {
        const char *name = APR_ARRAY_IDX(authority->profiles, i, const char *);

        json_object_set_new(map, name,
                            json_string(
                                qw_profile_title(qw_profile_find(name))));
    }
    return map;
}

static json_t *meta(const qw_authority_t *authority)
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
    json_object_set_new(object, "profiles", profiles(authority));
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
    json_object_set_new(object, "meta", meta(call->authority));
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
