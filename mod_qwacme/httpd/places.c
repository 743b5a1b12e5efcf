/* Where in httpd's configuration the authorities are put to use. */
#include "httpd/qwm.h"

#include "base/text.h"

#include <apr_strings.h>
#include <http_core.h>

#include <string.h>
#include <strings.h>

static const char acme_handler[] = "qwacme-acme";
static const char perspective_handler[] = "qwacme-perspective";
static const char status_handler[] = "qwacme-status";
static const char metrics_handler[] = "qwacme-metrics";
static const char report_handler[] = "qwacme-report";
static const char portal_handler[] = "qwacme-portal";

typedef struct {
    const char *authority;
    const char *handler; /* of its section, or NULL */
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

/* What NAME is set to; NULL if it is not. */
static const char *setting(const ap_directive_t *first, const char *name)
{
    for (const ap_directive_t *d = first; d != NULL; d = d->next)
        if (strcasecmp(d->directive, name) == 0)
            return d->args;
    return NULL;
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
    place->handler = setting(cmd->directive->parent->first_child, "SetHandler");
    place->server = cmd->server;
    place->path = without_slash(cmd->path, cmd->pool);
    place->directive = cmd->directive;
    return NULL;
}

static int is_place_of(const place_t *place, const char *handler)
{
    return place->handler != NULL && strcmp(place->handler, handler) == 0;
}

static const char *where(const ap_directive_t *d, apr_pool_t *pool)
{
    return apr_psprintf(pool, "%s:%d", d->filename, d->line_num);
}

static void add_names(apr_array_header_t *all, const apr_array_header_t *list)
{
    for (int i = 0; i < list->nelts; i++)
        APR_ARRAY_PUSH(all, const char *) =
            APR_ARRAY_IDX(list, i, qw_authority_t *)->name;
}

static const char *names(const qw_conf_t *conf, apr_pool_t *pool)
{
    apr_array_header_t *all = apr_array_make(pool, 4, sizeof(char *));

    add_names(all, conf->authorities);
    add_names(all, conf->local_perspectives);
    return qw_text_join(all, ", ", pool);
}

static const char *fault_of_portal(const place_t *place,
                                   const qw_authority_t *a, apr_pool_t *pool)
{
    const char *origin, *host, *path;

    if (a->portal_url == NULL)
        return apr_psprintf(pool,
                            "SetHandler: '%s' (%s) for '%s', which has no "
                            "QwacmePortalURL; write where its portal is",
                            portal_handler, where(place->directive, pool),
                            a->name);
    qw_portal_split(&origin, &host, &path, a->portal_url, pool);
    if (strcmp(place->path, path) != 0)
        return apr_psprintf(pool,
                            "QwacmeUse: '%s' (%s) stands in <Location %s>, its "
                            "QwacmePortalURL is '%s'; make the two paths equal",
                            a->name, where(place->directive, pool),
                            qw_text_safe(place->path, 128, pool),
                            a->portal_url);
    return NULL;
}

/* NULL if what is meant to serve here can. */
static const char *fault_of_place(const place_t *place, const qw_conf_t *conf,
                                  apr_pool_t *pool)
{
    const qw_authority_t *a = qw_conf_authority(conf, place->authority);

    if (a == NULL && qw_conf_perspective(conf, place->authority) != NULL)
        return NULL;
    if (a == NULL)
        return apr_psprintf(pool,
                            "QwacmeUse: '%s' (%s) is no authority; write one "
                            "of: %s",
                            qw_text_safe(place->authority, 64, pool),
                            where(place->directive, pool), names(conf, pool));
    if (is_place_of(place, portal_handler))
        return fault_of_portal(place, a, pool);
    if (is_place_of(place, acme_handler) && a->base_path != NULL
        && strcmp(place->path, a->base_path) != 0)
        return apr_psprintf(pool,
                            "QwacmeUse: '%s' (%s) stands in <Location %s>, its "
                            "QwacmeBaseURL is '%s'; make the two paths equal",
                            a->name, where(place->directive, pool),
                            qw_text_safe(place->path, 128, pool), a->base_url);
    return NULL;
}

static int is_ours(const char *handler)
{
    return handler != NULL
           && (strcmp(handler, acme_handler) == 0
               || strcmp(handler, perspective_handler) == 0
               || strcmp(handler, status_handler) == 0
               || strcmp(handler, metrics_handler) == 0
               || strcmp(handler, portal_handler) == 0
               || strcmp(handler, report_handler) == 0);
}

/* The handler that serves USE; for an authority there are several, and HANDLER
 * may be one of them. */
static const char *handler_for(const char *use, const char *handler,
                               const qw_conf_t *conf)
{
    if (qw_conf_perspective(conf, use) != NULL)
        return perspective_handler;
    return strcmp(handler, perspective_handler) == 0 ? acme_handler : handler;
}

static const char *fault_of_use(const ap_directive_t *section, const char *use,
                                const char *handler, const qw_conf_t *conf,
                                apr_pool_t *pool)
{
    const char *wanted;

    if (!is_ours(handler))
        return apr_psprintf(pool,
                            "QwacmeUse: in %s without its handler; add "
                            "SetHandler %s to that section",
                            where(section, pool),
                            handler_for(use, acme_handler, conf));
    wanted = handler_for(use, handler, conf);
    if (strcmp(handler, wanted) != 0)
        return apr_psprintf(pool,
                            "SetHandler: '%s' (%s) is not for '%s'; write %s",
                            handler, where(section, pool),
                            qw_text_safe(use, 64, pool), wanted);
    return NULL;
}

/* The handler and the name of whom it serves belong into one section, and
 * together; metrics may be those of all. */
static const char *fault_of_section(const ap_directive_t *section,
                                    const qw_conf_t *conf, apr_pool_t *pool)
{
    const char *handler = setting(section->first_child, "SetHandler");
    const char *use = setting(section->first_child, "QwacmeUse");

    if (use != NULL)
        return fault_of_use(section, use, handler, conf, pool);
    if (!is_ours(handler) || strcmp(handler, metrics_handler) == 0)
        return NULL;
    return apr_psprintf(pool,
                        "SetHandler: '%s' (%s) without an authority; add "
                        "QwacmeUse NAME to that section",
                        handler, where(section, pool));
}

static void look_at_sections(apr_array_header_t *faults,
                             const ap_directive_t *first, const qw_conf_t *conf,
                             apr_pool_t *pool)
{
    for (const ap_directive_t *d = first; d != NULL; d = d->next) {
        const char *fault;

        if (d->first_child == NULL)
            continue;
        look_at_sections(faults, d->first_child, conf, pool);
        fault = fault_of_section(d, conf, pool);
        if (fault != NULL)
            APR_ARRAY_PUSH(faults, const char *) = fault;
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
    look_at_sections(faults, ap_conftree, conf, pool);
    return faults;
}

int qwm_places_use(const char *authority)
{
    int i;

    for (i = 0; i < places->nelts; i++) {
        const place_t *place = &APR_ARRAY_IDX(places, i, place_t);

        if (strcmp(place->authority, authority) == 0
            && !is_place_of(place, metrics_handler))
            return 1;
    }
    return 0;
}

int qwm_places_have_portal(const char *authority)
{
    for (int i = 0; i < places->nelts; i++) {
        const place_t *place = &APR_ARRAY_IDX(places, i, place_t);

        if (strcmp(place->authority, authority) == 0
            && is_place_of(place, portal_handler))
            return 1;
    }
    return 0;
}

static int is_below(const char *uri, const char *path)
{
    apr_size_t len = strlen(path);

    return strncmp(uri, path, len) == 0
           && (uri[len] == '/' || uri[len] == '\0');
}

/* A virtual host has the main server's places too. */
static int serves_at(const place_t *place, const server_rec *s)
{
    return place->server == s || !place->server->is_virtual;
}

const char *qwm_place_find(const server_rec *s, const char *uri)
{
    int i;

    for (i = 0; i < places->nelts; i++) {
        const place_t *place = &APR_ARRAY_IDX(places, i, place_t);

        if (is_place_of(place, acme_handler) && serves_at(place, s)
            && (uri == NULL || is_below(uri, place->path)))
            return place->authority;
    }
    return NULL;
}

const char *qwm_place_status(const server_rec *s, const char *uri, int *n)
{
    while (*n < places->nelts) {
        const place_t *place = &APR_ARRAY_IDX(places, (*n)++, place_t);

        if (is_place_of(place, status_handler) && serves_at(place, s)
            && is_below(uri, place->path))
            return place->authority;
    }
    return NULL;
}
