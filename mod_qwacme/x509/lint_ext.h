/* lint_ext.h -- the part of the lint that reads extensions. For lint.c.
 * Threads: any. */
#ifndef QW_X509_LINT_EXT_H
#define QW_X509_LINT_EXT_H

#include "x509/der.h"
#include "x509/tbs.h"

/* The finding (static), NULL if the next element of TBS is [3] with exactly
 * the extensions that IN wants. */
const char *qw_lint_extensions(qw_der_in_t *tbs, const qw_tbs_in_t *in);

/* 1 if VALUE is the octets of TEXT. */
int qw_lint_is_text(const qw_bytes_t *value, const char *text);

#endif
