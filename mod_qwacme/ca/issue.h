/* issue.h -- from order to certificate: gate, write-ahead, signature, record.
 * Threads: one; the signer's. */
#ifndef QW_CA_ISSUE_H
#define QW_CA_ISSUE_H

#include "ca/issuing.h"
#include "model/ledger.h"
#include "x509/csr.h"

/* What will be signed, before it is written down. */
typedef struct {
    const char *kind;            /* QW_KIND_CERT or QW_KIND_PRECERT */
    const unsigned char *serial; /* kept once linters saw it */
    apr_time_t at;               /* likewise: of the authority's clock */
    qw_bytes_t linted;           /* what they saw; data NULL: nothing */
    json_t *findings;            /* of theirs, or NULL */
    int dry_run;                 /* it ends here */
    const char *profile;         /* of certificates */
    const char *profile_hash;
    apr_int64_t identity_version;
    const char *crl_period;
    apr_time_t not_after;
    const char *spki_hash; /* of the subscriber's key */
} qw_draft_t;

/* One order to be issued, and what came of it. */
typedef struct {
    qw_issuing_t *issuing;
    const char *account_id;
    const char *order_id;
    const char *csr_text; /* base64url, for the record */
    qw_csr_t *csr;
    const char *precert_id; /* attempt whose certificate is due; then there is
                               neither account nor CSR */
    apr_pool_t *pool;       /* of the request */
    qw_problem_t *problem;  /* NULL: the order is valid, processing while its
                               precertificate is logged, or invalid after a dry
                               run */

    /* while it is under way: NULL until it is written down */
    qw_draft_t draft;
    qw_attempt_t *attempt;
    qw_bytes_t tbs;
    qw_bytes_t der;
} qw_issue_t;

enum { QW_ISSUE_BATCH = 16 };

/* Issue for the N requests of BATCH: one write-ahead transaction, one sync of
 * the spool, one closing transaction for all of them. Each gets its own
 * problem. SCRATCH is the batch's. */
void qw_issue_batch(qw_ca_t *ca, qw_issue_t **batch, int n,
                    apr_pool_t *scratch);

#endif
