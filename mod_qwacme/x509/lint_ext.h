/* lint_ext.h -- the parts of the lint that read extensions. For this room's
 * lint. Threads: any. */
#ifndef QW_X509_LINT_EXT_H
#define QW_X509_LINT_EXT_H

#include "x509/der.h"
#include "x509/oid.h"
#include "x509/tbs.h"

/* The finding (static), NULL if the next element of TBS is [3] with exactly
 * the extensions that IN wants. */
const char *qw_lint_extensions(qw_der_in_t *tbs, const qw_tbs_in_t *in);

/* The finding (static), NULL if VALUE is the qcStatements that IN wants. */
const char *qw_lint_statements(qw_der_in_t *value, const qw_tbs_in_t *in);

/* 1 if the next element of IN is OID; of TAG with the octets of TEXT. */
int qw_lint_next_is_oid(qw_der_in_t *in, qw_oid_e oid);
int qw_lint_next_is_text(qw_der_in_t *in, int tag, const char *text);

/* 1 if VALUE is the octets of TEXT. */
int qw_lint_is_text(const qw_bytes_t *value, const char *text);

#endif
