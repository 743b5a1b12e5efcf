/* mpic.h -- the Open MPIC API as its client speaks it: what perspectives are
 * asked, and what their answers are worth. Threads: any. */
#ifndef QW_CHECK_MPIC_H
#define QW_CHECK_MPIC_H

#include "base/bytes.h"
#include "check/check.h"
#include "check/quorum.h"

enum { QW_MPIC_ANSWER_MAX = 65536 };

/* One question of one attempt. */
typedef struct {
    const char *check;  /* "dcv" or "caa" */
    const char *target; /* domain; "*." before it if a wildcard's CAA */
    const char *trace;  /* of this attempt alone */
    const char *type;   /* dcv: challenge type */
    const qw_dcv_t *dcv;
    const apr_array_header_t *caa_identities; /* caa: of const char * */
} qw_mpic_ask_t;

/* JSON, in POOL, for a service that asks PERSPECTIVES of them. */
const char *qw_mpic_question(const qw_mpic_ask_t *ask, int perspectives,
                             apr_pool_t *pool);

/* Fill those of the N votes whose perspective is at URL from ANSWER, JSON
 * text. An answer to another question, a perspective that we do not
 * know, a second answer of one perspective count for nothing; whether a quorum
 * was met is for us to say, not for the service. */
void qw_mpic_count(qw_vote_t *votes, int n, const char *url,
                   const qw_bytes_t *answer, const qw_mpic_ask_t *ask,
                   apr_pool_t *pool);

/* Name of the challenge TYPE in the API, "acme-http-01", and back; NULL if it
 * has none. */
const char *qw_mpic_method(const char *type);
const char *qw_mpic_type(const char *method);

#endif
