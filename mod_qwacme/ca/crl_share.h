/* crl_share.h -- a CRL that one node has made, on every node: through the
 * database, where there are several. Threads: one; the signer's. */
#ifndef QW_CA_CRL_SHARE_H
#define QW_CA_CRL_SHARE_H

#include "ca/issuing.h"
#include "model/status.h"

/* This node has made CRL->listed; if there are others, they can have it. */
qw_problem_t *qw_crl_share_give(const qw_ca_t *ca, const qw_issuing_t *issuing,
                                const qw_crl_t *crl,
                                apr_pool_t *pool) QW_MUST_CHECK;

/* *THERE: this node shows CRL->listed, or does now. */
qw_problem_t *qw_crl_share_fetch(int *there, const qw_ca_t *ca,
                                 const qw_issuing_t *issuing,
                                 const qw_crl_t *crl,
                                 apr_pool_t *pool) QW_MUST_CHECK;

#endif
