/* qwm.h -- what the files of the httpd room share. Everything else in the tree
 * knows no httpd. */
#ifndef QWM_QWM_H
#define QWM_QWM_H

#include <httpd.h>
#include <http_config.h>
#include <http_log.h>

#include <apr_hash.h>

#include "acme/serve.h"
#include "conf/conf.h"
#include "work/seal.h"
#include "portal/portal.h"
#include "work/worker.h"

extern module AP_MODULE_DECLARE_DATA qwacme_module;

/* ---- configuration (config.c) -------------------------------------------- */

/* Of one <Location>. */
typedef struct {
    const char *use; /* QwacmeUse, or NULL */
} qwm_dir_t;

extern const command_rec qwm_commands[];
void *qwm_dir_create(apr_pool_t *p, char *dir);
void *qwm_dir_merge(apr_pool_t *p, void *base, void *add);

/* Forget what an earlier pass read. pre_config only. */
void qwm_conf_reset(apr_pool_t *pconf);

/* The configuration as read so far; after post_config it does not change. */
qw_conf_t *qwm_conf(void);

/* 1 if anything of ours is configured; if any authority is, so that database
 * and signer are there. */
int qwm_is_configured(void);
int qwm_has_authority(void);

/* ---- where authorities serve (places.c) ----------------------------------- */

void qwm_places_reset(apr_pool_t *pconf);

/* QwacmeUse AUTHORITY was read; an error text, or NULL. */
const char *qwm_place_add(cmd_parms *cmd, const char *authority);

/* What is wrong with the places: array of const char *. After the reading. */
apr_array_header_t *qwm_places_findings(const qw_conf_t *conf,
                                        apr_pool_t *pool);

/* 1 if AUTHORITY's directory is somewhere; if its portal is. */
int qwm_places_use(const char *authority);
int qwm_places_have_portal(const char *authority);

/* Name of the authority whose ACME is at URI of S; for NULL, of any at S. NULL
 * if there is none. */
const char *qwm_place_find(const server_rec *s, const char *uri);

/* Name of the authority whose status is shown at URI of S, the first of them
 * from *N on; *N, 0 at first, is moved behind it. NULL if there is no more. */
const char *qwm_place_status(const server_rec *s, const char *uri, int *n);

/* ---- users of our processes (users.c) ------------------------------------- */

typedef struct {
    const char *name;
    uid_t uid;
    gid_t gid;
} qwm_user_t;

/* *USER of NAME; httpd's own for NULL, or if we are not root. An error text if
 * there is none. */
const char *qwm_user_find(qwm_user_t *user, const char *name, apr_pool_t *pool);

/* Nothing that root could do remains possible. 0 if that failed. Without root's
 * rights there is nothing to do. */
int qwm_user_become(const qwm_user_t *user);

/* What httpd's and the signer's user find in database, state directory and
 * keys: NULL, or what is wrong. */
const char *qwm_check_as_users(const qw_conf_t *conf, apr_pool_t *pool);

/* ---- checks for `httpd -t` and every start (check.c) ---------------------- */
int qwm_check_config(apr_pool_t *pconf, apr_pool_t *plog, apr_pool_t *ptemp,
                     server_rec *s);

/* ---- what the status service shows (status_map.c) -------------------------- */

typedef enum { QWM_SHOWS_ISSUER, QWM_SHOWS_CRL, QWM_SHOWS_OCSP } qwm_shows_e;

/* What one URL of an authority leads to. */
typedef struct {
    qwm_shows_e what;
    const char *url;  /* of this issuer; of CRLs, "%{period}" still in it */
    const char *path; /* its path, decoded, as far as it is always the same */
    const qw_issuer_t *issuer; /* NULL: each of them, the CertID says which */
    qw_bytes_t der;            /* of a certificate */
} qwm_shown_t;

/* All of one authority's. Read-only once made. */
typedef struct {
    const qw_authority_t *authority;
    const apr_array_header_t *issuers; /* of qw_issuer_t *, as configured */
    apr_array_header_t *shown;         /* of qwm_shown_t */
} qwm_status_t;

/* *STATUS in POOL of AUTHORITY, whose ISSUERS (qw_issuer_t *) are in the order
 * of its configuration. */
qw_problem_t *qwm_status_make(qwm_status_t **status,
                              const qw_authority_t *authority,
                              const apr_array_header_t *issuers,
                              apr_pool_t *pool) QW_MUST_CHECK;

/* What is at PATH (decoded), NULL if nothing; of a CRL, *PERIOD in POOL. */
const qwm_shown_t *qwm_status_find(const qwm_status_t *status,
                                   const char **period, const char *path,
                                   apr_pool_t *pool);

/* The responder below whose URL PATH lies; NULL if there is none, or PATH has
 * something else. *REST: what of PATH is below it, without its slash. */
const qwm_shown_t *qwm_status_below(const qwm_status_t *status,
                                    const char **rest, const char *path,
                                    apr_pool_t *pool);

/* ---- what is made once, before children are forked (parent.c) ------------- */

typedef struct {
    qw_seal_ring_t *ring;
    qw_nonce_window_t *window;
    const char *node;
    apr_global_mutex_t *write_lock;
    qw_sealer_t *sealer;
    qw_known_keys_t *known;
    apr_hash_t *issuers;            /* authority -> array of qw_issuer_t * */
    apr_hash_t *alternates;         /* authority -> array of qw_issuer_t * */
    apr_hash_t *statuses;           /* authority -> qwm_status_t * */
    apr_hash_t *passkey_roots;      /* authority -> array of qw_bytes_t */
    volatile apr_uint32_t *refused; /* of all children: OCSP requests that the
                                       signer was not asked for */
} qwm_parent_t;

/* post_config; HTTP status on failure, with its reason in the log. */
int qwm_parent_start(apr_pool_t *pconf, server_rec *s);
const qwm_parent_t *qwm_parent(void);

/* ---- the signer process (signer.c) ---------------------------------------- */
int qwm_signer_start(apr_pool_t *pconf, server_rec *s);
/* Parent, every few seconds: start it again if it could not start before. */
int qwm_signer_watch(apr_pool_t *pconf, server_rec *s);

/* ---- a child (child.c) ----------------------------------------------------- */
void qwm_child_init(apr_pool_t *pchild, server_rec *s);
void qwm_child_stopping(apr_pool_t *pchild, int graceful);

/* The site of the authority NAME in this child; NULL if there is none, or the
 * child could not start it. */
const qw_site_t *qwm_site(const char *name);

/* How the status service reaches the signer: it waits less than ACME does. */
const qw_signer_client_t *qwm_status_signer(void);

/* This child's database; NULL if it could not be opened. */
qw_store_t *qwm_store(void);
/* The same of its portal. */
const qw_portal_t *qwm_portal(const char *name);

/* The site that R is for, also when httpd gave up on R before it had a URI;
 * NULL if none. */
const qw_site_t *qwm_site_of(const request_rec *r);

/* ---- requests (handler.c, body.c, reply.c, errors.c) ----------------------- */
int qwm_handler(request_rec *r);
int qwm_perspective_handler(request_rec *r); /* perspective.c */
int qwm_metrics_handler(request_rec *r);     /* metrics.c */

/* status.c. A handler; and what goes before it: httpd would not take the path of
 * every OCSP request, and nothing of the status service is in its folders. */
int qwm_status_handler(request_rec *r);
int qwm_status_read(request_rec *r);
int qwm_status_translate(request_rec *r);
int qwm_status_map(request_rec *r);

/* Let caches keep the answer to R for LEFT, but not longer than they may keep what
 * a revocation changes; HOW: the rest of Cache-Control (status.c). */
void qwm_status_cache(request_rec *r, apr_interval_time_t left,
                      const char *how);

/* status_ocsp.c: answer R, which asks RESPONDER of STATUS. DER: what was asked by
 * GET; NULL data if that was not base64. HTTP status or OK. */
int qwm_ocsp_post(request_rec *r, const qwm_status_t *status,
                  const qwm_shown_t *responder);
int qwm_ocsp_get(request_rec *r, const qwm_status_t *status,
                 const qwm_shown_t *responder, const qw_bytes_t *der);
int qwm_report_handler(request_rec *r); /* report.c */

/* portal_handler.c. A handler; and what notes when a connection came. */
int qwm_portal_handler(request_rec *r);
int qwm_portal_connected(conn_rec *c, void *socket);

/* Of R, for what stands behind httpd: its method; its path as it was sent, below
 * BASE, or NULL if it is not there. */
qw_method_e qwm_method(const request_rec *r);
const char *qwm_path_below(const request_rec *r, const char *base);

/* Baton of qwm_read_body(). */
typedef struct {
    request_rec *r;
    enum { QWM_BODY_UNREAD, QWM_BODY_BROKEN, QWM_BODY_READ } state;
} qwm_body_t;

/* The reader of qw_request_t. */
qw_problem_t *qwm_read_body(const char **body, apr_size_t *len,
                            const qw_request_t *request,
                            apr_size_t limit) QW_MUST_CHECK;

/* What nobody read must not be taken for the next request. A little is read and
 * dropped. 0 if the connection had better end. */
int qwm_drop_body(qwm_body_t *body);

/* Send REPLY as the answer to R; what was not read of its body is dropped, or
 * the connection ends. */
void qwm_send(qwm_body_t *body, const qw_reply_t *reply);

/* R, whose answer is about to be sent and whose body was read, need not end the
 * connection (keepalive.c). */
void qwm_keepalive(request_rec *r);
void qwm_keepalive_register(void);

/* One line for a problem that was answered. */
void qwm_log_reply(request_rec *r, const qw_reply_t *reply);

/* httpd's own errors below our base paths become problem documents. */
void qwm_errors_register(void);
int qwm_errors_neutralize(request_rec *r);
void qwm_errors_insert(request_rec *r);

#endif
