/* qwac2.h -- the certificate that signs TLS certificate bindings: a 2-QWAC,
 * ETSI TS 119 411-5 clause 4.2. Threads: any. */
#ifndef QW_X509_QWAC2_H
#define QW_X509_QWAC2_H

#include "base/bytes.h"
#include "base/problem.h"

/* NULL if DER is a 2-QWAC that is valid at WHEN and, if HOST is not NULL, whose
 * subjectAltName covers that name (A-labels): tls-binding as its only extended
 * key usage, QcCompliance, QcType web alone, policy QNCP-w-gen. MALFORMED,
 * saying what is wrong and the cure. Who issued it is for qw_path_check(). */
qw_problem_t *qw_qwac2_check(const qw_bytes_t *der, const char *host,
                             apr_time_t when, apr_pool_t *pool) QW_MUST_CHECK;

#endif
