/* spool.h -- every signature on disk before the database hears of it: one
 * append-only file for each issuing key. Threads: one writer.
 *
 * A line is "number attempt tbs-hash previous-hash der hash": the last is the
 * SHA-256 of what stands before it, previous-hash that of the line before. A
 * torn line at the end of a crash is ignored and reported. */
#ifndef QW_CA_SPOOL_H
#define QW_CA_SPOOL_H

#include "base/bytes.h"
#include "base/problem.h"

typedef struct qw_spool_t qw_spool_t;

typedef struct {
    const char *attempt_id;
    const char *tbs_hash; /* hex */
    const char *der;      /* base64url */
} qw_spool_record_t;

/* *SPOOL for the key ISSUER (spki_hash) of AUTHORITY in DIR "/spool", made if
 * need be. UNAVAILABLE with path and reason. */
qw_problem_t *qw_spool_open(qw_spool_t **spool, const char *dir,
                            const char *authority, const char *issuer,
                            apr_pool_t *pool) QW_MUST_CHECK;

/* Append RECORDS (qw_spool_record_t) in one write and sync it. UNAVAILABLE:
 * what is on disk is not known. */
qw_problem_t *qw_spool_append(qw_spool_t *spool,
                              const apr_array_header_t *records,
                              apr_pool_t *pool) QW_MUST_CHECK;

/* Call FN with each whole record from the first. *BAD: lines that are torn,
 * changed, or out of their chain. Reads the file anew. */
typedef qw_problem_t *(*qw_spool_fn)(const qw_spool_record_t *record,
                                     void *baton, apr_pool_t *pool);
qw_problem_t *qw_spool_each(int *bad, const qw_spool_t *spool, qw_spool_fn fn,
                            void *baton, apr_pool_t *pool) QW_MUST_CHECK;

/* Path, for messages. */
const char *qw_spool_path(const qw_spool_t *spool);

#endif
