/* mpic_serve.h -- the Open MPIC API as a perspective speaks it: look at a name
 * for somebody else's primary. Threads: any, after qw_check_init(). */
#ifndef QW_CHECK_MPIC_SERVE_H
#define QW_CHECK_MPIC_SERVE_H

#include "model/authority.h"

/* *ANSWER, JSON in POOL, to the question in BODY, JSON of LEN bytes: what LOCAL
 * sees by its own resolver, with LOCAL's name as the perspective's code.
 * MALFORMED: no question of the API, or one for another kind of check. Another
 * problem: this perspective cannot look; it has no vote then. */
qw_problem_t *qw_mpic_serve(const char **answer, const qw_authority_t *local,
                            const char *body, apr_size_t len,
                            apr_pool_t *pool) QW_MUST_CHECK;

#endif
