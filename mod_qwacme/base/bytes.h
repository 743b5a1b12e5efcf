/* bytes.h -- octets with a length. Not a string: may hold NUL. */
#ifndef QW_BASE_BYTES_H
#define QW_BASE_BYTES_H

#include <apr.h>

typedef struct {
    const unsigned char *data;
    apr_size_t len;
} qw_bytes_t;

#endif
