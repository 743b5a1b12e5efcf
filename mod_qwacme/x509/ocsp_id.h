/* ocsp_id.h -- how OCSP names a certificate, and the hashes of an issuer's name
 * and key that are in it. Threads: any. */
#ifndef QW_X509_OCSP_ID_H
#define QW_X509_OCSP_ID_H

#include "x509/der.h"

enum { QW_OCSP_SHA1, QW_OCSP_SHA256, QW_OCSP_HASHES };

/* A CertID. RFC6960-4.1.1 */
typedef struct {
    const char *digest; /* "sha1" or "sha256", static; NULL: another, which none
                           of our issuers is known by */
    qw_bytes_t name_hash, key_hash; /* borrowed from what was parsed */
    const char *serial; /* lower-case hex of the INTEGER's content, as
                           qw_cert_facts_t.serial is written */
} qw_ocsp_id_t;

/* Number of "sha1" and "sha256"; -1 of another, and of NULL. */
int qw_ocsp_hash_of(const char *digest);

/* Octets of hash number HASH. */
apr_size_t qw_ocsp_hash_size(int hash);

/* 1 and *OUT in POOL: BYTES hashed by hash number HASH. 0 if OpenSSL, whose
 * error queue is then empty, does not have it. */
int qw_ocsp_digest(qw_bytes_t *out, int hash, const qw_bytes_t *bytes,
                   apr_pool_t *pool);

/* The same of the public key in the DER SPKI: of its BIT STRING without tag,
 * length and the octet of unused bits. 0 also if SPKI is none. RFC6960-4.1.1,
 * and the ResponderID byKey of RFC6960-4.2.1 with SHA-1. */
int qw_ocsp_key_hash(qw_bytes_t *out, int hash, const qw_bytes_t *spki,
                     apr_pool_t *pool);

/* The CertID ID; its algorithm has the parameters NULL, as all clients write
 * it. 0, and DER not to be used, if its digest is unknown, a hash is not of its
 * size or the serial no hex of 1 to 20 octets. */
int qw_ocsp_id_put(qw_der_t *der, const qw_ocsp_id_t *id);

/* The next element of IN as a CertID; texts in POOL, octets borrowed from IN,
 * which is strict DER. 0 if it is none, has a serial of more than 20 octets
 * (RFC5280-4.1.2.2), hashes of SHA-1 or SHA-256 that are not of their size, or
 * an algorithm with parameters other than NULL. */
int qw_ocsp_id_next(qw_ocsp_id_t *id, qw_der_in_t *in, apr_pool_t *pool);

#endif
