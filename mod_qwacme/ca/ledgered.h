/* ledgered.h -- one signature of the issuing key over something that has no
 * order: a CRL, the certificate of an OCSP responder. Written down before it is
 * made, as certificates are. Threads: one; the signer's. */
#ifndef QW_CA_LEDGERED_H
#define QW_CA_LEDGERED_H

#include "ca/issuing.h"
#include "model/ledger.h"

typedef struct {
    const qw_issuing_t *issuing;
    const char *kind;   /* QW_KIND_CRL or QW_KIND_OCSP */
    const char *serial; /* hex; number of a CRL */
    qw_digest_t digest;
    qw_bytes_t written; /* what the ledger keeps of it: TBS, or the digest */
    const char *crl_period;
    apr_time_t not_after;
    /* In the transaction that writes it down, or NULL. */
    qw_problem_t *(*begin)(qw_db_t *db, void *baton, apr_pool_t *pool);
    /* *DER, what the ledger keeps of SIGNATURE: it, or a certificate. */
    qw_problem_t *(*assemble)(qw_bytes_t *der, void *baton,
                              const qw_bytes_t *signature, apr_pool_t *pool);
    /* After the signature is in the spool: show it. */
    qw_problem_t *(*install)(void *baton, const qw_bytes_t *der,
                             apr_pool_t *pool);
    /* In the transaction that closes it, or NULL. */
    qw_problem_t *(*finish)(qw_db_t *db, void *baton, const char *attempt_id,
                            apr_pool_t *pool);
    void *baton;
} qw_ledgered_t;

/* Write down, sign, verify, spool, install, close. Issuance may be halted: status
 * goes on. CONFLICT from BEGIN is returned as it is. UNAVAILABLE if the key is
 * away; then nothing was written down. */
qw_problem_t *qw_ledgered_sign(const qw_ca_t *ca, const qw_ledgered_t *what,
                               apr_pool_t *pool) QW_MUST_CHECK;

#endif
