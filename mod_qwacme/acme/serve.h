/* serve.h -- one ACME request in, one reply out; no httpd in sight.
 * Threads: any. */
#ifndef QW_ACME_SERVE_H
#define QW_ACME_SERVE_H

#include "acme/nonce.h"
#include "ca/client.h"
#include "x509/issuer.h"
#include "x509/keycheck.h"

/* What one authority needs in one process. Read-only once made. */
typedef struct {
    const qw_authority_t *authority;
    qw_store_t *store;
    const qw_seal_ring_t *ring;
    qw_nonces_t *nonces;
    const qw_signer_client_t *signer;
    apr_array_header_t *issuers;    /* of qw_issuer_t *, as configured: the
                                       chain of a certificate is that of the
                                       issuer with its spki_hash */
    apr_array_header_t *alternates; /* of qw_issuer_t *: other chains of the
                                       issuers with their spki_hash */
    const qw_known_keys_t *known;   /* keys that may serve nobody, or NULL */
    void (*wake)(void *baton);      /* tell the workers there is a job */
    void *wake_baton;
    struct qw_keycache_t *keys; /* account keys by thumbprint; acme's own */
} qw_site_t;

/* Fill what acme keeps per process (the key cache). Once, before threads. */
qw_problem_t *qw_site_init(qw_site_t *site, apr_pool_t *pool) QW_MUST_CHECK;

typedef enum {
    QW_METHOD_GET = 1,
    QW_METHOD_HEAD = 2,
    QW_METHOD_POST = 4,
    QW_METHOD_OPTIONS = 8,
    QW_METHOD_OTHER = 16
} qw_method_e;

typedef struct qw_request_t qw_request_t;
struct qw_request_t {
    const qw_site_t *site;
    qw_method_e method;
    const char *method_name;  /* as sent */
    const char *path;         /* as sent, below the base path, without its '/',
                                query included: "new-order" */
    const char *content_type; /* as sent, or NULL */
    const char *content_encoding; /* as sent, or NULL */
    const char *client_ip;
    /* *BODY of at most LIMIT bytes, NUL after it. BODY_TOO_LARGE,
     * BODY_TOO_SLOW, MALFORMED. Called at most once. */
    qw_problem_t *(*read_body)(const char **body, apr_size_t *len,
                               const qw_request_t *request, apr_size_t limit);
    void *baton; /* the reader's */
    apr_pool_t *pool;
};

typedef struct {
    int status;
    const char *content_type; /* NULL: no body */
    const char *body;         /* NULL: no body */
    apr_size_t body_len;
    apr_table_t *headers; /* all others, ready to send; Link may repeat */
    const qw_problem_t *problem; /* for the log, or NULL */
    const char *route;           /* name of the route, for logs and metrics */
} qw_reply_t;

/* Answer REQUEST. Never fails: a problem becomes the reply. */
void qw_acme_serve(qw_reply_t *reply, const qw_request_t *request);

/* The reply for an error STATUS that httpd found by itself (bad request line,
 * 408, 413, ...), in its words; carries a fresh nonce like every other. */
void qw_acme_status(qw_reply_t *reply, const qw_site_t *site, int status,
                    const char *detail, apr_pool_t *pool);

/* The reply for a problem found before the request could be handed over. */
void qw_acme_problem(qw_reply_t *reply, const qw_site_t *site,
                     qw_problem_t *problem, apr_pool_t *pool);

#endif
