/* suits.h -- whether profiles and issuing CA of an authority suit each other, on
 * the day. Threads: any. */
#ifndef QW_CA_SUITS_H
#define QW_CA_SUITS_H

#include "model/authority.h"
#include "x509/issuer.h"

/* INVALID_INPUT with directive, value and cure if the profiles of AUTHORITY are
 * unknown, mix certificates that browsers trust with others, or (production)
 * are over by the policy clock. That they soon will be is a warning in the log.
 */
qw_problem_t *qw_profiles_suit(const qw_authority_t *authority,
                               apr_pool_t *pool) QW_MUST_CHECK;

/* The same if ISSUER, from the file PATH, may not issue for one of the profiles
 * of AUTHORITY, for others beside those of browsers, or has less than a day
 * left. Certificates that will be cut at its end are a warning in the log. */
qw_problem_t *qw_issuer_suits(const qw_authority_t *authority,
                              const qw_issuer_t *issuer, const char *path,
                              apr_pool_t *pool) QW_MUST_CHECK;

#endif
