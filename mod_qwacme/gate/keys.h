/* keys.h -- whose keys are whose: the database's half of the check of a key.
 * What can be told from the key alone, qw_keycheck() has told before.
 * Threads: as qw_db_t. */
#ifndef QW_GATE_KEYS_H
#define QW_GATE_KEYS_H

#include "base/bytes.h"
#include "model/account.h"
#include "store/store.h"
#include "x509/keycheck.h"

/* The names of one public key. */
typedef struct {
    const char *spki_hash;  /* hex SHA-256 of the SPKI */
    const char *thumbprint; /* RFC 7638 */
} qw_key_id_t;

/* *ID in POOL of KEY. BAD_PUBLIC_KEY if it is of a kind that is not taken. */
qw_problem_t *qw_key_id(qw_key_id_t *id, EVP_PKEY *key,
                        apr_pool_t *pool) QW_MUST_CHECK;

/* 1 if TEXT is the SHA-256 of an SPKI: 64 hex digits in any case. */
int qw_key_is_hash(const char *text);

/* *ID in POOL of the one key in TEXT, the PEM of a key, a certificate or a request.
 * INVALID_INPUT, naming NAME, if it has none or several. */
qw_problem_t *qw_key_read(qw_key_id_t *id, const qw_bytes_t *text,
                          const char *name, apr_pool_t *pool) QW_MUST_CHECK;

/* May KEY become an account's? BAD_PUBLIC_KEY if it is blocked, or in a
 * certificate. */
qw_problem_t *qw_gate_account_key(qw_db_t *db, const qw_key_id_t *key,
                                  apr_pool_t *pool) QW_MUST_CHECK;

/* May KEY be in a certificate for ACCOUNT? BAD_CSR if it is blocked, the key of
 * any account, or in a certificate of another subscriber. */
qw_problem_t *qw_gate_certificate_key(qw_db_t *db, const qw_key_id_t *key,
                                      const qw_account_t *account,
                                      apr_pool_t *pool) QW_MUST_CHECK;

/* BAD_CSR if the key of SPKI_HASH is blocked. */
qw_problem_t *qw_gate_unblocked(qw_db_t *db, const char *spki_hash,
                                apr_pool_t *pool) QW_MUST_CHECK;

/* Blocking one key, and whom that hits. */
typedef struct {
    qw_key_id_t key;
    const char *why;                  /* for officers */
    apr_array_header_t *certificates; /* out: qw_certificate_t * that have it,
                                         neither revoked nor expired; also of
                                         precertificates, attempt_id NULL */
    apr_array_header_t *accounts;     /* out: qw_account_t * of it */
    int is_new;                       /* out: it was not blocked yet */
} qw_blocking_t;

/* Block BLOCKING->key for good from NOW on, inside the caller's transaction:
 * it gets no certificate and no account, and accounts of it only revoke. */
qw_problem_t *qw_gate_block_key(qw_db_t *db, qw_blocking_t *blocking,
                                apr_time_t now, apr_pool_t *pool) QW_MUST_CHECK;

/* Tell the log, as an error: somebody must act. After the transaction; not a
 * second time. */
void qw_gate_alert(const qw_blocking_t *blocking, apr_pool_t *pool);

#endif
