/* ext.h -- extensions, byte-exact: all of a leaf, and parts for others. Threads: any. */
#ifndef QW_X509_EXT_H
#define QW_X509_EXT_H

#include "x509/der.h"
#include "x509/oid.h"
#include "x509/orgid.h"
#include "x509/tbs.h"

/* 1 if URL begins with SCHEME ("http://"), names a host and is ASCII without
 * white space, quotes or angle brackets. */
int qw_ext_is_url(const char *url, const char *scheme);

/* The element [3] with all extensions of IN, which qw_tbs_make() has checked,
 * in the order key usage, EKU, AKI, AIA, SAN, policies, CRL, qcStatements,
 * CA/Browser Forum organizationIdentifier. No basicConstraints: optional in a
 * leaf (BR-7.1.2.7.6) and always left out. ORGID NULL: without the last. */
void qw_ext_put_all(qw_der_t *der, const qw_tbs_in_t *in,
                    const qw_orgid_t *orgid);

/* An Extension; its value is what is written until qw_ext_close(). */
typedef struct {
    apr_size_t ext, value;
} qw_ext_t;

qw_ext_t qw_ext_open(qw_der_t *der, qw_oid_e oid, int critical);
void qw_ext_close(qw_der_t *der, qw_ext_t e);

/* The whole extension authorityKeyIdentifier: the key identifier of ISSUER
 * alone. RFC5280-4.2.1.1 */
void qw_ext_put_authority_key(qw_der_t *der, const qw_issuer_t *issuer);

/* A SEQUENCE with a DistributionPointName [0] of one fullName, the URI: a
 * DistributionPoint, and an IssuingDistributionPoint as well. */
void qw_ext_put_point(qw_der_t *der, const char *url);

/* The value of 2.23.140.3.1. EVG-7.1.2.2 */
void qw_ext_put_cabf_orgid(qw_der_t *der, const qw_orgid_t *orgid);

#endif
