/* diagnose.h -- what validation would see of a name, without an order: every
 * witness is asked, and nothing is decided. Threads: any, after qw_check_init(). */
#ifndef QW_CHECK_DIAGNOSE_H
#define QW_CHECK_DIAGNOSE_H

#include "base/json.h"
#include "check/finding.h"
#include "model/authority.h"

/* *FINDINGS, an array in POOL, for DOMAIN (A-labels, lower case, without "*."), as
 * AUTHORITY's resolver, connections and perspectives see it, for the challenge
 * types that it offers. Each is an object: "finding", a qw_finding_name(); "args",
 * up to three strings, safe, for its words; and "perspective" where it is of one.
 * Addresses are vetted as in a validation. Returns within qw_diagnose_span().
 * What could not be looked at for a reason of ours is logged, and a finding. */
void qw_diagnose(json_t **findings, const qw_authority_t *authority,
                 const char *domain, apr_pool_t *pool);

/* The longest that a diagnosis for AUTHORITY takes, give or take a second. */
apr_interval_time_t qw_diagnose_span(const qw_authority_t *authority);

/* Push FINDING with arguments A, B and C (NULL: none) to FINDINGS. */
void qw_finding_add(json_t *findings, qw_finding_e finding, const char *a,
                    const char *b, const char *c);

#endif
