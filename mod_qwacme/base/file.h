/* file.h -- small files in one piece. Threads: any. */
#ifndef QW_BASE_FILE_H
#define QW_BASE_FILE_H

#include <apr_file_io.h>

/* Into TEXT, which has room for *LEN octets and a NUL behind them, what the file
 * at PATH holds; *LEN: how many octets. APR_EOF: that is all of it. APR_SUCCESS:
 * TEXT is full, and the file may hold more. Else why it cannot be read. */
apr_status_t qw_file_read(char *text, apr_size_t *len, const char *path,
                          apr_pool_t *pool);

#endif
