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

/* 1 if browsers ask for proof that a certificate was logged. CRP-1.3.4.1 */
int qw_profile_needs_ct(const qw_profile_t *profile);

/* 1 if browsers trust it, so that the CA/Browser Forum's and root programmes'
 * rules bind it beside ETSI's. */
int qw_profile_is_browsers(const qw_profile_t *profile);

/* 1 if a certificate of it may be used by TLS clients. */
int qw_profile_has_client_auth(const qw_profile_t *profile);

/* Days that a certificate of it may live, whatever the policy clock allows. */
int qw_profile_max_days(const qw_profile_t *profile);

/* NULL if PROFILE needs no commonName, or one of NAMES (const char *) can be
 * it; INVALID_INPUT else. */
qw_problem_t *qw_profile_check_names(const qw_profile_t *profile,
                                     const apr_array_header_t *names,
                                     apr_pool_t *pool) QW_MUST_CHECK;

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
