/* keylist.h -- files of keys that may serve nobody: weak ones, and those whose
 * private part is known. Made by qwacmectl, mapped by whoever asks.
 *
 * A file, numbers with the highest octet first:
 *
 *     8   "QWKEYS1\n"
 *     4   number of sections; 4 zero octets
 *     32  SHA-256 of all that follows
 *     16  for each section, by rising kind: 4 kind (keyhash.h), 4 octets of an
 *         entry, 8 number of entries
 *         the entries of each section, in the same order: hashes, rising, none
 *         twice, nothing between and nothing after them
 *
 * It is never changed in place, but replaced: whoever mapped the old one keeps
 * it until the next start. */
#ifndef QW_X509_KEYLIST_H
#define QW_X509_KEYLIST_H

#include "base/problem.h"
#include "x509/keyhash.h"

/* ---- asking. Threads: any ------------------------------------------------ */

typedef struct qw_keylist_t qw_keylist_t;

/* *LIST of the file at PATH, mapped until POOL goes; every octet of it is
 * checked. INVALID_INPUT with path, what is wrong and the cure. */
qw_problem_t *qw_keylist_open(qw_keylist_t **list, const char *path,
                              apr_pool_t *pool) QW_MUST_CHECK;

/* The same of octets that live as long as *LIST. */
qw_problem_t *qw_keylist_parse(qw_keylist_t **list, const qw_bytes_t *file,
                               const char *path,
                               apr_pool_t *pool) QW_MUST_CHECK;

/* 1 if KEY is listed under any kind of hash, and *KIND which, if KIND is not
 * NULL. Some microseconds, however long the list. */
int qw_keylist_has(const qw_keylist_t *list, EVP_PKEY *key, qw_keyhash_e *kind,
                   apr_pool_t *pool);

/* 1 if HASH is listed as one of KIND. */
int qw_keylist_has_hash(const qw_keylist_t *list, qw_keyhash_e kind,
                        const unsigned char *hash);

/* Number of entries of KIND. */
apr_size_t qw_keylist_count(const qw_keylist_t *list, qw_keyhash_e kind);

/* ---- making. Threads: one ------------------------------------------------ */

typedef struct qw_keylist_make_t qw_keylist_make_t;

/* An empty list to be filled, in POOL. */
qw_keylist_make_t *qw_keylist_make(apr_pool_t *pool);

/* One hash, or all of LIST. What is there already does no harm. */
void qw_keylist_add(qw_keylist_make_t *make, qw_keyhash_e kind,
                    const unsigned char *hash);
void qw_keylist_add_list(qw_keylist_make_t *make, const qw_keylist_t *list);

/* What was found in a foreign list. */
typedef struct {
    apr_size_t hashes;  /* taken from lines or records */
    apr_size_t keys;    /* taken from PEM or "Modulus=" lines */
    apr_size_t skipped; /* keys of kinds that nobody can use here */
} qw_keylist_found_t;

/* Add the entries of the octets FILE, which WHERE names, to MAKE, and to the
 * counts of *FOUND. By what it looks like: a file of ours; badkeys'
 * blocklist.dat; lines of 20 or 40 hex digits (openssl-blacklist,
 * also as JSON), 30 or 32 (badkeys), 64 (SHA-256 of the SPKI), "Modulus=" and
 * hex digits; '#' starts a comment; or PEM of keys, certificates and requests,
 * whatever stands around it.
 * INVALID_INPUT with WHERE and the line. */
qw_problem_t *qw_keylist_read(qw_keylist_make_t *make,
                              qw_keylist_found_t *found, const qw_bytes_t *file,
                              const char *where,
                              apr_pool_t *pool) QW_MUST_CHECK;

/* *KEYS: of EVP_PKEY *, owned by POOL, in the PEM of FILE: keys, certificates,
 * requests. INVALID_INPUT as above, also if there is none. */
qw_problem_t *qw_keylist_keys(apr_array_header_t **keys, const qw_bytes_t *file,
                              const char *where,
                              apr_pool_t *pool) QW_MUST_CHECK;

/* The octets of a file of what MAKE holds, in POOL. */
qw_bytes_t qw_keylist_bytes(qw_keylist_make_t *make, apr_pool_t *pool);

/* Put it at PATH, in one step: whoever opens PATH finds the old file or the
 * new one. INVALID_INPUT. */
qw_problem_t *qw_keylist_write(qw_keylist_make_t *make, const char *path,
                               apr_pool_t *pool) QW_MUST_CHECK;

#endif
