/* webauthn.h -- what a browser's authenticator made, checked by libfido2
 * (W3C Web Authentication, level 2, sections 7.1 and 7.2). User verification is
 * always required. Threads: any. */
#ifndef QW_PORTAL_WEBAUTHN_H
#define QW_PORTAL_WEBAUTHN_H

#include "base/bytes.h"
#include "base/problem.h"
#include "model/person.h"

#include <apr_tables.h>

/* For whom passkeys are. Read-only once made. */
typedef struct {
    const char *origin;                /* "https://portal.qtsp.example:8443" */
    const char *rp_id;                 /* "portal.qtsp.example" */
    const apr_array_header_t *aaguids; /* of const char *: models that may be
                                          registered, proven by a packed
                                          attestation; empty: any */
    const apr_array_header_t *roots;   /* of qw_bytes_t, DER: who vouches for
                                          them */
} qw_relying_party_t;

/* What navigator.credentials.create() gave; base64url. */
typedef struct {
    const char *client_data; /* clientDataJSON */
    const char *attestation; /* attestationObject */
    const char *transports;  /* words; as told, for the record */
} qw_registration_answer_t;

/* What navigator.credentials.get() gave; base64url. */
typedef struct {
    const char *credential_id;
    const char *client_data;
    const char *authenticator_data;
    const char *signature;
} qw_assertion_t;

/* *CHALLENGE in POOL: base64url of SHA-256(NONCE, ACTION). The nonce makes it
 * new, the action (canonical JSON) is what is signed with it. */
qw_problem_t *qw_webauthn_challenge(const char **challenge, const char *nonce,
                                    const char *action,
                                    apr_pool_t *pool) QW_MUST_CHECK;

/* *MADE in POOL (without id, person and times) of ANSWER to CHALLENGE. MALFORMED
 * if it is no answer; UNAUTHORIZED if it is to something else, of a model that
 * may not be used at NOW, or not verified. ES256, EdDSA, RS256. */
qw_problem_t *qw_webauthn_register(qw_authenticator_t **made,
                                   const qw_relying_party_t *rp,
                                   const qw_registration_answer_t *answer,
                                   const char *challenge, apr_time_t now,
                                   apr_pool_t *pool) QW_MUST_CHECK;

/* *SIGN_COUNT of ASSERTION, which AUTHENTICATOR signed over CHALLENGE. Whether
 * the counter went up is for the store to say. MALFORMED, UNAUTHORIZED. */
qw_problem_t *qw_webauthn_verify(apr_int64_t *sign_count,
                                 const qw_relying_party_t *rp,
                                 const qw_assertion_t *assertion,
                                 const qw_authenticator_t *authenticator,
                                 const char *challenge,
                                 apr_pool_t *pool) QW_MUST_CHECK;

/* *HASH: SHA-256 of the client data CLIENT_DATA (base64url), which are of TYPE
 * ("webauthn.get"), for CHALLENGE, from the page of RP and no frame of another.
 * MALFORMED, UNAUTHORIZED. */
qw_problem_t *qw_client_data_check(unsigned char hash[32],
                                   const qw_relying_party_t *rp,
                                   const char *client_data, const char *type,
                                   const char *challenge,
                                   apr_pool_t *pool) QW_MUST_CHECK;

#endif
