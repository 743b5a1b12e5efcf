#include "acme/route.h"

#include <apr_strings.h>

#include <string.h>

#define METHODS_GET_HEAD (QW_METHOD_GET | QW_METHOD_HEAD)
#define METHODS_POST     QW_METHOD_POST

static const qw_route_t routes[] = {
#define QW_ROUTE(methods, path, key, by, body, suspended, verb)                \
    { #verb,      METHODS_##methods, path,      key,                           \
      QW_BY_##by, QW_BODY_##body,    suspended, qw_verb_##verb },
#include "acme/routes.def"
};

enum { ROUTES = sizeof(routes) / sizeof(routes[0]) };

const qw_route_t *qw_route_at(int n)
{
    return n >= 0 && n < ROUTES ? &routes[n] : NULL;
}

/* Segment by segment; a '*' takes one that is not empty. */
static int matches(const char *pattern, const char *path, const char *found[2],
                   apr_pool_t *pool)
{
    int stars = 0;

    while (*pattern != '\0' || *path != '\0') {
        apr_size_t want = strcspn(pattern, "/"), have = strcspn(path, "/");

        if (want == 1 && *pattern == '*') {
            if (have == 0)
                return 0;
            found[stars++] = apr_pstrmemdup(pool, path, have);
        }
        else if (want != have || strncmp(pattern, path, want) != 0)
            return 0;
        pattern += want;
        path += have;
        if (*pattern != *path)
            return 0;
        if (*pattern == '/') {
            pattern++;
            path++;
        }
    }
    return 1;
}

const qw_route_t *qw_route_find(const char **id, const char **rest,
                                const char *path, apr_pool_t *pool)
{
    int i;

    for (i = 0; i < ROUTES; i++) {
        const char *found[2] = { NULL, NULL };

        if (!matches(routes[i].path, path, found, pool))
            continue;
        *id = found[0];
        *rest = found[1];
        return &routes[i];
    }
    return NULL;
}

const char *qw_route_allow(int methods, apr_pool_t *pool)
{
    return apr_pstrcat(pool, methods & QW_METHOD_GET ? "GET, HEAD" : "",
                       methods & QW_METHOD_POST ? "POST" : "", NULL);
}

int qw_route_offered(const qw_route_t *route, const qw_authority_t *authority)
{
    return route->verb != qw_verb_new_authz || authority->pre_authorization;
}
