/* crl_make.h -- one CRL, made step by step in bounded memory: entries go into a
 * file as they are read. Threads: one; the signer's. */
#ifndef QW_CA_CRL_MAKE_H
#define QW_CA_CRL_MAKE_H

#include "ca/issuing.h"
#include "model/status.h"

typedef struct qw_crl_make_t qw_crl_make_t;

/* Which CRL. */
typedef struct {
    const char *period;  /* "": the full one */
    const qw_crl_t *old; /* what it comes after; NULL: it is the first */
    apr_int64_t above;   /* the greatest number of all CRLs of the issuer */
    apr_int64_t newest;  /* as qw_revocation_newest() said before */
    int last;            /* it is for ever */
} qw_crl_want_t;

/* Begin the CRL WANT of ISSUING. CRLs of an issuer, whatever their period, have
 * greater numbers than all that were made before, also by a node whose clock is
 * ahead. In POOL, which is cleared when it is done or given up. */
qw_problem_t *qw_crl_make_start(qw_crl_make_t **make, const qw_ca_t *ca,
                                const qw_issuing_t *issuing,
                                const qw_crl_want_t *want,
                                apr_pool_t *pool) QW_MUST_CHECK;

/* The next piece of it. *DONE: it is shown on this node, and what is on it for
 * the first time is noted. A problem ends it: then begin anew. CONFLICT: another
 * node was faster. SCRATCH is the step's. */
qw_problem_t *qw_crl_make_step(int *done, qw_crl_make_t *make,
                               apr_pool_t *scratch) QW_MUST_CHECK;

/* What it is about; listed is its number. */
const qw_crl_t *qw_crl_make_what(const qw_crl_make_t *make);

/* Close and remove its file. */
void qw_crl_make_end(qw_crl_make_t *make);

#endif
