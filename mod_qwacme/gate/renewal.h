/* renewal.h -- when a certificate should be renewed. RFC 9773. Threads: any. */
#ifndef QW_GATE_RENEWAL_H
#define QW_GATE_RENEWAL_H

#include "model/authority.h"
#include "model/ledger.h"

typedef struct {
    apr_time_t start, end;
} qw_window_t;

/* *WINDOW at NOW. Half of the slice of its lifetime that AUTHORITY sets, at a
 * place that is the certificate's own, so that not all come at once. Earlier if
 * the gate would refuse by then: the identity too old, the external account at
 * the end of its lifetime. In the past if it is revoked or in an incident. */
void qw_renewal_window(qw_window_t *window, const qw_renewal_t *renewal,
                       const qw_authority_t *authority, apr_time_t now);

#endif
