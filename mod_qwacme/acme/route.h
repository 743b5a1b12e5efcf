/* route.h -- the table of resources. Threads: any. */
#ifndef QW_ACME_ROUTE_H
#define QW_ACME_ROUTE_H

#include "acme/call.h"

/* Whose signature a request must carry, RFC8555-6.2. */
typedef enum { QW_BY_NOBODY, QW_BY_JWK, QW_BY_KID, QW_BY_EITHER } qw_signed_e;

/* What its payload must be. */
typedef enum {
    QW_BODY_NONE,
    QW_BODY_EMPTY,
    QW_BODY_OBJECT,
    QW_BODY_EITHER
} qw_body_e;

struct qw_route_t {
    const char *name; /* of the verb, for logs and metrics */
    int methods;      /* of qw_method_e */
    const char *path;
    const char *directory; /* key in the directory, or NULL */
    qw_signed_e by;
    qw_body_e body;
    int suspended; /* a suspended account may */
    qw_verb_fn verb;
};

/* The route of PATH ("order/ID"), with *ID what '*' matched (in POOL, or NULL)
 * and *REST what a second '*' matched. NULL if there is none. */
const qw_route_t *qw_route_find(const char **id, const char **rest,
                                const char *path, apr_pool_t *pool);

/* By number from 0; NULL after the last. */
const qw_route_t *qw_route_at(int n);

/* "GET, HEAD" of METHODS, in POOL. */
const char *qw_route_allow(int methods, apr_pool_t *pool);

/* 1 if AUTHORITY offers ROUTE: what it does not offer is not there. */
int qw_route_offered(const qw_route_t *route, const qw_authority_t *authority);

#endif
