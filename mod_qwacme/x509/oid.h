/* oid.h -- object identifiers by name, as DER and as text. Threads: any. */
#ifndef QW_X509_OID_H
#define QW_X509_OID_H

#include "base/bytes.h"

#include <apr_pools.h>

typedef enum {
#define QW_OID(name, der, label) QW_OID_##name,
#include "x509/oid.def"
    QW_OID_COUNT
} qw_oid_e;

/* DER of OID with tag and length, static. */
qw_bytes_t qw_oid_der(qw_oid_e oid);

/* What people call OID, static. */
const char *qw_oid_label(qw_oid_e oid);

/* The OID whose DER (tag, length, value) is DER, else QW_OID_COUNT. */
qw_oid_e qw_oid_find(const qw_bytes_t *der);

/* "2.23.140.1.1" of DER (tag, length, value) in POOL; "?" if it is none. */
const char *qw_oid_text(const qw_bytes_t *der, apr_pool_t *pool);

#endif
