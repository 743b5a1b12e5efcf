/* jws.h -- flattened JSON JWS as RFC 8555 section 6.2 allows it, strictly.
 * Threads: any. */
#ifndef QW_JOSE_JWS_H
#define QW_JOSE_JWS_H

#include "jose/jwk.h"

/* Parsed, not verified. All of it lives in the pool it was parsed into. */
typedef struct {
    json_t *header;    /* the protected header, an object */
    const char *alg;   /* never NULL */
    const char *nonce; /* NULL if absent; also kid, url, jwk */
    const char *url;
    const char *kid;
    json_t *jwk;        /* object, borrowed from header */
    qw_bytes_t payload; /* decoded; len 0 for POST-as-GET */
    qw_bytes_t input;   /* ASCII of protected "." payload: what is signed */
    qw_bytes_t signature;
} qw_jws_t;

/* *JWS in POOL from BODY. MALFORMED for anything but exactly the members
 * protected, payload and signature: "signatures", "header", other members, any
 * "crit" or "b64" or "zip", padding, non-canonical base64url, non-string alg,
 * nonce, url or kid. The algorithm is not judged here. */
qw_problem_t *qw_jws_parse(qw_jws_t **jws, const char *body, apr_size_t len,
                           apr_pool_t *pool) QW_MUST_CHECK;

/* The same from an object: the inner JWS of keyChange and of a binding. */
qw_problem_t *qw_jws_from_object(qw_jws_t **jws, const json_t *object,
                                 apr_pool_t *pool) QW_MUST_CHECK;

/* BAD_SIGNATURE_ALGORITHM unless ALG is one of ES256, ES384, ES512, RS256,
 * EdDSA. Before any key lookup. */
qw_problem_t *qw_jws_check_alg(const qw_jws_t *jws,
                               apr_pool_t *pool) QW_MUST_CHECK;

/* NULL if JWK signed it. BAD_SIGNATURE_ALGORITHM if alg does not fit the key,
 * MALFORMED if the signature is wrong in form or value. */
qw_problem_t *qw_jws_verify(const qw_jws_t *jws, const qw_jwk_t *jwk,
                            apr_pool_t *pool) QW_MUST_CHECK;

/* What badSignatureAlgorithm lists (RFC8555-6.2): ends with NULL. */
extern const char *const qw_jws_algorithms[];

/* The payload as an object; MALFORMED if it is none. */
qw_problem_t *qw_jws_payload_object(json_t **object, const qw_jws_t *jws,
                                    apr_pool_t *pool) QW_MUST_CHECK;

#endif
