/* document.h -- problem documents, RFC 7807 and RFC8555-6.7. Threads: any. */
#ifndef QW_BASE_DOCUMENT_H
#define QW_BASE_DOCUMENT_H

#include "base/json.h"

/* PROB as text in POOL: what a client is sent, and what is kept with orders and
 * challenges. Never its cause. */
const char *qw_problem_document(const qw_problem_t *prob, apr_pool_t *pool);

/* The same as an object. */
json_t *qw_problem_json(const qw_problem_t *prob, apr_pool_t *pool);

#endif
