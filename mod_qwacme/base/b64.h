/* b64.h -- base64url without padding (RFC 4648 section 5) and hex, strict; hashes
 * as hex.
 * Threads: any. */
#ifndef QW_BASE_B64_H
#define QW_BASE_B64_H

#include "base/bytes.h"

#include <apr_pools.h>

/* NUL-terminated text in POOL. */
const char *qw_b64url_encode(const unsigned char *data, apr_size_t len,
                             apr_pool_t *pool);

/* 1 and *OUT in POOL (a NUL follows OUT->data[OUT->len]) if TEXT is canonical
 * base64url: no padding, no other alphabet, no white space, no stray trailing
 * bits. 0 else. The empty text is zero bytes. RFC8555-6.1 */
int qw_b64url_decode(qw_bytes_t *out, const char *text, apr_pool_t *pool);

/* The same in the usual alphabet, padded (RFC 4648 section 4), as logs and
 * linters write it. */
const char *qw_b64_encode(const unsigned char *data, apr_size_t len,
                          apr_pool_t *pool);
int qw_b64_decode(qw_bytes_t *out, const char *text, apr_pool_t *pool);

/* Lower-case hex in POOL, and back (0 unless an even number of lower-case or
 * upper-case hex digits). */
const char *qw_hex_encode(const unsigned char *data, apr_size_t len,
                          apr_pool_t *pool);
int qw_hex_decode(qw_bytes_t *out, const char *text, apr_pool_t *pool);

/* Lower-case hex of the SHA-256 of LEN octets, in POOL; NULL if OpenSSL does not
 * have it, which its default provider always does. */
const char *qw_hex_sha256(const void *data, apr_size_t len, apr_pool_t *pool);

/* PEM (RFC 7468: LF, 64 columns, final newline) of DER under LABEL
 * ("CERTIFICATE"), in POOL. */
const char *qw_pem_encode(const char *label, const unsigned char *der,
                          apr_size_t len, apr_pool_t *pool);

#endif
