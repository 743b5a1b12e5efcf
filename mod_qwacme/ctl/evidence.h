/* evidence.h -- what commands about evidence share: the audit key, certificates
 * that are trusted, files. Threads: one. */
#ifndef QWC_EVIDENCE_H
#define QWC_EVIDENCE_H

#include "audit/sealer.h"
#include "ctl/ctl.h"

/* *SEALER of the configuration, which must have a QwacmeAuditKey. */
qw_problem_t *qwc_sealer(qw_sealer_t **sealer,
                         const qwc_call_t *call) QW_MUST_CHECK;

/* *TRUSTED: every certificate (qw_bytes_t, DER) in the file of option certificate,
 * else in that of the configuration; NULL if neither names one. */
qw_problem_t *qwc_trusted(const apr_array_header_t **trusted,
                          const qwc_call_t *call) QW_MUST_CHECK;

/* *TEXT: all that the file at PATH holds, at most 64 MiB, without NUL. */
qw_problem_t *qwc_read_file(const char **text, const char *path,
                            apr_pool_t *pool) QW_MUST_CHECK;

/* A new file at PATH for its owner alone; one that is there is not touched:
 * INVALID_INPUT. */
qw_problem_t *qwc_create_file(FILE **file, const char *path,
                              apr_pool_t *pool) QW_MUST_CHECK;

/* The same with TEXT in it. */
qw_problem_t *qwc_write_file(const char *path, const char *text,
                             apr_pool_t *pool) QW_MUST_CHECK;

#endif
