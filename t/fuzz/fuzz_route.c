/* Routes: what '*' matched is one whole segment, and the route's own words are
 * the rest. */
#include "fuzz.h"

#include "acme/route.h"

#include <apr_strings.h>

/* PATTERN with ID and REST for its stars. */
static const char *filled(const char *pattern, const char *id, const char *rest,
                          apr_pool_t *pool)
{
    const char *stars[2] = { id, rest }, *path = "";
    int n = 0;

    for (; *pattern != '\0'; pattern++)
        path = *pattern == '*' ? apr_pstrcat(pool, path, stars[n++], NULL)
                               : apr_psprintf(pool, "%s%c", path, *pattern);
    return path;
}

void fuzz_one(const unsigned char *data, size_t len, apr_pool_t *pool)
{
    const char *text = fuzz_text(data, len, pool), *id = "", *rest = "";
    const qw_route_t *route;

    if (text == NULL)
        return;
    route = qw_route_find(&id, &rest, text, pool);
    if (route == NULL)
        return;
    fuzz_taken++;
    FUZZ_MUST((id != NULL) == (strchr(route->path, '*') != NULL));
    FUZZ_MUST(rest == NULL || id != NULL);
    FUZZ_MUST(id == NULL || (*id != '\0' && strchr(id, '/') == NULL));
    FUZZ_MUST(rest == NULL || (*rest != '\0' && strchr(rest, '/') == NULL));
    FUZZ_MUST(strcmp(filled(route->path, id, rest, pool), text) == 0);
    FUZZ_MUST(*qw_route_allow(route->methods, pool) != '\0');
}
