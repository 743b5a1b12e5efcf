/* reply.h -- headers and problem documents, the same for every resource.
 * Threads: one. */
#ifndef QW_ACME_REPLY_H
#define QW_ACME_REPLY_H

#include "acme/call.h"

/* An empty reply with its header table. */
void qw_reply_start(qw_reply_t *reply, apr_pool_t *pool);

/* STATUS with OBJECT as JSON. */
void qw_reply_json(qw_reply_t *reply, int status, const json_t *object,
                   apr_pool_t *pool);

/* Link <URL>;rel="REL", added to those there are. */
void qw_reply_link(qw_reply_t *reply, const char *url, const char *rel,
                   apr_pool_t *pool);

/* Turn PROB into the reply: RFC 7807 document, Retry-After, links. */
void qw_reply_problem(qw_reply_t *reply, const qw_site_t *site,
                      const qw_problem_t *prob, apr_pool_t *pool);

/* What every reply has: a fresh nonce, no caching, the directory, CORS. If no
 * nonce can be made the reply becomes that problem. */
void qw_reply_finish(qw_reply_t *reply, const qw_site_t *site,
                     apr_pool_t *pool);

#endif
