#include "portal/portal.h"

#include <apr_strings.h>

#include <string.h>

void qw_portal_split(const char **origin, const char **host, const char **path,
                     const char *url, apr_pool_t *pool)
{
    const char *name = url + strlen("https://");
    const char *slash = name + strcspn(name, "/");
    apr_size_t len = strlen(slash);

    while (len > 0 && slash[len - 1] == '/')
        len--;
    *origin = apr_pstrmemdup(pool, url, (apr_size_t)(slash - url));
    *host = apr_pstrmemdup(pool, name, strcspn(name, ":/"));
    *path = apr_pstrmemdup(pool, slash, len);
}

qw_problem_t *qw_portal_make(qw_portal_t **portal, const qw_site_t *site,
                             qw_store_t *store,
                             const apr_array_header_t *authorities,
                             const apr_array_header_t *roots, apr_pool_t *pool)
{
    qw_portal_t *p = apr_pcalloc(pool, sizeof(*p));

    if (site->authority->portal_url == NULL)
        return QW_FAIL(pool, INVALID_INPUT, "no QwacmePortalURL");
    p->authority = site->authority;
    p->store = store;
    p->ring = site->ring;
    p->nonces = site->nonces;
    p->issuers = site->issuers;
    p->authorities = authorities;
    p->wake = site->wake;
    p->wake_baton = site->wake_baton;
    p->rp.aaguids = site->authority->passkey_aaguids;
    p->rp.roots = roots;
    qw_portal_split(&p->rp.origin, &p->rp.rp_id, &p->base_path,
                    site->authority->portal_url, pool);
    *portal = p;
    return NULL;
}
