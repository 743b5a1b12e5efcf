/* Certificates, CRLs and OCSP where an authority's certificates say they are. */
#include "httpd/qwm.h"

#include "base/b64.h"
#include "ca/status_path.h"
#include "x509/crl.h"
#include "x509/ocsp_request.h"

#include <ap_expr.h>
#include <apr_strings.h>
#include <http_core.h>
#include <http_protocol.h>
#include <http_request.h>

#include <string.h>

APLOG_USE_MODULE(qwacme);

static const char handler_name[] = "qwacme-status";

/* No cache keeps longer what a revocation changes. */
#define CACHED_MOST (apr_time_from_sec(3600))

/* Kept with a request: what it asked below a responder's URL by GET. */
typedef struct {
    const qwm_status_t *status; /* NULL: nothing */
    const qwm_shown_t *responder;
    qw_bytes_t der; /* data NULL: it was not base64 */
    int is_ours;    /* no file of httpd's */
} question_t;

static question_t *question_of(request_rec *r)
{
    question_t *q = ap_get_module_config(r->request_config, &qwacme_module);

    if (q == NULL) {
        q = apr_pcalloc(r->pool, sizeof(*q));
        ap_set_module_config(r->request_config, &qwacme_module, q);
    }
    return q;
}

static const qwm_status_t *status_of(const char *authority)
{
    if (authority == NULL || qwm_parent()->statuses == NULL)
        return NULL;
    return apr_hash_get(qwm_parent()->statuses, authority, APR_HASH_KEY_STRING);
}

/* In base64 there are '/', "//" and "%2F", at which httpd stumbles. With the
 * request in base64url it does not, and a cache has one name for all spellings.
 * Below an URL without a path there may be files too: they stay what they are. */
static void keep_question(request_rec *r, const qwm_status_t *status,
                          const qwm_shown_t *responder, const char *rest)
{
    apr_size_t len = strlen(responder->path);
    question_t *q = question_of(r);

    if (qw_ocsp_request_of_path(&q->der, rest, r->pool) || len > 1) {
        q->status = status;
        q->responder = responder;
    }
    if (q->der.data == NULL)
        return;
    r->uri =
        apr_pstrcat(r->pool, responder->path,
                    responder->path[len - 1] == '/' ? "" : "/",
                    qw_b64url_encode(q->der.data, q->der.len, r->pool), NULL);
    r->parsed_uri.path = r->uri;
}

int qwm_status_read(request_rec *r)
{
    const char *authority, *rest;
    int n = 0;

    if (r->method_number != M_GET || r->prev != NULL || r->uri == NULL)
        return DECLINED;
    while ((authority = qwm_place_status(r->server, r->uri, &n)) != NULL) {
        const qwm_status_t *status = status_of(authority);
        const qwm_shown_t *responder =
            status != NULL ? qwm_status_below(status, &rest, r->uri, r->pool)
                           : NULL;

        if (responder != NULL) {
            keep_question(r, status, responder, rest);
            return DECLINED;
        }
    }
    return DECLINED;
}

/* What SetHandler says for R. */
static const char *handler_of(request_rec *r)
{
    const core_dir_config *core = ap_get_core_module_config(r->per_dir_config);
    const char *error = NULL, *name = core->handler;

    if (core->expr_handler != NULL)
        name = ap_expr_str_exec(r, core->expr_handler, &error);
    return error == NULL ? name : NULL;
}

/* The only time that httpd has looked at <Location> and not yet for a file. */
int qwm_status_translate(request_rec *r)
{
    const char *name = handler_of(r);

    if (name != NULL && strcmp(name, handler_name) == 0)
        question_of(r)->is_ours = 1;
    return DECLINED;
}

/* Nothing is looked for below DocumentRoot, and no index.html takes our place. */
int qwm_status_map(request_rec *r)
{
    const question_t *q =
        ap_get_module_config(r->request_config, &qwacme_module);

    return q != NULL && q->is_ours ? OK : DECLINED;
}

static int refuse_method(request_rec *r, int is_ocsp)
{
    ap_allow_methods(r, REPLACE_ALLOW, "GET", is_ocsp ? "POST" : NULL, NULL);
    return HTTP_METHOD_NOT_ALLOWED;
}

void qwm_status_cache(request_rec *r, apr_interval_time_t left, const char *how)
{
    apr_interval_time_t age = left < CACHED_MOST ? left : CACHED_MOST;
    char *expires = apr_palloc(r->pool, APR_RFC822_DATE_LEN);

    if (age < 0)
        age = 0;
    apr_rfc822_date(expires, r->request_time + age);
    apr_table_setn(r->headers_out, "Expires", expires);
    apr_table_setn(r->headers_out, "Cache-Control",
                   apr_psprintf(r->pool, "max-age=%ld, %s",
                                (long)apr_time_sec(age), how));
}

static int show_certificate(request_rec *r, const qwm_shown_t *shown)
{
    int met;

    qwm_status_cache(r, CACHED_MOST, "public");
    apr_table_setn(r->headers_out, "ETag",
                   apr_psprintf(r->pool, "\"%s\"", shown->issuer->id));
    ap_set_content_type(r, "application/pkix-cert");
    ap_set_content_length(r, (apr_off_t)shown->der.len);
    if ((met = ap_meets_conditions(r)) != OK)
        return met;
    if (!r->header_only)
        ap_rwrite(shown->der.data, (int)shown->der.len, r);
    return OK;
}

/* Until when the CRL at PATH, which was made at MADE, is good. Only of one that
 * should have been replaced, or will not be, must it be looked up. */
static apr_time_t good_until(const char *path, apr_time_t made,
                             const qw_authority_t *a, apr_pool_t *pool)
{
    qw_crl_facts_t *facts;

    if (made + a->crl_validity > qw_authority_now(a)
        || qw_crl_read_file(&facts, path, pool) != NULL)
        return made + a->crl_validity;
    return facts->next_update;
}

/* httpd's own handler sends it, with ranges, conditions and sendfile. */
static int show_crl(request_rec *r, const qwm_status_t *status,
                    const qwm_shown_t *shown, const char *period)
{
    const qw_authority_t *a = status->authority;
    const char *path =
        qw_status_crl_path(qwm_conf(), shown->issuer, period, r->pool);

    if (apr_stat(&r->finfo, path, APR_FINFO_MIN, r->pool) != APR_SUCCESS
        || r->finfo.filetype != APR_REG)
        return HTTP_NOT_FOUND;
    qwm_status_cache(r,
                     good_until(path, r->finfo.mtime, a, r->pool)
                         - qw_authority_now(a),
                     "public");
    ap_set_content_type(r, "application/pkix-crl");
    r->filename = apr_pstrdup(r->pool, path);
    r->path_info = NULL;
    return DECLINED;
}

static int show(request_rec *r, const qwm_status_t *status)
{
    const question_t *q =
        ap_get_module_config(r->request_config, &qwacme_module);
    const char *period = NULL;
    const qwm_shown_t *shown;

    if (q != NULL && q->status != status)
        q = NULL; /* another authority's, or nothing */
    shown = q != NULL ? q->responder
                      : qwm_status_find(status, &period, r->uri, r->pool);
    if (shown == NULL)
        return HTTP_NOT_FOUND;
    if (shown->what == QWM_SHOWS_OCSP && r->method_number == M_POST)
        return qwm_ocsp_post(r, status, shown);
    if (r->method_number != M_GET)
        return refuse_method(r, shown->what == QWM_SHOWS_OCSP);
    if (shown->what == QWM_SHOWS_OCSP)
        return qwm_ocsp_get(r, status, shown, q != NULL ? &q->der : NULL);
    return shown->what == QWM_SHOWS_CRL ? show_crl(r, status, shown, period)
                                        : show_certificate(r, shown);
}

int qwm_status_handler(request_rec *r)
{
    const qwm_dir_t *dir;
    const qwm_status_t *status;

    if (r->handler == NULL || strcmp(r->handler, handler_name) != 0)
        return DECLINED;
    dir = ap_get_module_config(r->per_dir_config, &qwacme_module);
    status = status_of(dir->use);
    return status != NULL ? show(r, status) : HTTP_SERVICE_UNAVAILABLE;
}
