/* gate.h -- the one place that says yes: before an order is taken, and again
 * inside the signing transaction, right before each signature.
 * Threads: as qw_db_t. */
#ifndef QW_GATE_GATE_H
#define QW_GATE_GATE_H

#include "model/authority.h"
#include "model/order.h"
#include "registry/registry.h"
#include "x509/csr.h"
#include "x509/keycheck.h"

/* May ACCOUNT act at all: deactivated or revoked -> ACCOUNT_DEACTIVATED; its
 * key blocked, it, its KeyID or its external account suspended, that closed or
 * past its lifetime -> ACCOUNT_SUSPENDED with instance = portal. Its joined
 * members are read. */
qw_problem_t *qw_gate_may_act(const qw_authority_t *authority,
                              const qw_account_t *account,
                              apr_pool_t *pool) QW_MUST_CHECK;

/* The same of account ACCOUNT_ID as it is now: for transactions that end what
 * began with an account that might act. NOT_FOUND. */
qw_problem_t *qw_gate_still_acts(qw_db_t *db, const qw_authority_t *authority,
                                 const char *account_id,
                                 apr_pool_t *pool) QW_MUST_CHECK;

/* Has ACCOUNT agreed to the authority's present terms? USER_ACTION_REQUIRED. */
qw_problem_t *qw_gate_has_agreed(const qw_authority_t *authority,
                                 const qw_account_t *account,
                                 apr_pool_t *pool) QW_MUST_CHECK;

/* May ACCOUNT order NAMES (const char *, parsed, "*." kept) under *PROFILE?
 * WANTED: name the client asked for, of a dry run too where AUTHORITY offers
 * those, or NULL; *PROFILE: the one it gets.
 * ACCOUNT_*, USER_ACTION_REQUIRED, INVALID_PROFILE, REJECTED_IDENTIFIER with a
 * subproblem for each refused name (not listed, wildcard not allowed by list or
 * profile), UNAUTHORIZED if the identity is too old or does not fit. */
qw_problem_t *qw_gate_may_order(const qw_profile_t **profile, qw_db_t *db,
                                const qw_authority_t *authority,
                                const qw_account_t *account,
                                const apr_array_header_t *names,
                                const char *wanted,
                                apr_pool_t *pool) QW_MUST_CHECK;

/* Everything a signature rests on, as read in the signing transaction. */
typedef struct {
    qw_order_t *order;
    qw_account_t *account;
    qw_external_t *external;
    qw_identity_t *identity;
    const qw_profile_t *profile;
    int dry_run;               /* nothing is to be signed */
    apr_array_header_t *names; /* of const char * */
} qw_permit_t;

/* May order ORDER_ID of ACCOUNT_ID be signed for the key of CSR, now? Re-reads
 * and re-checks all: order ready and unexpired (ORDER_NOT_READY), account,
 * external account, terms, list, identity and its age, profile and its pinned
 * hash, each name proven by a valid authorization young enough, CSR names
 * (BAD_CSR), key as of qw_gate_certificate_key() (BAD_CSR). */
qw_problem_t *qw_gate_may_sign(qw_permit_t **permit, qw_db_t *db,
                               const qw_authority_t *authority,
                               const char *account_id, const char *order_id,
                               const qw_csr_t *csr,
                               apr_pool_t *pool) QW_MUST_CHECK;

/* May order ORDER_ID, whose precertificate for the key of SPKI_HASH is logged,
 * have its certificate now? Who asks, for which names and under which profile is
 * checked again; control of the names is not (BR-3.2.2.8: CAA was looked at for
 * the precertificate). ORDER_NOT_READY unless the order is processing. */
qw_problem_t *qw_gate_may_complete(qw_permit_t **permit, qw_db_t *db,
                                   const qw_authority_t *authority,
                                   const char *order_id, const char *spki_hash,
                                   apr_pool_t *pool) QW_MUST_CHECK;

#endif
