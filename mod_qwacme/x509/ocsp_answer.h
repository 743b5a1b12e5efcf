/* ocsp_answer.h -- what an OCSP responder answers: made, read and verified.
 * Threads: any. */
#ifndef QW_X509_OCSP_ANSWER_H
#define QW_X509_OCSP_ANSWER_H

#include "x509/issuer.h"

typedef enum {
    QW_OCSP_GOOD,
    QW_OCSP_REVOKED,
    QW_OCSP_UNKNOWN
} qw_ocsp_status_e;

typedef struct {
    qw_ocsp_status_e status;
    apr_time_t revoked_at; /* if revoked */
    int reason;            /* CRLReason; 0 or less: left out */
    const char *serial;    /* hex, as qw_ocsp_id_t.serial */
} qw_ocsp_single_t;

typedef struct {
    const char *digest; /* of the CertIDs: "sha1" or "sha256" */
    const qw_issuer_t *issuer;
    const qw_ocsp_single_t *singles;
    int n;                         /* at least 1 */
    qw_bytes_t responder_key_hash; /* SHA-1, as qw_ocsp_key_hash() makes it of
                                      the responder's key */
    apr_time_t produced_at, this_update;
    apr_time_t next_update;    /* QW_TIME_NEVER: the last answer of its kind */
    apr_time_t archive_cutoff; /* the issuer's notBefore; 0: left out */
    qw_bytes_t nonce;          /* of the request; data NULL: left out */
} qw_ocsp_answer_in_t;

/* *TBS in POOL: DER ResponseData of IN, times in whole seconds. RFC6960-4.2.1
 * A reason stands in the RevokedInfo and never in an extension (BR-7.3.2); the
 * archive cutoff stands with each certificate that is not unknown.
 * SERVER_INTERNAL if IN is not what the comments above say, or its times are
 * not in order. */
qw_problem_t *qw_ocsp_answer_make(qw_bytes_t *tbs,
                                  const qw_ocsp_answer_in_t *in,
                                  apr_pool_t *pool) QW_MUST_CHECK;

/* *DER in POOL: the OCSPResponse "successful" of TBS and the SIGNATURE over it
 * with the AlgorithmIdentifier SIG_ALG. RESPONDER_CERT: DER of the delegated
 * responder, NULL if the issuer itself signed. SERVER_INTERNAL if SIGNATURE is
 * empty. RFC6960-4.2.1 */
qw_problem_t *qw_ocsp_answer_assemble(qw_bytes_t *der, const qw_bytes_t *tbs,
                                      const qw_bytes_t *sig_alg,
                                      const qw_bytes_t *signature,
                                      const qw_bytes_t *responder_cert,
                                      apr_pool_t *pool) QW_MUST_CHECK;

/* Without a signature, static: DER of the OCSPResponse of STATUS 1
 * (malformedRequest), 3 (tryLater) or 6 (unauthorized); of 2 (internalError)
 * for every other. RFC6960-4.2.1 */
const qw_bytes_t *qw_ocsp_error(int status);

typedef struct {
    /* of the first certificate */
    qw_ocsp_id_t id;
    qw_ocsp_status_e status;
    apr_time_t this_update, next_update;
    apr_time_t revoked_at;     /* 0: not revoked */
    int reason;                /* 0: none */
    apr_time_t archive_cutoff; /* 0: none */
    /* of the whole */
    int n; /* certificates */
    apr_time_t produced_at;
    qw_bytes_t responder_key_hash;
    qw_bytes_t nonce;     /* data NULL: none */
    qw_bytes_t tbs;       /* what is signed */
    qw_bytes_t sig_alg;   /* DER AlgorithmIdentifier */
    qw_bytes_t signature; /* without the octet of unused bits */
    qw_bytes_t cert;      /* of the responder; data NULL: none */
} qw_ocsp_answer_t;

/* *FACTS in POOL, borrowing DER's octets: of a successful answer as
 * qw_ocsp_answer_assemble() writes it. MALFORMED for any other, also for what
 * RFC 6960 allows and we do not write: a responder by name, a single without
 * nextUpdate, other extensions, more than one certificate. */
qw_problem_t *qw_ocsp_answer_read(qw_ocsp_answer_t **facts,
                                  const qw_bytes_t *der,
                                  apr_pool_t *pool) QW_MUST_CHECK;

/* SERVER_INTERNAL unless DER reads as above, names the key of the DER SPKI as
 * its responder, and is signed by it with the algorithm of that key. Whether
 * the responder may speak for the issuer is not looked at. */
qw_problem_t *qw_ocsp_answer_verify(const qw_bytes_t *der,
                                    const qw_bytes_t *spki,
                                    apr_pool_t *pool) QW_MUST_CHECK;

#endif
