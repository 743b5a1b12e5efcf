/* crl_make.h -- one CRL, made step by step in bounded memory: entries go into a
 * file as they are read. Threads: one; the signer's. */
#ifndef QW_CA_CRL_MAKE_H
#define QW_CA_CRL_MAKE_H

#include "ca/issuing.h"
#include "model/status.h"

typedef struct qw_crl_make_t qw_crl_make_t;

/* Begin the CRL of ISSUING for PERIOD, after the one of OLD (NULL: the first).
 * LAST: it is for ever. In POOL, which is cleared when it is done or given up. */
qw_problem_t *qw_crl_make_start(qw_crl_make_t **make, const qw_ca_t *ca,
                                const qw_issuing_t *issuing, const char *period,
                                const qw_crl_t *old, int last,
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
