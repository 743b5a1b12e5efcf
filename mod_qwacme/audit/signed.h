/* signed.h -- inside audit: the changes that people signed at the portal, in a
 * dossier. A member "signedAction" (of approvals also "requestAction") of what was
 * confirmed, created or approved names the one that did it:
 *
 *   "signedActions": [{"id","at","person","passkey","action" (canonical JSON, as
 *                      text),"nonce","clientData","authenticatorData","signature",
 *                      "proof"}]
 *   "passkeys":      [{"id","person","name","role","scope","credentialId",
 *                      "algorithm","publicKey","aaguid","attestation","created",
 *                      "subject"}]
 *
 * An entry of the domain list that another one approved names that as
 * "reviewAction". What a login that httpd saw confirmed has a "proof" in place of a
 * signature, and its "passkey" a "subject".
 * Threads: one. */
#ifndef QW_AUDIT_SIGNED_H
#define QW_AUDIT_SIGNED_H

#include "audit/dossier.h"
#include "store/db_seal.h"

/* Put them into DOSSIER, which has everything else but events, and the events by
 * which the passkeys were registered into ENTRIES (qw_seal_entry_t *). */
qw_problem_t *qw_signed_put(json_t *dossier, apr_array_header_t *entries,
                            qw_db_t *db, apr_pool_t *pool) QW_MUST_CHECK;

/* One thing that somebody answers for, in a dossier. */
typedef struct {
    json_t *object;     /* borrowed */
    const char *what;   /* for people: "domain a.test" */
    const char *actor;  /* "portal:<person>": others sign nothing */
    const char *member; /* of OBJECT: the id of the signed action */
    const char *kinds;  /* words: what the action may be */
    apr_time_t until;   /* it was signed before; 0: not known */
    int row;            /* of the table of all */
} qw_signed_want_t;

/* *WANTS (qw_signed_want_t) of DOSSIER, in POOL: those that somebody of the portal
 * answers for. */
void qw_signed_wants(apr_array_header_t **wants, const json_t *dossier,
                     apr_pool_t *pool);

/* NULL if ACTION, what was signed, says what WANT's object says; else what is
 * different, in POOL. */
const char *qw_signed_differs(const qw_signed_want_t *want,
                              const json_t *action, const json_t *dossier,
                              apr_pool_t *pool);

/* NULL if each passkey of DOSSIER was registered by a sealed event in it. */
qw_problem_t *qw_signed_check_passkeys(const json_t *dossier,
                                       apr_pool_t *pool) QW_MUST_CHECK;

/* NULL if CHECK accepts each signed action of DOSSIER as its passkey's, or its proof is
 * of it and of its login, and has a sealed event in DOSSIER. */
qw_problem_t *qw_signed_check_signatures(const json_t *dossier,
                                         qw_assertion_check_fn check,
                                         apr_pool_t *pool) QW_MUST_CHECK;

/* NULL if whoever answers for something in DOSSIER has signed just that. What a
 * test authority has may be a copy that was signed elsewhere. */
qw_problem_t *qw_signed_check_wants(const json_t *dossier,
                                    apr_pool_t *pool) QW_MUST_CHECK;

#endif
