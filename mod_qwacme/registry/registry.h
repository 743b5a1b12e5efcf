/* registry.h -- external accounts: what the command line and, later, the portal
 * may do. Every function runs inside the caller's transaction, checks its
 * input, writes its audit event, and works on one authority. Threads: as
 * qw_db_t. */
#ifndef QW_REGISTRY_REGISTRY_H
#define QW_REGISTRY_REGISTRY_H

#include "base/seal.h"
#include "model/authority.h"
#include "store/db_account.h"
#include "store/db_external.h"
#include "store/db_incident.h"
#include "store/db_limit.h"
#include "x509/profile.h"

/* Where and by whom. */
typedef struct {
    qw_db_t *db;
    const qw_authority_t *authority;
    const char *actor; /* "ctl:<user>" */
    apr_pool_t *pool;
} qw_registry_t;

/* ---- accounts (account.c) ------------------------------------------------ */

/* What an officer recorded. */
typedef struct {
    const char *name;
    const qw_identity_t *identity;
    const char *profiles;    /* words; each offered by the authority */
    apr_time_t verified_at;  /* not in the future, not older than 398 days */
    const char *verified_by; /* officer */
    const char *verified_method; /* of art. 24(1a): a, b, c or d */
    apr_time_t expires;          /* end of lifetime, in the future */
} qw_registration_t;

/* *ID of the new external account. INVALID_INPUT naming the attribute, the
 * value and the cure (identity against every profile asked for); CONFLICT if
 * the name is taken. */
qw_problem_t *qw_registry_create(const char **id, const qw_registry_t *r,
                                 const qw_registration_t *registration)
    QW_MUST_CHECK;

/* *EXTERNAL of KEY, an id or a name; NOT_FOUND. */
qw_problem_t *qw_registry_find(qw_external_t **external, const qw_registry_t *r,
                               const char *key) QW_MUST_CHECK;

/* A new verification of an account's identity. */
qw_problem_t *qw_registry_reverify(
    const qw_registry_t *r, const qw_external_t *external,
    const qw_registration_t *registration) QW_MUST_CHECK;

/* Change of state; REASON for the record. CONFLICT if it is in another, or if
 * it shall resume after it was compromised and was not verified since. */
qw_problem_t *qw_registry_move(const qw_registry_t *r,
                               const qw_external_t *external, qw_state_e to,
                               const char *reason) QW_MUST_CHECK;

/* *ID of a new account in TO, a test authority, with what EXTERNAL of FROM has now:
 * name, identity and its verification, lifetime, domain list, and those of its
 * profiles that TO offers. Neither terms nor KeyIDs nor ACME accounts; from then on
 * neither knows of the other. In one transaction: FROM->db is TO->db.
 * INVALID_INPUT if TO is of production or FROM itself; CONFLICT if EXTERNAL is not
 * active, or its name is taken there; and as of the functions for new accounts and
 * domains. */
qw_problem_t *qw_registry_copy_to_test(
    const char **id, const qw_registry_t *from, const qw_registry_t *to,
    const qw_external_t *external) QW_MUST_CHECK;

/* An operator agreed to the authority's terms of VERSION. */
qw_problem_t *qw_registry_agree(const qw_registry_t *r,
                                const qw_external_t *external,
                                const char *version) QW_MUST_CHECK;

/* ---- domain list (domains.c) --------------------------------------------- */

/* *DOMAIN as entered: its name may have U-labels. CONFLICT if it is on the list of
 * another account of the authority too, unless it may be SHARED. */
qw_problem_t *qw_registry_add_domain(qw_domain_t **domain,
                                     const qw_registry_t *r,
                                     const qw_external_t *external,
                                     const qw_domain_t *entry,
                                     int shared) QW_MUST_CHECK;
/* Could ENTRY be added, but for a review? *CANONICAL in R->pool: its A-labels. */
qw_problem_t *qw_registry_check_domain(const char **canonical,
                                       const qw_registry_t *r,
                                       const qw_external_t *external,
                                       const qw_domain_t *entry,
                                       int shared) QW_MUST_CHECK;
qw_problem_t *qw_registry_remove_domain(const qw_registry_t *r,
                                        const qw_external_t *external,
                                        const char *text) QW_MUST_CHECK;

/* *LISTED: 1 if the list of EXTERNAL_ID covers NAME (A-labels, "*." kept), allows
 * wildcard names there if it is one and, where AUTHORITY (NULL: none) has NAME
 * among those of high risk, was reviewed. A name that is not listed must cause
 * no traffic. */
qw_problem_t *qw_registry_lists(int *listed, qw_db_t *db,
                                const qw_authority_t *authority,
                                const char *external_id, const char *name,
                                apr_pool_t *pool) QW_MUST_CHECK;

/* ---- binding keys (bindings.c) ------------------------------------------- */

typedef struct {
    int max_uses;           /* 1 unless told */
    apr_time_t expires;     /* in the future */
    const char *algs;       /* words of HS256 HS384 HS512 */
    const char *thumbprint; /* the only account key it binds, or NULL */
} qw_binding_spec_t;

/* *KID and *MAC_KEY (43 characters of base64url; shown once, kept sealed). */
qw_problem_t *qw_registry_create_binding(
    const char **kid, const char **mac_key, const qw_registry_t *r,
    const qw_external_t *external, const qw_binding_spec_t *spec,
    const qw_seal_ring_t *ring) QW_MUST_CHECK;

/* Revoke KID; CASCADE suspends the ACME accounts that it bound. Those of a
 * suspended KeyID are suspended anyway. */
qw_problem_t *qw_registry_revoke_binding(const qw_registry_t *r,
                                         const char *kid,
                                         int cascade) QW_MUST_CHECK;

/* What people call KID: up to 64 printable characters, none to forget it.
 * NOT_FOUND, INVALID_INPUT. */
qw_problem_t *qw_registry_rename_binding(const qw_registry_t *r,
                                         const char *kid,
                                         const char *label) QW_MUST_CHECK;
/* KID binds no account from now on; those that it bound go on. NOT_FOUND; CONFLICT
 * if it is revoked, or has expired before. */
qw_problem_t *qw_registry_expire_binding(const qw_registry_t *r,
                                         const char *kid) QW_MUST_CHECK;

/* AAD of the sealed MAC key. */
const char *qw_binding_aad(const qw_binding_t *binding, apr_pool_t *pool);

/* *MAC_KEY of BINDING in POOL, wiped with it. */
qw_problem_t *qw_binding_open(qw_bytes_t *mac_key, const qw_binding_t *binding,
                              const qw_seal_ring_t *ring,
                              apr_pool_t *pool) QW_MUST_CHECK;

/* ---- suspension (suspension.c) -------------------------------------------- */

/* What can be suspended: SUBJECT of the functions below, and in events. */
#define QW_SUBJECT_EXTERNAL "external" /* with all of its ACME accounts */
#define QW_SUBJECT_ACCOUNT  "account"  /* an ACME account */
#define QW_SUBJECT_BINDING  "binding"  /* a KeyID, with those that it bound */

/* Stop SUBJECT ID (no name) at once, on every node; or let it act again. REASON
 * for the record. NOT_FOUND, CONFLICT, INVALID_INPUT. */
qw_problem_t *qw_registry_suspend(const qw_registry_t *r, const char *subject,
                                  const char *id,
                                  const char *reason) QW_MUST_CHECK;
qw_problem_t *qw_registry_resume(const qw_registry_t *r, const char *subject,
                                 const char *id,
                                 const char *reason) QW_MUST_CHECK;

/* ---- exceptions from limits (limits.c) ------------------------------------ */

/* For OVERRIDE->subject, an address, a domain, an ACME account's id, or
 * "account:" and the name of an external account. INVALID_INPUT. */
qw_problem_t *qw_registry_set_limit(
    const qw_registry_t *r, const qw_override_t *override) QW_MUST_CHECK;
qw_problem_t *qw_registry_remove_limit(const qw_registry_t *r, const char *name,
                                       const char *subject) QW_MUST_CHECK;

/* Let an ACME account try again to validate NAME, which is paused. NOT_FOUND. */
qw_problem_t *qw_registry_unpause(const qw_registry_t *r,
                                  const char *account_id,
                                  const char *name) QW_MUST_CHECK;

/* ---- incidents (incidents.c) ---------------------------------------------- */

/* Certificates with SERIALS (const char *, hex) are to be renewed at once, for
 * INCIDENT->name, which INCIDENT->url explains: a new incident, or more of one in
 * force (url NULL, or the same). INVALID_INPUT with a subproblem for each serial
 * that is no certificate's; CONFLICT if the incident was cleared. */
qw_problem_t *qw_registry_load_incident(
    const qw_registry_t *r, const qw_incident_t *incident,
    const apr_array_header_t *serials) QW_MUST_CHECK;
/* NOT_FOUND, CONFLICT. */
qw_problem_t *qw_registry_clear_incident(const qw_registry_t *r,
                                         const char *name) QW_MUST_CHECK;

#endif
