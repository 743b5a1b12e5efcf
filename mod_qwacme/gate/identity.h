/* identity.h -- may this identity still stand in a certificate?
 * Threads: any. */
#ifndef QW_GATE_IDENTITY_H
#define QW_GATE_IDENTITY_H

#include "model/account.h"
#include "model/authority.h"
#include "x509/profile.h"

/* *IDENTITY of EXTERNAL in POOL. USER_ACTION_REQUIRED (instance: portal) if it
 * was verified longer ago than the policy clock allows, UNAUTHORIZED if it does
 * not fit PROFILE. BR-4.2.1 */
qw_problem_t *qw_gate_identity(qw_identity_t **identity,
                               const qw_authority_t *authority,
                               const qw_external_t *external,
                               const qw_profile_t *profile,
                               apr_pool_t *pool) QW_MUST_CHECK;

#endif
