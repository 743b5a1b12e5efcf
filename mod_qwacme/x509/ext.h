/* ext.h -- the extensions of a leaf, byte-exact. Threads: any. */
#ifndef QW_X509_EXT_H
#define QW_X509_EXT_H

#include "x509/der.h"
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

/* The value of 2.23.140.3.1. EVG-7.1.2.2 */
void qw_ext_put_cabf_orgid(qw_der_t *der, const qw_orgid_t *orgid);

#endif
