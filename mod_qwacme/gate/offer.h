/* offer.h -- may certificates of this profile be made today, for these names?
 * Threads: any. */
#ifndef QW_GATE_OFFER_H
#define QW_GATE_OFFER_H

#include "model/authority.h"
#include "x509/profile.h"

/* 1 if the policy clock has ended, at NOW, what PROFILE consists of: use by TLS
 * clients, where browsers trust it. */
int qw_gate_is_ended(const qw_profile_t *profile, apr_time_t now);

/* INVALID_PROFILE if PROFILE is ended for AUTHORITY now. */
qw_problem_t *qw_gate_offer(const qw_authority_t *authority,
                            const qw_profile_t *profile,
                            apr_pool_t *pool) QW_MUST_CHECK;

/* REJECTED_IDENTIFIER if PROFILE needs a commonName and none of NAMES (const
 * char *) can be it: too long, or a wildcard. Nothing is ever cut. */
qw_problem_t *qw_gate_offer_names(const qw_profile_t *profile,
                                  const apr_array_header_t *names,
                                  apr_pool_t *pool) QW_MUST_CHECK;

#endif
