/* acme_id.h -- the certificate that answers a tls-alpn-01 challenge.
 * Threads: any. */
#ifndef QW_X509_ACME_ID_H
#define QW_X509_ACME_ID_H

#include "base/bytes.h"
#include "base/problem.h"

/* NULL if DER is what RFC8737-3 asks for: self-issued, one subjectAltName with
 * DOMAIN as its only dNSName and nothing else, one critical acmeIdentifier with
 * DIGEST, the 32 bytes of the key authorization's SHA-256. Else UNAUTHORIZED, saying what is wrong. No signature
 * is verified: the digest is the proof. OpenSSL's error queue is left empty. */
qw_problem_t *qw_acme_id_check(const qw_bytes_t *der, const char *domain,
                               const unsigned char *digest,
                               apr_pool_t *pool) QW_MUST_CHECK;

#endif
