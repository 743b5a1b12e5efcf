/* secret.h -- a secret that an administrator keeps in a file of its own: one line of
 * it. Threads: any. */
#ifndef QW_BASE_SECRET_H
#define QW_BASE_SECRET_H

#include "base/problem.h"

enum { QW_SECRET_MOST = 256 };

/* *PATH in POOL of the credential NAME that systemd hands to the service.
 * INVALID_INPUT, in the words of DIRECTIVE, if it hands over none. */
qw_problem_t *qw_secret_credential(const char **path, const char *name,
                                   const char *directive,
                                   apr_pool_t *pool) QW_MUST_CHECK;

/* *SECRET: the first line of the file at PATH, at most QW_SECRET_MOST octets, in POOL
 * and wiped with it. INVALID_INPUT if it cannot be read or is empty; WHERE begins
 * that text ("QwacmeIssuer: PIN file /x"), WHAT is what to write there ("PIN"). */
qw_problem_t *qw_secret_read(const char **secret, const char *path,
                             const char *where, const char *what,
                             apr_pool_t *pool) QW_MUST_CHECK;

#endif
