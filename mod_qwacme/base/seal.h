/* seal.h -- AES-256-GCM for secrets at rest, HKDF for derived keys.
 * Threads: any; a ring is read-only once loaded. */
#ifndef QW_BASE_SEAL_H
#define QW_BASE_SEAL_H

#include "base/bytes.h"
#include "base/problem.h"

/* Keys by id; the first one of the file seals, every one opens. */
typedef struct qw_seal_ring_t qw_seal_ring_t;

/* The file that QwacmeSealKey names: lines "keyid base64url(32 bytes)", '#'
 * comments. Refused (INVALID_INPUT, naming path and line) if readable or
 * writable by group beyond read or by others, empty, or not of that form. */
qw_problem_t *qw_seal_ring_load(qw_seal_ring_t **ring, const char *path,
                                apr_pool_t *pool) QW_MUST_CHECK;

/* Write a new key file with one random key, mode 0600; refuses to overwrite.
 * For demo, tests and `qwacmectl seal-key create`. */
qw_problem_t *qw_seal_ring_create(const char *path,
                                  apr_pool_t *pool) QW_MUST_CHECK;

/* *SEALED: "keyid.base64url(nonce, ciphertext, tag)" in POOL. AAD is any text
 * that must be the same to open: authority, external account and KeyID. */
qw_problem_t *qw_seal(const char **sealed, const qw_seal_ring_t *ring,
                      const qw_bytes_t *secret, const char *aad,
                      apr_pool_t *pool) QW_MUST_CHECK;

/* *SECRET in POOL, wiped with it. SERVER_INTERNAL if the key id is unknown,
 * the text was changed, or AAD differs. */
qw_problem_t *qw_unseal(qw_bytes_t *secret, const qw_seal_ring_t *ring,
                        const char *sealed, const char *aad,
                        apr_pool_t *pool) QW_MUST_CHECK;

/* 32 bytes into OUT derived (HKDF-SHA256) from the sealing key for PURPOSE,
 * the same on every node with the same file. */
qw_problem_t *qw_seal_derive(unsigned char out[32], const qw_seal_ring_t *ring,
                             const char *purpose,
                             apr_pool_t *pool) QW_MUST_CHECK;

#endif
