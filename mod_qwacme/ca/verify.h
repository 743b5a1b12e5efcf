/* verify.h -- do the witnesses agree: ledger, spool, certificates?
 * Threads: one. */
#ifndef QW_CA_VERIFY_H
#define QW_CA_VERIFY_H

#include "ca/issuing.h"
#include "store/db_ledger.h"

typedef struct {
    qw_attempt_count_t attempts;
    apr_int64_t spooled;          /* whole records */
    apr_array_header_t *findings; /* of const char *; empty: all is well */
} qw_verified_t;

/* Compare what CA's authorities have on record. Reads only. Rules: every issued
 * attempt has a DER over exactly what was written down, a certificate, a valid
 * order and, if it is of CA's node, a spool record; every orphan is revoked; every spool record belongs
 * to an attempt and carries its hash; the spool's chain is whole; every issuer
 * in the ledger is configured. */
qw_problem_t *qw_ledger_verify(qw_verified_t *verified, qw_ca_t *ca,
                               apr_pool_t *pool) QW_MUST_CHECK;

#endif
