/* keyhash.h -- short hashes that lists of known keys name keys by.
 * Threads: any. */
#ifndef QW_X509_KEYHASH_H
#define QW_X509_KEYHASH_H

#include "base/bytes.h"
#include "base/own.h"

/* Kinds of hashes, as they stand in files: numbers and widths never change. */
typedef enum {
    /* Last 10 octets of the SHA-1 of "Modulus=" HEX LF, of openssl-blacklist. */
    QW_KEYHASH_MODULUS_SHA1 = 0,
    /* First 15 octets of the SHA-256 of the modulus, or of the x of a point,
     * without leading zeros, of badkeys: exponent and sign of y play no part. */
    QW_KEYHASH_NUMBER_SHA256 = 1,
    /* SHA-256 of the SubjectPublicKeyInfo, of pwnedkeys. */
    QW_KEYHASH_SPKI_SHA256 = 2,
    QW_KEYHASH_KINDS
} qw_keyhash_e;

enum { QW_KEYHASH_MOST = 32 };

/* Octets of a hash of KIND, and its name in listings. */
int qw_keyhash_width(qw_keyhash_e kind);
const char *qw_keyhash_name(qw_keyhash_e kind);

/* 1 and HASH of KIND; 0 if KEY has none such. */
int qw_keyhash(unsigned char hash[QW_KEYHASH_MOST], qw_keyhash_e kind,
               EVP_PKEY *key, apr_pool_t *pool);

/* The two of the number (modulus) whose octets are NUMBER. */
void qw_keyhash_number(unsigned char hash[QW_KEYHASH_MOST], qw_keyhash_e kind,
                       const qw_bytes_t *number, apr_pool_t *pool);

#endif
