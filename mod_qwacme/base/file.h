/* file.h -- small files in one piece. Threads: any. */
#ifndef QW_BASE_FILE_H
#define QW_BASE_FILE_H

#include "base/bytes.h"
#include "base/problem.h"

#include <apr_file_io.h>

/* Into TEXT, which has room for *LEN octets and a NUL behind them, what the file
 * at PATH holds; *LEN: how many octets. APR_EOF: that is all of it. APR_SUCCESS:
 * TEXT is full, and the file may hold more. Else why it cannot be read. */
apr_status_t qw_file_read(char *text, apr_size_t *len, const char *path,
                          apr_pool_t *pool);

/* 1 if all LEN octets of DATA went into FD; 0 with errno. */
int qw_file_write(int fd, const void *data, apr_size_t len);

/* How a file is written. */
typedef struct {
    int mode;           /* 0600 */
    int sync;           /* it must outlast a power cut */
    apr_time_t changed; /* its time of change; 0: now */
} qw_file_how_t;

/* The file at PATH becomes BYTES, in one step: who opens it has the old one or
 * the new one. UNAVAILABLE with path and reason. Threads: one writer. */
qw_problem_t *qw_file_replace(const char *path, const qw_bytes_t *bytes,
                              const qw_file_how_t *how,
                              apr_pool_t *pool) QW_MUST_CHECK;

/* The same with what FILL(BATON) writes into FD, for what does not fit into
 * memory. Its problem leaves the file as it was. */
typedef qw_problem_t *(*qw_file_fill_fn)(int fd, void *baton, apr_pool_t *pool);
qw_problem_t *qw_file_replace_by(const char *path, qw_file_fill_fn fill,
                                 void *baton, const qw_file_how_t *how,
                                 apr_pool_t *pool) QW_MUST_CHECK;

#endif
