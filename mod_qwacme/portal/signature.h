/* signature.h -- was a change signed by a passkey? Asked of what is kept: long
 * after, and elsewhere. Threads: any. */
#ifndef QW_PORTAL_SIGNATURE_H
#define QW_PORTAL_SIGNATURE_H

#include "base/problem.h"
#include "model/person.h"

/* NULL if the passkey KEY signed the words of ACTION at the portal at PORTAL_URL,
 * with its user verified. MALFORMED, UNAUTHORIZED: what of it does not hold: the
 * words, the origin, the site, the user, or the signature. Of KEY its credential
 * id, algorithm and public key are looked at. */
qw_problem_t *qw_signature_check(const qw_action_t *action,
                                 const qw_authenticator_t *key,
                                 const char *portal_url,
                                 apr_pool_t *pool) QW_MUST_CHECK;

#endif
