/* debian.h -- the keys that Debian's OpenSSL 0.9.8 made from September 2006 to
 * May 2008 (CVE-2008-0166), made again. What should have seeded its generator
 * was not mixed in, so that a key depends on the machine, on whether ~/.rnd was
 * there, and on the number of the process. Threads: any. */
#ifndef QW_X509_DEBIAN_H
#define QW_X509_DEBIAN_H

#include "base/own.h"
#include "base/problem.h"

/* What decides, beside the process: two properties of a machine, and what
 * "openssl genrsa", "req" or "ecparam" found at ~/.rnd. */
typedef struct {
    const char *name; /* "amd64-rnd" */
    int word;         /* octets of a long, and of a time_t */
    int big_endian;
    int stat; /* octets of a struct stat; 0: ~/.rnd was not there, and the
                 version was one that minds */
    int read; /* it could be read */
} qw_debian_t;

/* By number from 0; NULL after the last. */
const qw_debian_t *qw_debian_at(int n);

enum { QW_DEBIAN_PIDS = 32768 };

/* 1 if keys of KIND can be made: "P-256", "P-384", "P-521", or the bits of an
 * RSA modulus, 1024 to 8192 in steps of 16. */
int qw_debian_makes(const char *kind);

/* *NUMBER, owned by POOL, of the key of KIND that process PID made WHERE: the
 * modulus (its exponent was 65537 or 3), or the x of the point. */
qw_problem_t *qw_debian_number(BIGNUM **number, const qw_debian_t *where,
                               const char *kind, int pid,
                               apr_pool_t *pool) QW_MUST_CHECK;

#endif
