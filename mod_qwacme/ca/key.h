/* key.h -- issuing keys and keys of OCSP responders, by whatever OpenSSL can open. Used by the signer
 * process alone, after its fork. Threads: one, but for qw_keyring_enter(). */
#ifndef QW_CA_KEY_H
#define QW_CA_KEY_H

#include "model/authority.h"
#include "x509/issuer.h"

/* What the keys of one process share. */
typedef struct qw_keyring_t qw_keyring_t;
typedef struct qw_key_t qw_key_t;

/* A token is waited for at most WAIT. */
qw_problem_t *qw_keyring_make(qw_keyring_t **ring, apr_interval_time_t wait,
                              apr_pool_t *pool) QW_MUST_CHECK;

/* Keys in tokens are held by processes, which are forked when need be: any other
 * thread enters before it does anything but wait, and leaves afterwards, so that
 * no lock is held at a fork. Threads: any. */
void qw_keyring_enter(qw_keyring_t *ring);
void qw_keyring_leave(qw_keyring_t *ring);

/* The key of CONF, a PEM file, a pkcs11: URI by the engine of that name, or any
 * other URI that OpenSSL's store opens; not open yet. A file's key is held by
 * this process, any other by a process of its own that ends with POOL. */
qw_key_t *qw_key_make(qw_keyring_t *ring, const qw_issuer_conf_t *conf,
                      const qw_issuer_t *issuer, apr_pool_t *pool);

/* Open it. INVALID_INPUT, naming the URI without its secrets, if it does not open
 * or is not the key of its issuer; of a responder (CONF->for_ocsp), if it is that
 * key, or of no kind that we sign with. */
qw_problem_t *qw_key_open(qw_key_t *key, apr_pool_t *pool) QW_MUST_CHECK;

/* NULL if KEY can be used. A token is asked, unless it has just answered; if it
 * lost its session, or was away, the key is opened anew: with growing pauses
 * (a file's without), and never twice with a PIN that was refused, as tokens lock after a few.
 * UNAVAILABLE with the reason as cause. Called before anything is written down,
 * so that a token that is away makes no orphans. */
qw_problem_t *qw_key_health(qw_key_t *key, apr_pool_t *pool) QW_MUST_CHECK;

/* 1 if KEY is open and not away, as far as is known: nothing is asked. */
int qw_key_is_ready(const qw_key_t *key);

/* Why KEY is away, until it is back; NULL if it is not. */
const char *qw_key_away(const qw_key_t *key);

/* DER SubjectPublicKeyInfo of the key of a responder, good until it is opened anew;
 * data NULL until it is open. */
qw_bytes_t qw_key_public(const qw_key_t *key);

enum { QW_DIGEST_MOST = 64, QW_TBS_HASH_BYTES = 32 };

/* What an issuer signs of something, and what names it in the ledger. */
typedef struct {
    unsigned char digest[QW_DIGEST_MOST]; /* of the issuer's algorithm */
    unsigned digest_len;
    unsigned char tbs_hash[QW_TBS_HASH_BYTES]; /* SHA-256 */
} qw_digest_t;

/* *DIGEST of TBS as ISSUER signs it. */
void qw_digest_make(qw_digest_t *digest, const qw_issuer_t *issuer,
                    const qw_bytes_t *tbs);

/* *SIGNATURE over that in POOL. UNAVAILABLE; what the token did is not known. */
qw_problem_t *qw_key_sign(qw_bytes_t *signature, qw_key_t *key,
                          const qw_digest_t *digest,
                          apr_pool_t *pool) QW_MUST_CHECK;

#endif
