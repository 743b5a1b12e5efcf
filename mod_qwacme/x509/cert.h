/* cert.h -- certificates that come from outside or are shown to people.
 * Threads: any. */
#ifndef QW_X509_CERT_H
#define QW_X509_CERT_H

#include "base/bytes.h"
#include "base/own.h"
#include "base/problem.h"

typedef struct {
    const char *serial; /* lower-case hex of the INTEGER's content bytes */
    qw_bytes_t issuer;  /* DER Name */
    const char *aki;    /* hex keyIdentifier, NULL if absent */
    qw_bytes_t spki;
    const char *spki_hash;   /* hex SHA-256 of spki */
    const char *fingerprint; /* hex SHA-256 of the DER */
    apr_time_t not_before, not_after;
} qw_cert_facts_t;

/* *FACTS in POOL of a DER certificate; MALFORMED if it is not strict DER. */
qw_problem_t *qw_cert_parse(qw_cert_facts_t **facts, const qw_bytes_t *der,
                            apr_pool_t *pool) QW_MUST_CHECK;

/* *TEXT for people, in POOL: subject, issuer, validity, names, key, policies
 * by name, qcStatements decoded, where status is. */
qw_problem_t *qw_cert_describe(const char **text, const qw_bytes_t *der,
                               apr_pool_t *pool) QW_MUST_CHECK;

#endif
