/* perspectives.h -- what other places of the Internet see of a name, BR-3.2.2.9.
 * Threads: any. */
#ifndef QW_CHECK_PERSPECTIVES_H
#define QW_CHECK_PERSPECTIVES_H

#include "check/check.h"

/* One attempt that the primary has found good, control and CAA. */
typedef struct {
    const qw_dcv_t *dcv; /* its authority has the perspectives */
    const char *type;    /* challenge type */
    int wildcard;
} qw_corroboration_t;

/* Ask every perspective of the authority for both, at the same time, and wait
 * for all until its perspective timeout. NULL: each has its quorum, or the
 * authority, a test one, has no perspective. UNAUTHORIZED or CAA: too many say
 * otherwise. UNAVAILABLE: too few answered. SERVER_INTERNAL: a production
 * authority has fewer than today's rule asks for. EVIDENCE gets "perspectives":
 * for "dcv" and "caa" the quorum, "5/6", and each answer. */
qw_problem_t *qw_corroborate(json_t *evidence, const qw_corroboration_t *what,
                             apr_pool_t *pool) QW_MUST_CHECK;

#endif
