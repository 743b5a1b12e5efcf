/* dossier.h -- everything that justified one certificate, in one document that can
 * be checked with nothing but the certificate of the audit key: BR-5.4.1.
 *
 *   {"dossier": {...}, "signature": CMS over the compact text of the first, in
 *    base64url}
 *
 * No secret is in it: of the binding key there is its KeyID and how it was used, of
 * the external account binding its event. Threads: as qw_db_t. */
#ifndef QW_AUDIT_DOSSIER_H
#define QW_AUDIT_DOSSIER_H

#include "audit/chain.h"
#include "model/authority.h"
#include "model/person.h"
#include "x509/cms.h"

/* What the dossier is about, and what only its maker knows. */
typedef struct {
    const qw_authority_t *authority;
    const qw_certificate_t *certificate;
    const char *chain_pem; /* of its issuer, issuing certificate first */
    apr_time_t now;        /* real clock */
} qw_dossier_about_t;

/* *DOSSIER in POOL: the document without its signature. Events that are sealed
 * under a checkpoint are in it with their places; later ones are not. */
qw_problem_t *qw_dossier_make(json_t **dossier, qw_db_t *db,
                              const qw_dossier_about_t *about,
                              apr_pool_t *pool) QW_MUST_CHECK;

/* *SIGNED in POOL: DOSSIER with its signature. */
qw_problem_t *qw_dossier_sign(json_t **signed_dossier, json_t *dossier,
                              const qw_cms_signer_t *signer,
                              apr_pool_t *pool) QW_MUST_CHECK;

/* NULL if the passkey KEY signed ACTION at the portal at PORTAL_URL; what of it does
 * not hold, else. The room portal has it. */
typedef qw_problem_t *(*qw_assertion_check_fn)(const qw_action_t *action,
                                               const qw_authenticator_t *key,
                                               const char *portal_url,
                                               apr_pool_t *pool);

/* *CHECKED (const char *): what holds; *FINDINGS (the same): what does not, empty
 * if SIGNED is as it was made and fits together. TRUSTED: certificates of audit
 * keys (qw_bytes_t). TIMESTAMP_ROOTS: as timestamp.h has it. CHECK: of
 * the changes that people signed. */
void qw_dossier_verify(apr_array_header_t **checked,
                       apr_array_header_t **findings, const json_t *signed_doc,
                       const apr_array_header_t *trusted,
                       const char *timestamp_roots, qw_assertion_check_fn check,
                       apr_pool_t *pool);

/* *STRETCHES (array) in POOL: ENTRIES (qw_seal_entry_t *, sorted) within the chain
 * of DB, from the first of each stretch to the next checkpoint; other events show
 * as digests. Entries behind the newest checkpoint are left out. */
qw_problem_t *qw_dossier_stretches(json_t **stretches, qw_db_t *db,
                                   const apr_array_header_t *entries,
                                   apr_pool_t *pool) QW_MUST_CHECK;

#endif
