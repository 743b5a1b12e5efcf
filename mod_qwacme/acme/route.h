/* route.h -- the table of resources. Threads: any. */
#ifndef QW_ACME_ROUTE_H
#define QW_ACME_ROUTE_H

#include "base/problem.h"

/* Whose signature a request must carry, RFC8555-6.2. */
typedef enum { QW_BY_NOBODY, QW_BY_JWK, QW_BY_KID, QW_BY_EITHER } qw_signed_e;

typedef struct qw_route_t qw_route_t;

/* The route of PATH ("order/ID"), with *ID what '*' matched (in POOL, or NULL)
 * and *REST what a second '*' matched. NULL if there is none. */
const qw_route_t *qw_route_find(const char **id, const char **rest,
                                const char *path, apr_pool_t *pool);

#endif
