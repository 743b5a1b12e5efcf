/* world.h -- clock and chance, replaceable in tests. Threads: any. */
#ifndef QW_BASE_WORLD_H
#define QW_BASE_WORLD_H

#include "base/problem.h"

typedef struct {
    apr_time_t (*now)(void);
    /* 0 if no randomness is to be had; then nothing may be issued from it */
    int (*random)(unsigned char *out, apr_size_t len);
} qw_world_t;

/* The system clock and OpenSSL's private DRBG, unless a test has set others
 * (before any thread starts). */
const qw_world_t *qw_world(void);
void qw_world_set(const qw_world_t *world);

/* 1 unless what is to be done every EVERY, and DUE then, has to wait. A DUE farther
 * ahead is from before the clock was set back: it holds nobody up. */
int qw_is_due(apr_time_t due, apr_interval_time_t every);

/* LEN unpredictable bytes into OUT; UNAVAILABLE if there are none. */
qw_problem_t *qw_random(unsigned char *out, apr_size_t len,
                        apr_pool_t *pool) QW_MUST_CHECK;

/* *ID: 128 random bits as 22 characters of base64url, of which the first is no
 * '-', in POOL: ids in URLs,
 * KeyIDs, node ids. */
qw_problem_t *qw_id_make(const char **id, apr_pool_t *pool) QW_MUST_CHECK;

/* 1 if TEXT has the form of an id: anything else need not be looked up. */
int qw_id_is(const char *text);

#endif
