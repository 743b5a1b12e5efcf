/* cert_parts.h -- a certificate taken apart, for this room. Threads: any. */
#ifndef QW_X509_CERT_PARTS_H
#define QW_X509_CERT_PARTS_H

#include "base/problem.h"
#include "x509/der.h"
#include "x509/oid.h"

/* Borrowed from the certificate's octets. */
typedef struct {
    qw_bytes_t serial; /* content of the INTEGER */
    qw_bytes_t sig_alg, issuer, subject, spki;
    apr_time_t not_before, not_after;
    qw_der_in_t extensions; /* of Extension; empty if there are none */
} qw_cert_parts_t;

/* MALFORMED if DER is not one certificate in strict DER. */
qw_problem_t *qw_cert_split(qw_cert_parts_t *parts, const qw_bytes_t *der,
                            apr_pool_t *pool) QW_MUST_CHECK;

typedef struct {
    qw_bytes_t id; /* DER with tag */
    qw_oid_e oid;  /* QW_OID_COUNT if it is none of ours */
    int critical;
    qw_bytes_t value; /* content of the OCTET STRING */
} qw_cert_ext_t;

/* The next extension of LIST; 0 at the end. */
int qw_cert_next_ext(qw_cert_ext_t *ext, qw_der_in_t *list);

/* 1 and *VALUE if extension OID is in PARTS. */
int qw_cert_find_ext(qw_bytes_t *value, const qw_cert_parts_t *parts,
                     qw_oid_e oid);

#endif
