/* caa_value.h -- the value of an issue or issuewild property, taken apart.
 * Threads: any. */
#ifndef QW_CHECK_CAA_VALUE_H
#define QW_CHECK_CAA_VALUE_H

#include "base/bytes.h"

#include <apr_tables.h>

typedef struct {
    const char *issuer;      /* lower case; "": nobody */
    apr_table_t *parameters; /* by tag, whose case does not matter */
} qw_caa_value_t;

/* 1 and *OUT in POOL if VALUE is an issue-value of RFC8659-4.2 that names no
 * parameter twice (RFC8657-3). */
int qw_caa_value_parse(qw_caa_value_t *out, const qw_bytes_t *value,
                       apr_pool_t *pool);

#endif
