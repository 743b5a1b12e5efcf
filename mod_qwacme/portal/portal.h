/* portal.h -- pages for operators and officers: one visit in, one reply out; no
 * httpd in sight. Threads: any. */
#ifndef QW_PORTAL_PORTAL_H
#define QW_PORTAL_PORTAL_H

#include "acme/serve.h"
#include "portal/webauthn.h"
#include "x509/cms.h"

/* The portal of one authority in one process. Read-only once made. */
typedef struct {
    const qw_authority_t *authority;
    qw_store_t *store; /* by a role that may write what people sign */
    const qw_seal_ring_t *ring;
    qw_nonces_t *nonces;
    const apr_array_header_t *issuers;     /* of qw_issuer_t *; NULL: none */
    const apr_array_header_t *authorities; /* of qw_authority_t *: all */
    qw_relying_party_t rp;
    void (*wake)(void *baton); /* as the site's */
    void *wake_baton;
    const qw_cms_signer_t *sealer; /* of QwacmeAuditKey, or NULL */
    const char *base_path; /* of QwacmePortalURL: "/portal"; "" if none */
} qw_portal_t;

/* *PORTAL (without a sealer) of SITE's authority, which has a portal_url, on STORE; AUTHORITIES: all
 * of the server. ROOTS: of qw_bytes_t, who vouches for models of authenticators;
 * NULL if none is asked. */
qw_problem_t *qw_portal_make(qw_portal_t **portal, const qw_site_t *site,
                             qw_store_t *store,
                             const apr_array_header_t *authorities,
                             const apr_array_header_t *roots,
                             apr_pool_t *pool) QW_MUST_CHECK;

/* *ORIGIN, *HOST and *PATH in POOL of an https URL: "https://a:1", "a", "/b" ("",
 * if it has none). */
void qw_portal_split(const char **origin, const char **host, const char **path,
                     const char *url, apr_pool_t *pool);

/* What a browser sent. */
typedef struct {
    const qw_portal_t *portal;
    qw_method_e method;
    const char *path; /* below the base path, without its '/', with the query */
    const char *content_type, *cookie, *origin, *fetch_site, *languages;
    const char *body; /* of a POST; NUL after it */
    apr_size_t body_len;
    const char *address; /* of the browser, as text */

    /* For a portal that asks httpd who is there: variable NAME of this request,
     * in POOL, NULL if there is none; and when the connection came, before any
     * key was used for it, by the machine's clock; 0 if nobody knows. */
    const char *(*variable)(void *baton, const char *name);
    void *baton;
    apr_time_t connected;
    apr_pool_t *pool;
} qw_visit_t;

/* Answer VISIT. Never fails: a problem becomes a page. */
void qw_portal_serve(qw_reply_t *reply, const qw_visit_t *visit);

/* The page for a problem that was met before the visit could be handed over. */
void qw_portal_problem(qw_reply_t *reply, const qw_visit_t *visit,
                       qw_problem_t *problem);

#endif
