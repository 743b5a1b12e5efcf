/* json.h -- strict JSON. Threads: any; one tree belongs to one thread.
 *
 * Values got from a tree are borrowed: they live as long as its pool. */
#ifndef QW_BASE_JSON_H
#define QW_BASE_JSON_H

#include "base/own.h"
#include "base/problem.h"

enum { QW_JSON_MAX_BYTES = 65536, QW_JSON_MAX_DEPTH = 16 };

typedef enum { QW_OPTIONAL, QW_REQUIRED } qw_need_e;

/* *ROOT in POOL. MALFORMED, naming WHAT, if TEXT is not one JSON value: longer
 * than QW_JSON_MAX_BYTES, nested deeper than QW_JSON_MAX_DEPTH (both checked
 * before the parser allocates), duplicate member, bytes after the end, NUL
 * (raw or \u0000), invalid UTF-8. */
qw_problem_t *qw_json_parse(json_t **root, const char *text, apr_size_t len,
                            const char *what, apr_pool_t *pool) QW_MUST_CHECK;

/* As above, and the value must be an object. */
qw_problem_t *qw_json_parse_object(json_t **root, const char *text,
                                   apr_size_t len, const char *what,
                                   apr_pool_t *pool) QW_MUST_CHECK;

/* Text member NAME of OBJECT, borrowed; "" if it is absent or no text. */
const char *qw_json_word(const json_t *object, const char *name);

/* Member NAME of OBJECT, borrowed. MALFORMED, naming the member, if it is of
 * another type, or QW_REQUIRED and absent. If QW_OPTIONAL and absent, the
 * out-parameter becomes NULL (0 for int and bool). */
qw_problem_t *qw_json_text(const char **value, const json_t *object,
                           const char *name, qw_need_e need,
                           apr_pool_t *pool) QW_MUST_CHECK;
qw_problem_t *qw_json_object(json_t **value, const json_t *object,
                             const char *name, qw_need_e need,
                             apr_pool_t *pool) QW_MUST_CHECK;
qw_problem_t *qw_json_array(json_t **value, const json_t *object,
                            const char *name, qw_need_e need,
                            apr_pool_t *pool) QW_MUST_CHECK;
qw_problem_t *qw_json_int(apr_int64_t *value, const json_t *object,
                          const char *name, qw_need_e need,
                          apr_pool_t *pool) QW_MUST_CHECK;
qw_problem_t *qw_json_bool(int *value, const json_t *object, const char *name,
                           qw_need_e need, apr_pool_t *pool) QW_MUST_CHECK;

/* Compact text of ROOT with sorted members, in POOL. Never NULL. */
const char *qw_json_dump(const json_t *root, apr_pool_t *pool);

/* A new object or array owned by POOL; members are added with jansson's
 * json_object_set_new() and so on. */
json_t *qw_json_new_object(apr_pool_t *pool);
json_t *qw_json_new_array(apr_pool_t *pool);

#endif
