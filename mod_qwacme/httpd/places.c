/* Where in httpd's configuration the authorities are put to use. */
#include "httpd/qwm.h"

#include "base/text.h"

#include <apr_strings.h>
#include <http_core.h>

#include <string.h>
#include <strings.h>

static const char handler[] = "qwacme-acme";

typedef struct {
    const char *authority;
    const server_rec *server;
    const char *path; /* of its <Location> */
    const ap_directive_t *directive;
} place_t;

static apr_array_header_t *places; /* of place_t; see qwm_places_reset() */

void qwm_places_reset(apr_pool_t *pconf)
{
    places = apr_array_make(pconf, 4, sizeof(place_t));
}

static const char *section_of(const ap_directive_t *d)
{
    return d->parent != NULL ? d->parent->directive : "the main server";
}

static const char *without_slash(const char *path, apr_pool_t *pool)
{
    apr_size_t len = strlen(path);

    while (len > 0 && path[len - 1] == '/')
        len--;
    return apr_pstrmemdup(pool, path, len);
}

const char *qwm_place_add(cmd_parms *cmd, const char *authority)
{
    const char *section = section_of(cmd->directive);
    place_t *place;

    if (strcasecmp(section, "<Location") != 0)
        return apr_psprintf(cmd->pool,
                            "QwacmeUse: '%s' stands in %s%s; put it into "
                            "<Location PATH> ... </Location>",
                            qw_text_safe(authority, 64, cmd->pool), section,
                            *section == '<' ? ">" : "");
    place = apr_array_push(places);
    place->authority = authority;
    place->server = cmd->server;
    place->path = without_slash(cmd->path, cmd->pool);
    place->directive = cmd->directive;
    return NULL;
}

static const char *where(const ap_directive_t *d, apr_pool_t *pool)
{
    return apr_psprintf(pool, "%s:%d", d->filename, d->line_num);
}

static const char *names(const qw_conf_t *conf, apr_pool_t *pool)
{
    apr_array_header_t *all = apr_array_make(pool, 4, sizeof(char *));
    int i;

    for (i = 0; i < conf->authorities->nelts; i++)
        APR_ARRAY_PUSH(all, const char *) =
            APR_ARRAY_IDX(conf->authorities, i, qw_authority_t *)->name;
    return qw_text_join(all, ", ", pool);
}

/* NULL if the authority that is meant to serve here can. */
static const char *fault_of_place(const place_t *place, const qw_conf_t *conf,
                                  apr_pool_t *pool)
{
    const qw_authority_t *a = qw_conf_authority(conf, place->authority);

    if (a == NULL)
        return apr_psprintf(pool,
                            "QwacmeUse: '%s' (%s) is no authority; write one "
                            "of: %s",
                            qw_text_safe(place->authority, 64, pool),
                            where(place->directive, pool), names(conf, pool));
    if (a->base_path != NULL && strcmp(place->path, a->base_path) != 0)
        return apr_psprintf(pool,
                            "QwacmeUse: '%s' (%s) stands in <Location %s>, its "
                            "QwacmeBaseURL is '%s'; make the two paths equal",
                            a->name, where(place->directive, pool),
                            qw_text_safe(place->path, 128, pool), a->base_url);
    return NULL;
}

static int has(const ap_directive_t *first, const char *name, const char *args)
{
    const ap_directive_t *d;

    for (d = first; d != NULL; d = d->next)
        if (strcasecmp(d->directive, name) == 0
            && (args == NULL || strcmp(d->args, args) == 0))
            return 1;
    return 0;
}

/* The handler and the name of its authority belong into one section. */
static void look_at_sections(apr_array_header_t *faults,
                             const ap_directive_t *first, apr_pool_t *pool)
{
    const ap_directive_t *d;

    for (d = first; d != NULL; d = d->next) {
        const ap_directive_t *inside = d->first_child;

        if (inside == NULL)
            continue;
        look_at_sections(faults, inside, pool);
        if (has(inside, "SetHandler", handler)
            && !has(inside, "QwacmeUse", NULL))
            APR_ARRAY_PUSH(faults, const char *) =
                apr_psprintf(pool,
                             "SetHandler: '%s' (%s) without an authority; add "
                             "QwacmeUse NAME to that section",
                             handler, where(d, pool));
        if (has(inside, "QwacmeUse", NULL)
            && !has(inside, "SetHandler", handler))
            APR_ARRAY_PUSH(faults, const char *) =
                apr_psprintf(pool,
                             "QwacmeUse: in %s without its handler; add "
                             "SetHandler %s to that section",
                             where(d, pool), handler);
    }
}

apr_array_header_t *qwm_places_findings(const qw_conf_t *conf, apr_pool_t *pool)
{
    apr_array_header_t *faults = apr_array_make(pool, 4, sizeof(char *));
    int i;

    for (i = 0; i < places->nelts; i++) {
        const char *fault =
            fault_of_place(&APR_ARRAY_IDX(places, i, place_t), conf, pool);

        if (fault != NULL)
            APR_ARRAY_PUSH(faults, const char *) = fault;
    }
    look_at_sections(faults, ap_conftree, pool);
    return faults;
}

int qwm_places_use(const char *authority)
{
    int i;

    for (i = 0; i < places->nelts; i++)
        if (strcmp(APR_ARRAY_IDX(places, i, place_t).authority, authority) == 0)
            return 1;
    return 0;
}

static int is_below(const char *uri, const char *path)
{
    apr_size_t len = strlen(path);

    return strncmp(uri, path, len) == 0
           && (uri[len] == '/' || uri[len] == '\0');
}

/* A virtual host has the main server's places too. */
const char *qwm_place_find(const server_rec *s, const char *uri)
{
    int i;

    for (i = 0; i < places->nelts; i++) {
        const place_t *place = &APR_ARRAY_IDX(places, i, place_t);

        if ((place->server == s || !place->server->is_virtual)
            && (uri == NULL || is_below(uri, place->path)))
            return place->authority;
    }
    return NULL;
}
