/* responder.h -- the certificate of a delegated OCSP responder. Threads: any. */
#ifndef QW_X509_RESPONDER_H
#define QW_X509_RESPONDER_H

#include "x509/issuer.h"

typedef struct {
    const qw_issuer_t *issuer;
    qw_bytes_t spki;       /* DER, of a kind that qw_spki_type() knows */
    qw_bytes_t serial;     /* 16 octets, positive, the first not 0 */
    apr_time_t not_before; /* within the issuer's validity */
    apr_time_t not_after;  /* cut at the issuer's */
} qw_responder_in_t;

/* *TBS in POOL: DER TBSCertificate for qw_cert_assemble(). Its subject is the
 * issuer's C, O and organizationIdentifier, byte for byte, and the common name
 * "<the issuer's> OCSP <yyyymmdd of notBefore>", of at most 64 characters: the
 * issuer's name is cut for that. Its purpose is OCSPSigning alone, and it is
 * not to be checked itself. RFC6960-4.2.2.2, BR-7.1.2.8 SERVER_INTERNAL if IN is
 * not what the comments above say, or the issuer has no common name. */
qw_problem_t *qw_responder_tbs(qw_bytes_t *tbs, const qw_responder_in_t *in,
                               apr_pool_t *pool) QW_MUST_CHECK;

/* SERVER_INTERNAL with the finding as cause unless TBS, parsed anew, says what
 * IN says and nothing else: the look at it before it is signed. */
qw_problem_t *qw_responder_lint(const qw_bytes_t *tbs,
                                const qw_responder_in_t *in,
                                apr_pool_t *pool) QW_MUST_CHECK;

#endif
