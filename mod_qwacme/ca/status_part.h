/* status_part.h -- what the files of status share: one issuer's part of the work,
 * and its jobs. Each job does a little; *MORE is set if there is more to do.
 * Threads: one; the signer's. */
#ifndef QW_CA_STATUS_PART_H
#define QW_CA_STATUS_PART_H

#include "ca/answers.h"
#include "ca/crl_make.h"
#include "store/db_status.h"

#include <apr_hash.h>

enum { QW_PART_AFTER = 64 };

/* One issuer's part. */
typedef struct {
    const qw_ca_t *ca;
    apr_pool_t *pool;
    const qw_issuing_t *issuing;
    qw_responder_t *responder;
    int ended;             /* the issuer has; */
    int finished;          /* and its last answers are made */
    qw_crl_make_t *making; /* NULL: no CRL is being made */
    apr_pool_t *making_pool;
    apr_hash_t *shown;         /* period -> apr_int64_t *, number of its CRL */
    int kind;                  /* of the sweep; -1: it rests */
    int missed;                /* by it: an answer could not be written */
    char after[QW_PART_AFTER]; /* where it is */
    char noticed[QW_PART_AFTER]; /* the notice that was looked at last */
    apr_time_t meeting;          /* oldest answer that it has met; 0: none */
    apr_time_t oldest;           /* and the one before it */
    apr_time_t sweep_due;        /* of the real clock */
    apr_time_t recent;           /* of the authority's: seen up to it */
    apr_time_t looked_at;        /* likewise */
    apr_time_t poll_due, retry_due, review_due, warn_due, log_due;
    apr_time_t crl_due;        /* after a CRL that failed, not before that, */
    apr_interval_time_t pause; /* and longer after the next one */
    const char *logged;        /* code of the problem that was logged last */
} qw_part_t;

/* The time of its authority; spki_hash of its issuer; how it answers. */
apr_time_t qw_part_now(const qw_part_t *part);
const char *qw_part_id(const qw_part_t *part);
qw_answers_t qw_part_answers(qw_part_t *part);

/* ---- answers (status_answers.c) ---- */

/* What was revoked, is issued lately, or has become old in its file. */
qw_problem_t *qw_part_notices(int *more, qw_part_t *part,
                              apr_pool_t *pool) QW_MUST_CHECK;
qw_problem_t *qw_part_recent(int *more, qw_part_t *part,
                             apr_pool_t *pool) QW_MUST_CHECK;
qw_problem_t *qw_part_sweep(int *more, qw_part_t *part,
                            apr_pool_t *pool) QW_MUST_CHECK;

/* ---- CRLs (status_crls.c) ---- */

qw_problem_t *qw_part_crls(int *more, qw_part_t *part,
                           apr_pool_t *pool) QW_MUST_CHECK;

/* ---- what both show is published (status_published.c) ---- */

qw_problem_t *qw_part_published(int *more, qw_part_t *part,
                                apr_pool_t *pool) QW_MUST_CHECK;

/* Warn of what is not, 12 and 20 of the 24 hours after it was asked for. */
qw_problem_t *qw_part_clock(int *more, qw_part_t *part,
                            apr_pool_t *pool) QW_MUST_CHECK;

#endif
