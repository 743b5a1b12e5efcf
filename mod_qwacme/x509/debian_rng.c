#include "x509/debian_rng.h"

#include <openssl/sha.h>
#include <string.h>

enum { HALF = DEBIAN_HASH / 2, POLLED = 32 };

void debian_rng_start(debian_rng_t *rng, const qw_debian_t *where, int pid)
{
    memset(rng, 0, sizeof(*rng));
    rng->where = where;
    rng->pid = pid;
}

static int put(unsigned char *to, apr_uint64_t n, int octets, int big_endian)
{
    int i;

    for (i = 0; i < octets; i++)
        to[big_endian ? octets - 1 - i : i] = (unsigned char)(n >> (8 * i));
    return octets;
}

/* Two longs as they lie in memory; how many octets. */
static int put_counts(unsigned char *to, const debian_rng_t *rng,
                      const apr_uint64_t counts[2])
{
    int word = rng->where->word, big = rng->where->big_endian;

    return put(to, counts[0], word, big) + put(to + word, counts[1], word, big);
}

/* LEN octets of the state from AT on, which is a ring of ROUND. */
static int put_state(unsigned char *to, const debian_rng_t *rng, int at,
                     int len, int round)
{
    int i;

    for (i = 0; i < len; i++)
        to[i] = rng->state[at + i < round ? at + i : at + i - round];
    return len;
}

static int mix(debian_rng_t *rng, const unsigned char *hash, int len, int at,
               int round)
{
    int i;

    for (i = 0; i < len; i++) {
        rng->state[at++] ^= hash[i];
        if (at >= round)
            at = 0;
    }
    return at;
}

static void move_index(debian_rng_t *rng, int len)
{
    rng->index += len;
    if (rng->index >= DEBIAN_STATE) {
        rng->index %= DEBIAN_STATE;
        rng->used = DEBIAN_STATE;
    }
    else if (rng->used < DEBIAN_STATE && rng->index > rng->used)
        rng->used = rng->index;
}

void debian_rng_add(debian_rng_t *rng, int len)
{
    unsigned char text[2 * DEBIAN_HASH + 16], hash[DEBIAN_HASH];
    apr_uint64_t counts[2] = { rng->counts[0], rng->counts[1] };
    int at = rng->index, done, i;

    memcpy(hash, rng->hash, DEBIAN_HASH);
    move_index(rng, len);
    rng->counts[1] += (apr_uint64_t)((len + DEBIAN_HASH - 1) / DEBIAN_HASH);
    for (done = 0; done < len; done += DEBIAN_HASH) {
        int part = len - done < DEBIAN_HASH ? len - done : DEBIAN_HASH;
        int n = DEBIAN_HASH;

        memcpy(text, hash, DEBIAN_HASH);
        n += put_state(text + n, rng, at, part, DEBIAN_STATE);
        n += put_counts(text + n, rng, counts);
        SHA1(text, (size_t)n, hash);
        counts[1]++;
        at = mix(rng, hash, part, at, DEBIAN_STATE);
    }
    for (i = 0; i < DEBIAN_HASH; i++)
        rng->hash[i] ^= hash[i];
}

/* 32 octets of /dev/urandom; process, user and time, each as a long. */
void debian_rng_poll(debian_rng_t *rng)
{
    int i;

    if (rng->is_polled)
        return;
    rng->is_polled = rng->is_seeded = 1;
    debian_rng_add(rng, POLLED);
    for (i = 0; i < 3; i++)
        debian_rng_add(rng, rng->where->word);
}

static void stir(debian_rng_t *rng)
{
    int n;

    if (rng->is_stirred)
        return;
    for (n = DEBIAN_STATE; n > 0; n -= DEBIAN_HASH)
        debian_rng_add(rng, DEBIAN_HASH);
    rng->is_stirred = rng->is_seeded;
}

/* Ten octets: the number of the process goes in with the first ones. */
static int make_part(debian_rng_t *rng, unsigned char hash[DEBIAN_HASH],
                     const apr_uint64_t counts[2], int at, int is_first)
{
    unsigned char text[4 + DEBIAN_HASH + 16 + HALF];
    int n = 0;

    if (is_first && rng->pid != 0)
        n += put(text, (apr_uint64_t)rng->pid, 4, rng->where->big_endian);
    memcpy(text + n, hash, DEBIAN_HASH);
    n += DEBIAN_HASH;
    n += put_counts(text + n, rng, counts);
    n += put_state(text + n, rng, at, HALF, rng->used);
    SHA1(text, (size_t)n, hash);
    return mix(rng, hash, HALF, at, rng->used);
}

void debian_rng_bytes(debian_rng_t *rng, unsigned char *to, int len)
{
    unsigned char hash[DEBIAN_HASH], text[16 + 2 * DEBIAN_HASH];
    apr_uint64_t counts[2];
    int at, done, n;

    debian_rng_poll(rng);
    stir(rng);
    at = rng->index;
    memcpy(counts, rng->counts, sizeof(counts));
    memcpy(hash, rng->hash, DEBIAN_HASH);
    rng->index += (len + HALF - 1) / HALF * HALF;
    if (rng->index > rng->used)
        rng->index %= rng->used;
    rng->counts[0]++;
    for (done = 0; done < len; done += HALF) {
        at = make_part(rng, hash, counts, at, done == 0);
        memcpy(to + done, hash + HALF,
               (size_t)(len - done < HALF ? len - done : HALF));
    }
    n = put_counts(text, rng, counts);
    memcpy(text + n, hash, DEBIAN_HASH);
    memcpy(text + n + DEBIAN_HASH, rng->hash, DEBIAN_HASH);
    n += 2 * DEBIAN_HASH;
    SHA1(text, (size_t)n, rng->hash);
}
