/* rsacheck.h -- what makes an RSA modulus weak (BR-6.1.1.3, BR-6.1.6).
 * Threads: any. */
#ifndef QW_X509_RSACHECK_H
#define QW_X509_RSACHECK_H

#include <openssl/bn.h>

typedef enum {
    QW_RSA_FINE,
    QW_RSA_EVEN,
    QW_RSA_SMALL_FACTOR, /* a prime below 752 divides it */
    QW_RSA_ROCA,         /* fingerprint of CVE-2017-15361 */
    QW_RSA_CLOSE_PRIMES, /* 100 rounds of Fermat's method find them */
    QW_RSA_PRIME,        /* instead of a product of two */
    QW_RSA_OUT_OF_MEMORY
} qw_rsa_verdict_e;

/* Verdict on modulus N; the weakest finding is the first above. */
qw_rsa_verdict_e qw_rsa_check_modulus(const BIGNUM *n);

#endif
