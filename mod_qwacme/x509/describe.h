/* describe.h -- lines for people about a certificate. For this room. Threads:
 * one object, one thread. */
#ifndef QW_X509_DESCRIBE_H
#define QW_X509_DESCRIBE_H

#include "x509/cert_parts.h"

#include <apr_tables.h>

typedef struct {
    apr_array_header_t *lines; /* of const char * */
    apr_pool_t *pool;
} qw_describe_t;

/* A heading, and a line below it. LABEL NULL: goes on from the line above. */
void qw_describe_head(qw_describe_t *d, const char *text);
void qw_describe_line(qw_describe_t *d, const char *label, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

/* VALUE, foreign text, fit to be shown. */
const char *qw_describe_text(qw_describe_t *d, const qw_bytes_t *value);

/* What people call ID (DER with tag), and its number. */
const char *qw_describe_oid(qw_describe_t *d, const qw_bytes_t *id);

/* Lines for extension EXT, whatever it is. */
void qw_describe_ext(qw_describe_t *d, const qw_cert_ext_t *ext);

#endif
