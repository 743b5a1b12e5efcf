/* cert_id.h -- how RFC 9773 names a certificate. Threads: any. */
#ifndef QW_ACME_CERT_ID_H
#define QW_ACME_CERT_ID_H

#include "acme/call.h"
#include "base/bytes.h"

typedef struct {
    qw_bytes_t key_id; /* of the authority key identifier */
    qw_bytes_t serial; /* content of the INTEGER, leading zero kept */
} qw_cert_id_t;

/* 1 and *ID in POOL if TEXT is base64url of a key identifier, a dot, and
 * base64url of a positive serial number in DER. RFC9773-4.1 */
int qw_cert_id_parse(qw_cert_id_t *id, const char *text, apr_pool_t *pool);

/* *ISSUER (spki_hash) and *SERIAL (hex), as the ledger names them, of TEXT.
 * MALFORMED; NOT_FOUND if none of the site's issuers has that key. */
qw_problem_t *qw_cert_id_read(const char **issuer, const char **serial,
                              const qw_call_t *call,
                              const char *text) QW_MUST_CHECK;

#endif
