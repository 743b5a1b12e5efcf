/* sct.h -- signed certificate timestamps, RFC 6962 section 3: precertificates,
 * what logs sign of them, and the list that a certificate carries.
 * Threads: any. */
#ifndef QW_X509_SCT_H
#define QW_X509_SCT_H

#include "base/bytes.h"
#include "base/json.h"
#include "base/own.h"

/* What a log's signature is over, besides the timestamp itself. */
typedef struct {
    qw_bytes_t tbs;         /* of the precertificate, with its poison */
    const char *issuer_key; /* hex SHA-256 of the issuer's SPKI */
} qw_sct_entry_t;

/* *SCT: the TLS structure SignedCertificateTimestamp in POOL, of a log's answer
 * to add-pre-chain (RFC6962-4.2); extensions are copied as they are, for logs of
 * the static API keep their leaf index there. MALFORMED, saying what is wrong. */
qw_problem_t *qw_sct_parse(qw_bytes_t *sct, const json_t *answer,
                           apr_pool_t *pool) QW_MUST_CHECK;

/* UNAUTHORIZED unless SCT is of version 1, of the log with LOG_ID (hex), and its
 * signature over ENTRY is good under the log's KEY (DER SPKI). */
qw_problem_t *qw_sct_verify(const qw_bytes_t *sct, const char *log_id,
                            const qw_bytes_t *key, const qw_sct_entry_t *entry,
                            apr_pool_t *pool) QW_MUST_CHECK;

/* *FINAL: PRECERT, a TBSCertificate with the poison extension, with the list of
 * SCTS (qw_bytes_t) in the poison's place and nothing else changed; without
 * SCTS, what logs sign. SERVER_INTERNAL if there is not one poison in it.
 * BR-7.1.2.9.1 */
qw_problem_t *qw_sct_embed(qw_bytes_t *final, const qw_bytes_t *precert,
                           const apr_array_header_t *scts,
                           apr_pool_t *pool) QW_MUST_CHECK;

#endif
