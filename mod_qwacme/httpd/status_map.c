/* Which path of an authority's status URLs leads to what. */
#include "httpd/qwm.h"

#include "x509/pem.h"

#include <apr_strings.h>
#include <apr_uri.h>

#include <ctype.h>
#include <string.h>

/* What ca/status_path.h and "%{period}" take for a period. */
enum { DIGITS_OF_PERIOD = 8 };
static const char all_periods[] = "full";

/* Path of URL, decoded; which host it is on, httpd has seen to. */
static const char *path_of(const char *url, apr_pool_t *pool)
{
    apr_uri_t uri;
    char *path;

    if (apr_uri_parse(pool, url, &uri) != APR_SUCCESS || uri.path == NULL)
        return "/";
    path = apr_pstrdup(pool, uri.path);
    (void)ap_unescape_url(path);
    return path;
}

static qwm_shown_t *add(qwm_status_t *status, qwm_shows_e what, const char *url,
                        const qw_issuer_t *issuer)
{
    apr_pool_t *pool = status->shown->pool;
    const char *period = strstr(url, "%{period}");
    qwm_shown_t *shown = apr_array_push(status->shown);

    shown->what = what;
    shown->url = url;
    shown->issuer = issuer;
    if (period != NULL)
        url = apr_pstrmemdup(pool, url, (apr_size_t)(period - url));
    shown->path = path_of(url, pool);
    return shown;
}

static qw_problem_t *add_issuer(qwm_status_t *status, const qw_issuer_t *issuer,
                                apr_pool_t *pool)
{
    const qw_authority_t *a = status->authority;

    if (a->issuer_url != NULL)
        QW_TRY(qw_pem_certificate(
            &add(status, QWM_SHOWS_ISSUER,
                 qw_issuer_url(a->issuer_url, issuer->id, pool), issuer)
                 ->der,
            issuer->chain_pem, "QwacmeIssuer", pool));
    if (a->crl_url != NULL)
        add(status, QWM_SHOWS_CRL, qw_issuer_url(a->crl_url, issuer->id, pool),
            issuer);
    if (a->ocsp_url != NULL && strstr(a->ocsp_url, "%{issuer}") != NULL)
        add(status, QWM_SHOWS_OCSP,
            qw_issuer_url(a->ocsp_url, issuer->id, pool), issuer);
    return NULL;
}

/* An URL without "%{issuer}" is that of the issuer which signs: those come
 * first. */
static qw_problem_t *add_issuers(qwm_status_t *status, int signing,
                                 apr_pool_t *pool)
{
    const qw_authority_t *a = status->authority;
    int i;

    for (i = 0; i < a->issuers->nelts; i++)
        if ((APR_ARRAY_IDX(a->issuers, i, qw_issuer_conf_t).key_uri != NULL)
            == signing)
            QW_TRY(add_issuer(status,
                              APR_ARRAY_IDX(status->issuers, i, qw_issuer_t *),
                              pool));
    return NULL;
}

qw_problem_t *qwm_status_make(qwm_status_t **status, const qw_authority_t *a,
                              const apr_array_header_t *issuers,
                              apr_pool_t *pool)
{
    qwm_status_t *made = apr_pcalloc(pool, sizeof(*made));

    made->authority = a;
    made->issuers = issuers;
    made->shown = apr_array_make(pool, 4, sizeof(qwm_shown_t));
    QW_TRY(add_issuers(made, 1, pool));
    QW_TRY(add_issuers(made, 0, pool));
    if (a->ocsp_url != NULL && strstr(a->ocsp_url, "%{issuer}") == NULL)
        add(made, QWM_SHOWS_OCSP, a->ocsp_url, NULL);
    *status = made;
    return NULL;
}

/* *PERIOD that PATH begins with; 0 if it is none. */
static int read_period(const char **period, const char *path, apr_pool_t *pool)
{
    apr_size_t len = 0;

    while (len < DIGITS_OF_PERIOD && isdigit((unsigned char)path[len]))
        len++;
    if (strncmp(path, all_periods, sizeof(all_periods) - 1) == 0)
        len = sizeof(all_periods) - 1;
    else if (len != DIGITS_OF_PERIOD)
        return 0;
    *period = apr_pstrmemdup(pool, path, len);
    return 1;
}

static int is_crl(const qwm_shown_t *shown, const char **period,
                  const char *path, apr_pool_t *pool)
{
    apr_size_t len = strlen(shown->path);
    const char *found;

    if (strstr(shown->url, "%{period}") == NULL) {
        *period = "";
        return strcmp(path, shown->path) == 0;
    }
    if (strncmp(path, shown->path, len) != 0
        || !read_period(&found, path + len, pool)
        || strcmp(path, path_of(qw_period_url(shown->url, found, pool), pool))
               != 0)
        return 0;
    *period = strcmp(found, all_periods) == 0 ? "" : found;
    return 1;
}

/* A slash at the end, or none, makes no other responder. */
static int is_responder(const qwm_shown_t *shown, const char *path)
{
    apr_size_t len = strlen(shown->path);

    if (shown->path[len - 1] == '/')
        len--;
    return strncmp(path, shown->path, len) == 0
           && (path[len] == '\0'
               || (path[len] == '/' && path[len + 1] == '\0'));
}

const qwm_shown_t *qwm_status_find(const qwm_status_t *status,
                                   const char **period, const char *path,
                                   apr_pool_t *pool)
{
    int i;

    for (i = 0; i < status->shown->nelts; i++) {
        const qwm_shown_t *shown =
            &APR_ARRAY_IDX(status->shown, i, qwm_shown_t);

        if ((shown->what == QWM_SHOWS_ISSUER && strcmp(path, shown->path) == 0)
            || (shown->what == QWM_SHOWS_CRL
                && is_crl(shown, period, path, pool))
            || (shown->what == QWM_SHOWS_OCSP && is_responder(shown, path)))
            return shown;
    }
    return NULL;
}

/* What of PATH is below RESPONDER's URL; NULL if nothing is. */
static const char *below(const qwm_shown_t *responder, const char *path)
{
    apr_size_t len = strlen(responder->path);

    if (responder->path[len - 1] == '/')
        len--;
    if (strncmp(path, responder->path, len) != 0 || path[len] != '/'
        || path[len + 1] == '\0')
        return NULL;
    return path + len + 1;
}

const qwm_shown_t *qwm_status_below(const qwm_status_t *status,
                                    const char **rest, const char *path,
                                    apr_pool_t *pool)
{
    const qwm_shown_t *found = NULL;
    const char *period;
    int i;

    for (i = 0; i < status->shown->nelts; i++) {
        const qwm_shown_t *shown =
            &APR_ARRAY_IDX(status->shown, i, qwm_shown_t);
        const char *tail =
            shown->what == QWM_SHOWS_OCSP ? below(shown, path) : NULL;

        if (tail != NULL
            && (found == NULL || strlen(shown->path) > strlen(found->path))) {
            found = shown;
            *rest = tail;
        }
    }
    if (found != NULL && qwm_status_find(status, &period, path, pool) != NULL)
        return NULL;
    return found;
}
