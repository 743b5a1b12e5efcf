/* issuer.h -- an issuing CA certificate and its chain. Threads: any. */
#ifndef QW_X509_ISSUER_H
#define QW_X509_ISSUER_H

#include "base/bytes.h"
#include "base/own.h"
#include "base/problem.h"
#include "x509/ocsp_id.h"
#include "x509/profile.h"

typedef struct {
    X509 *cert;            /* owned by the pool */
    EVP_PKEY *key;         /* public, borrowed from cert */
    qw_bytes_t subject;    /* DER Name, copied byte for byte into leaves */
    qw_bytes_t ski;        /* content of the SKI, for the AKI of leaves */
    qw_bytes_t sig_alg;    /* DER AlgorithmIdentifier its key signs with,
                               tied to the key as the fact sheet 3.5 says */
    const char *digest;    /* "SHA256", "SHA384", "SHA512" */
    const char *spki_hash; /* hex SHA-256 of its SPKI: names it in the ledger */
    const char *id; /* its first 16 digits: names it in URLs and file names */
    const char *chain_pem; /* every certificate of the file, PEM, no text */
    apr_time_t not_before, not_after;
    const apr_array_header_t *purposes; /* of qw_bytes_t: extended key usage,
                                           DER; NULL: not restricted */
    /* of its subject and of its public key, SHA-1 and SHA-256: the issuer of a
       CertID. RFC6960-4.1.1 */
    qw_bytes_t ocsp_name_hash[QW_OCSP_HASHES];
    qw_bytes_t ocsp_key_hash[QW_OCSP_HASHES];
} qw_issuer_t;

/* *ISSUER in POOL from the PEM file at PATH. INVALID_INPUT naming path, what
 * is wrong and the cure: no certificate, not a CA, no keyCertSign, no SKI,
 * not dedicated (basicConstraints not critical, a path length other than 0,
 * key usages beyond signing certificates and their status, any purpose), subject without C, O, organizationIdentifier or CN (eIDAS Annex IV(b)),
 * expired at NOW, key type we cannot sign with, chain whose links do not
 * verify, a self-signed root at its end. */
qw_problem_t *qw_issuer_load(qw_issuer_t **issuer, const char *path,
                             apr_time_t now, apr_pool_t *pool) QW_MUST_CHECK;

/* What people call the first purpose of PROFILE that ISSUER may not issue for;
 * NULL if it may for all. */
const char *qw_issuer_lacks(const qw_issuer_t *issuer,
                            const qw_profile_t *profile);

/* The first purpose of ISSUER that none of PROFILES (const char *, their names)
 * has, in POOL; NULL if each is one of theirs or it is not restricted. */
const char *qw_issuer_exceeds(const qw_issuer_t *issuer,
                              const apr_array_header_t *profiles,
                              apr_pool_t *pool);

/* The same at any time: what an expired issuer signed is still looked at. */
qw_problem_t *qw_issuer_read(qw_issuer_t **issuer, const char *path,
                             apr_pool_t *pool) QW_MUST_CHECK;

int qw_issuer_is_valid(const qw_issuer_t *issuer, apr_time_t now);

/* Fill both hashes of ISSUER, in POOL, from its cert and subject, as
 * qw_issuer_read() does; 0 if OpenSSL cannot. */
int qw_issuer_hash(qw_issuer_t *issuer, apr_pool_t *pool);

/* 1 if ID names a certificate of ISSUER. */
int qw_issuer_is_ocsp(const qw_issuer_t *issuer, const qw_ocsp_id_t *id);

/* SERVER_INTERNAL unless SIGNATURE by ISSUER is good over what has the DIGEST,
 * octets of the hash issuer->digest: for what is too long to hold in memory. */
qw_problem_t *qw_digest_verify(const qw_issuer_t *issuer,
                               const qw_bytes_t *digest,
                               const qw_bytes_t *signature,
                               apr_pool_t *pool) QW_MUST_CHECK;

#endif
