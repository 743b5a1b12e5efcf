/* key.h -- issuing keys, by whatever OpenSSL can open. Used by the signer
 * process alone, after its fork. Threads: one. */
#ifndef QW_CA_KEY_H
#define QW_CA_KEY_H

#include "model/authority.h"
#include "x509/issuer.h"

typedef struct qw_key_t qw_key_t;

/* *KEY of CONF in POOL: a PEM file, a pkcs11: URI by the engine of that name,
 * or any other URI that OpenSSL's store opens. INVALID_INPUT, naming the URI
 * without its secrets, if it does not open or is not the key of ISSUER. */
qw_problem_t *qw_key_open(qw_key_t **key, const qw_issuer_conf_t *conf,
                          const qw_issuer_t *issuer,
                          apr_pool_t *pool) QW_MUST_CHECK;

/* NULL if KEY can be used. After a failed signature it is opened anew first:
 * UNAVAILABLE as long as that fails. Called before anything is written down, so
 * that a token that is away makes no orphans. */
qw_problem_t *qw_key_health(qw_key_t *key, apr_pool_t *pool) QW_MUST_CHECK;

/* *SIGNATURE over TBS in POOL. UNAVAILABLE; what the token did is not known. */
qw_problem_t *qw_key_sign(qw_bytes_t *signature, qw_key_t *key,
                          const qw_bytes_t *tbs,
                          apr_pool_t *pool) QW_MUST_CHECK;

#endif
