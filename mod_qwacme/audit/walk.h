/* walk.h -- along the chain of events, record by record, from the database or from
 * an export: whatever was edited, is missing, was put in or moved is found, and
 * named. Threads: one. */
#ifndef QW_AUDIT_WALK_H
#define QW_AUDIT_WALK_H

#include "audit/chain.h"

/* What is known from elsewhere. */
typedef struct {
    const apr_array_header_t
        *trusted;                /* qw_bytes_t: certificates of audit keys;
                                          NULL: signatures are not looked at */
    const char *timestamp_roots; /* as timestamp.h has it */
    const char *head;            /* hash that a record must have, or NULL */
    const qw_checkpoint_t *kept; /* a checkpoint kept elsewhere, or NULL */
} qw_walk_know_t;

typedef struct qw_walk_t qw_walk_t;

/* What a walk came to, so far. */
typedef struct {
    apr_array_header_t *findings; /* const char *: record, and what is wrong */
    apr_int64_t first, last;      /* records, 0 if there were none */
    apr_int64_t records;
    apr_int64_t checkpoints;
    apr_int64_t timestamps;
    apr_int64_t covered; /* seq of the last checkpoint */
    const char *hash;    /* of the last record */
} qw_walked_t;

/* At the start of the chain. All of it in POOL; KNOW is borrowed. */
qw_walk_t *qw_walk_make(const qw_walk_know_t *know, apr_pool_t *pool);

/* Start behind checkpoint C, whose signature is looked at. Before any record. */
void qw_walk_from(qw_walk_t *walk, const qw_checkpoint_t *c,
                  apr_pool_t *scratch);

/* The next record: place, hash, and the object of its event (NULL: gone). */
void qw_walk_record(qw_walk_t *walk, const qw_seal_entry_t *entry,
                    const json_t *event, apr_pool_t *scratch);

/* The next checkpoint; behind its record. */
void qw_walk_checkpoint(qw_walk_t *walk, const qw_checkpoint_t *c,
                        apr_pool_t *scratch);

/* Something else that is wrong. */
void qw_walk_find(qw_walk_t *walk, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

/* The end is reached: *WALKED in the walk's pool. */
const qw_walked_t *qw_walk_end(qw_walk_t *walk);

/* What the walk has come to, before its end. */
const qw_walked_t *qw_walk_so_far(const qw_walk_t *walk);

/* Walk along the chain in DB from its start, and look for events beside it. Once
 * FINDINGS_MOST are found it ends. */
enum { QW_WALK_FINDINGS_MOST = 1000 };
qw_problem_t *qw_walk_database(qw_walk_t *walk, qw_db_t *db,
                               apr_pool_t *pool) QW_MUST_CHECK;

/* NULL if C is signed by one of TRUSTED; else what qw_cms_verify() says, or
 * MALFORMED. */
qw_problem_t *qw_checkpoint_verify(const qw_checkpoint_t *c,
                                   const apr_array_header_t *trusted,
                                   apr_pool_t *pool) QW_MUST_CHECK;

#endif
