/* put.h -- members of JSON objects, for documents. An unset value puts nothing.
 * Threads: as json.h. */
#ifndef QW_BASE_PUT_H
#define QW_BASE_PUT_H

#include "base/json.h"

void qw_put_text(json_t *object, const char *name, const char *value);
void qw_put_int(json_t *object, const char *name, apr_int64_t value);
void qw_put_flag(json_t *object, const char *name, int value);

/* RFC 3339, UTC, whole seconds; nothing for 0. */
void qw_put_time(json_t *object, const char *name, apr_time_t value,
                 apr_pool_t *pool);

/* VALUE parsed, if it is JSON; else as text. */
void qw_put_json(json_t *object, const char *name, const char *value);

#endif
