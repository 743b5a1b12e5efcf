/* debian_rng.h -- the generator of debian.h. Threads: one object, one thread. */
#ifndef QW_X509_DEBIAN_RNG_H
#define QW_X509_DEBIAN_RNG_H

#include "x509/debian.h"

enum { DEBIAN_STATE = 1023, DEBIAN_HASH = 20 };

/* State of md_rand.c of OpenSSL 0.9.8. */
typedef struct {
    const qw_debian_t *where;
    int pid;
    unsigned char state[DEBIAN_STATE];
    unsigned char hash[DEBIAN_HASH];
    apr_uint64_t counts[2];
    int index, used;
    int is_polled, is_stirred, is_seeded;
} debian_rng_t;

/* As it is when a program of process PID begins. */
void debian_rng_start(debian_rng_t *rng, const qw_debian_t *where, int pid);

/* RAND_add() of LEN octets, which are not looked at: that was the bug. */
void debian_rng_add(debian_rng_t *rng, int len);

/* RAND_poll(), if there was none yet. */
void debian_rng_poll(debian_rng_t *rng);

/* RAND_bytes() */
void debian_rng_bytes(debian_rng_t *rng, unsigned char *to, int len);

#endif
