/* attr.h -- the table of identity attributes. Threads: any. */
#ifndef QW_X509_ATTR_H
#define QW_X509_ATTR_H

#include "x509/der.h"
#include "x509/identity.h"
#include "x509/oid.h"

typedef enum {
#define QW_ATTR(member, oid, type, max) QW_ATTR_##member,
#include "x509/attr.def"
    QW_ATTR_COUNT
} qw_attr_e;

/* Those before it stand in a subject. */
enum { QW_ATTR_IN_SUBJECT = QW_ATTR_psd2_roles };

typedef struct {
    const char *name; /* member of qw_identity_t and of its JSON */
    qw_oid_e oid;     /* QW_OID_COUNT: not in a subject */
    int tag;          /* QW_DER_PRINTABLE or QW_DER_UTF8 */
    apr_size_t max;   /* characters; 0: no limit */
} qw_attr_row_t;

const qw_attr_row_t *qw_attr_row(qw_attr_e attr);

/* Value of ATTR in IDENTITY, borrowed; NULL if not verified. */
const char *qw_identity_get(const qw_identity_t *identity, qw_attr_e attr);

#endif
