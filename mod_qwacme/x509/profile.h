/* profile.h -- certificate profiles: one row of profile.def each, from the
 * fact sheet's decision table. Threads: any. */
#ifndef QW_X509_PROFILE_H
#define QW_X509_PROFILE_H

#include "base/bytes.h"
#include "x509/identity.h"

typedef struct qw_profile_t qw_profile_t;

/* Profile of NAME ("qevcp-w"), or NULL. */
const qw_profile_t *qw_profile_find(const char *name);

/* By number from 0; NULL after the last. */
const qw_profile_t *qw_profile_at(int n);

const char *qw_profile_name(const qw_profile_t *profile);
const char *qw_profile_title(const qw_profile_t *profile); /* for people */
int qw_profile_allows_wildcard(const qw_profile_t *profile);
int qw_profile_needs_ct(const qw_profile_t *profile); /* browsers want it */

/* Hex SHA-256 over everything the row decides: pinned by the order. */
const char *qw_profile_hash(const qw_profile_t *profile, apr_pool_t *pool);

/* NULL if IDENTITY can fill the subject of PROFILE. INVALID_INPUT with one
 * subproblem for each attribute that is missing, forbidden, too long, in the
 * wrong syntax (organizationIdentifier against country and registration
 * number, business category, placeholder values). Called when an identity is
 * entered and again before each signature. */
qw_problem_t *qw_profile_check_identity(const qw_profile_t *profile,
                                        const qw_identity_t *identity,
                                        apr_pool_t *pool) QW_MUST_CHECK;

#endif
