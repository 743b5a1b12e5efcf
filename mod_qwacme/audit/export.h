/* export.h -- a stretch of the chain as a file that can be checked with nothing but
 * a certificate. Lines of JSON, compact and with sorted members:
 *
 *   {"checkpoint","signature"...}   the one before the stretch, unless that starts
 *                                   with record 1
 *   {"event","hash","seq"}          a record
 *   {"checkpoint","signature"...}   behind its record
 *   {"export","signature"}          the last: which records these are, signed
 *
 * Threads: one. */
#ifndef QW_AUDIT_EXPORT_H
#define QW_AUDIT_EXPORT_H

#include "audit/walk.h"
#include "x509/cms.h"

#include <stdio.h>

typedef struct {
    apr_time_t from, until; /* real clock; 0: from the start, to the end */
    const qw_cms_signer_t *signer;
    apr_time_t now;
    FILE *file; /* borrowed; what cannot be written shows in ferror() */
    /* what was written */
    apr_int64_t first, last; /* records; 0: none */
} qw_export_t;

/* Write whole checkpoints: from the first that was signed at or after EXPORT->from
 * to the first at or after EXPORT->until. Records behind the last checkpoint stay
 * out. INVALID_INPUT if there is no checkpoint in that time. */
qw_problem_t *qw_export_write(qw_export_t *export, qw_db_t *db,
                              apr_pool_t *pool) QW_MUST_CHECK;

/* WALK, not begun, along such a FILE: every line, and its end. A line that is none
 * is a finding, and the last that is read. */
void qw_export_walk(qw_walk_t *walk, FILE *file,
                    const apr_array_header_t *trusted, apr_pool_t *pool);

#endif
