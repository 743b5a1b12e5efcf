/* eab.h -- external account binding, RFC 8555 section 7.3.4. Threads: any. */
#ifndef QW_JOSE_EAB_H
#define QW_JOSE_EAB_H

#include "jose/jws.h"

typedef struct {
    const qw_jws_t *jws;
    const char *kid; /* KeyID */
    const char *alg; /* "HS256", "HS384" or "HS512" */
} qw_eab_t;

/* *EAB in POOL from the externalAccountBinding member. MALFORMED if it is not a
 * flattened JWS with a MAC algorithm, kid and url in its protected header and
 * no nonce or jwk, if its url is not NEW_ACCOUNT_URL, or if its payload is not
 * a public JWK. UNAUTHORIZED if that JWK is another key than OUTER. */
qw_problem_t *qw_eab_parse(qw_eab_t **eab, const json_t *binding,
                           const char *new_account_url, const qw_jwk_t *outer,
                           apr_pool_t *pool) QW_MUST_CHECK;

/* 1 if MAC_KEY made it; constant time, full length. */
int qw_eab_verify(const qw_eab_t *eab, const qw_bytes_t *mac_key);

#endif
