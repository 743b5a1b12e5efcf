/* demo_ca.h -- a root and an issuing CA for demonstrations and tests.
 * Threads: any. */
#ifndef QW_X509_DEMO_CA_H
#define QW_X509_DEMO_CA_H

#include "base/problem.h"

typedef struct {
    const char *dir;
    const char *organization, *orgid, *country; /* of both subjects */
    const char *key_type; /* "P-256", "P-384", "P-521", "RSA-2048", "RSA-3072",
                             "RSA-4096" */
    const char *profiles; /* words: what the issuing CA is for; NULL: TLS
                             servers */
} qw_demo_ca_t;

/* Makes the directory (0700) if it is not there, and writes root.pem,
 * root-key.pem, issuing.pem, issuing-key.pem and bundle.pem (issuing CA, then
 * root) into it; keys with mode 0600. Both subjects have a CN with "Demo".
 * INVALID_INPUT for a bad argument or if one of the files exists: nothing is
 * overwritten. */
qw_problem_t *qw_demo_ca_make(const qw_demo_ca_t *wanted,
                              apr_pool_t *pool) QW_MUST_CHECK;

#endif
