/* caa_again.h -- CAA records that were looked at too long ago. Threads: any. */
#ifndef QW_ACME_CAA_AGAIN_H
#define QW_ACME_CAA_AGAIN_H

#include "acme/call.h"

/* Before the call's order is signed: each of its names whose CAA records would
 * be too old is looked at again, each by itself, within one validation timeout;
 * what was found is recorded. CAA with a subproblem for each name that is
 * refused; DNS with one for each whose records are not known. No lock or
 * transaction is held meanwhile. BR-3.2.2.8 */
qw_problem_t *qw_caa_again(const qw_call_t *call) QW_MUST_CHECK;

#endif
