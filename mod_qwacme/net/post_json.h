/* post_json.h -- ask services of the operator's choice, all at the same time.
 * Threads: any, after qw_post_init(). */
#ifndef QW_NET_POST_JSON_H
#define QW_NET_POST_JSON_H

#include "base/bytes.h"
#include "base/problem.h"

/* Once per process, after qw_http_init(): idle connections are kept until POOL
 * goes. */
qw_problem_t *qw_post_init(apr_pool_t *pool) QW_MUST_CHECK;

typedef struct {
    const char *ca_path;  /* PEM file of the roots; NULL: the system's */
    const char *identity; /* PEM text, our certificate and its key, or NULL */
    const char *api_key;  /* x-api-key header, or NULL */
    const char *type;     /* media type of the bodies; NULL: JSON */
    apr_size_t max_reply;
    apr_time_t deadline; /* absolute, real clock; for all of them */
} qw_post_how_t;

typedef struct {
    const char *url; /* https; http where the reply is signed */
    const char *body;
    apr_size_t body_len; /* 0: BODY is a string */

    const char *failure; /* why there is no reply, safe; NULL: there is one */
    qw_bytes_t reply;    /* body of a 200; NUL follows */
} qw_post_t;

/* POST each of the N; its reply, or why there is none, is there at the deadline
 * at the latest, in POOL. Servers show a certificate that HOW->ca_path trusts
 * for their name. No redirects, no proxy. */
qw_problem_t *qw_post_json(qw_post_t *posts, int n, const qw_post_how_t *how,
                           apr_pool_t *pool) QW_MUST_CHECK;

#endif
