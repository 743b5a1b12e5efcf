#include "x509/debian_rng.h"

#include <apr_strings.h>
#include <openssl/ec.h>
#include <openssl/obj_mac.h>

#include <string.h>

/* stat of i386 and amd64 as glibc had them; big-endian 32-bit ones agree. */
static const qw_debian_t wheres[] = {
    { "i386-rnd", 4, 0, 88, 1 },      { "i386-unread", 4, 0, 88, 0 },
    { "i386-nornd", 4, 0, 0, 0 },     { "amd64-rnd", 8, 0, 144, 1 },
    { "amd64-unread", 8, 0, 144, 0 }, { "amd64-nornd", 8, 0, 0, 0 },
    { "be32-rnd", 4, 1, 88, 1 },      { "be32-unread", 4, 1, 88, 0 },
    { "be32-nornd", 4, 1, 0, 0 },
};

const qw_debian_t *qw_debian_at(int n)
{
    return n >= 0 && n < (int)(sizeof(wheres) / sizeof(wheres[0])) ? &wheres[n]
                                                                   : NULL;
}

enum { PRIMES = 2048, PRIMES_END = 17864, RND_FILE = 1024, BITS_MOST = 8192 };

typedef struct {
    debian_rng_t rng;
    unsigned short primes[PRIMES];
    BN_CTX *ctx;
    BIGNUM *odd, *less, *base, *power;
    BN_MONT_CTX *mont;
} maker_t;

static void find_primes(unsigned short primes[PRIMES])
{
    char composite[PRIMES_END] = { 0 };
    int n = 0, i, j;

    for (i = 2; i < PRIMES_END && n < PRIMES; i++) {
        if (composite[i])
            continue;
        primes[n++] = (unsigned short)i;
        for (j = i; j < PRIMES_END; j += i)
            composite[j] = 1;
    }
}

/* bnrand(): BITS random ones; the two highest and the lowest set if FOR_PRIME. */
static int random_number(BIGNUM *n, maker_t *m, int bits, int for_prime)
{
    unsigned char octets[BITS_MOST / 16 + 1];
    int len = (bits + 7) / 8, top = (bits - 1) % 8;

    debian_rng_add(&m->rng, m->rng.where->word); /* the time */
    debian_rng_bytes(&m->rng, octets, len);
    if (for_prime) {
        octets[0] |= (unsigned char)(3 << (top - 1));
        octets[len - 1] |= 1;
    }
    octets[0] &= (unsigned char)~(0xff << (top + 1));
    return BN_bin2bn(octets, len, n) != NULL;
}

/* probable_prime(): the first number from a random one on that has no small
 * factor, nor has the one before it. */
static int candidate(BIGNUM *n, maker_t *m, int bits)
{
    unsigned short mods[PRIMES];
    unsigned delta = 0;
    int i;

    if (!random_number(n, m, bits, 1))
        return 0;
    for (i = 1; i < PRIMES; i++)
        mods[i] = (unsigned short)BN_mod_word(n, m->primes[i]);
    for (i = 1; i < PRIMES; i++)
        if ((mods[i] + delta) % m->primes[i] <= 1) {
            delta += 2;
            i = 0;
        }
    return BN_add_word(n, delta);
}

/* bn_rand_range() for a RANGE with more than one high bit. */
static int random_below(BIGNUM *n, maker_t *m, const BIGNUM *range)
{
    do {
        if (!random_number(n, m, BN_num_bits(range), 0))
            return 0;
    } while (BN_cmp(n, range) >= 0);
    return 1;
}

/* One round of Miller's and Rabin's: 1 if N may be prime, -1 on failure. */
static int may_be_prime(maker_t *m, const BIGNUM *n, int twos)
{
    int i;

    if (!random_below(m->base, m, m->less) || !BN_add_word(m->base, 1)
        || !BN_mod_exp_mont(m->power, m->base, m->odd, n, m->ctx, m->mont))
        return -1;
    if (BN_is_one(m->power) || BN_cmp(m->power, m->less) == 0)
        return 1;
    for (i = 1; i < twos; i++) {
        if (!BN_mod_sqr(m->power, m->power, n, m->ctx))
            return -1;
        if (BN_cmp(m->power, m->less) == 0)
            return 1;
    }
    return 0;
}

/* BN_prime_checks_for_size() */
static int rounds_of(int bits)
{
    static const struct {
        int bits, rounds;
    } sizes[] = { { 1300, 2 }, { 850, 3 }, { 650, 4 },
                  { 550, 5 },  { 450, 6 }, { 0, 7 } };
    int i = 0;

    while (bits < sizes[i].bits)
        i++;
    return sizes[i].rounds;
}

static int is_prime(maker_t *m, const BIGNUM *n, int bits)
{
    int twos = 0, verdict = 1, round;

    if (!BN_sub(m->less, n, BN_value_one())
        || !BN_MONT_CTX_set(m->mont, n, m->ctx))
        return -1;
    while (!BN_is_bit_set(m->less, twos))
        twos++;
    if (!BN_rshift(m->odd, m->less, twos))
        return -1;
    for (round = rounds_of(bits); round > 0 && verdict == 1; round--)
        verdict = may_be_prime(m, n, twos);
    return verdict;
}

/* RSA_generate_key_ex()'s half of the work: p - 1 has no common factor with
 * 65537, which is not among the small primes. */
static int make_prime(BIGNUM *p, maker_t *m, int bits)
{
    int verdict;

    do {
        do {
            if (!candidate(p, m, bits))
                return 0;
            verdict = is_prime(m, p, bits);
            if (verdict < 0)
                return 0;
        } while (verdict == 0);
    } while (BN_mod_word(m->less, 65537) == 0);
    return 1;
}

/* app_RAND_load_file() */
static void load_rnd(debian_rng_t *rng)
{
    if (rng->where->stat > 0)
        debian_rng_add(rng, rng->where->stat);
    if (rng->where->read) {
        debian_rng_add(rng, RND_FILE);
        rng->is_seeded = 1;
    }
    else
        debian_rng_poll(rng);
}

static int make_modulus(BIGNUM *n, maker_t *m, int bits)
{
    BIGNUM *p = BN_CTX_get(m->ctx), *q = BN_CTX_get(m->ctx);

    m->odd = BN_CTX_get(m->ctx);
    m->less = BN_CTX_get(m->ctx);
    m->base = BN_CTX_get(m->ctx);
    m->power = BN_CTX_get(m->ctx);
    if (m->power == NULL || m->mont == NULL)
        return 0;
    find_primes(m->primes);
    return make_prime(p, m, (bits + 1) / 2)
           && make_prime(q, m, bits - (bits + 1) / 2)
           && BN_mul(n, p, q, m->ctx);
}

static const struct {
    const char *kind;
    int nid;
} curves[] = { { "P-256", NID_X9_62_prime256v1 },
               { "P-384", NID_secp384r1 },
               { "P-521", NID_secp521r1 } };

/* EC_KEY_generate_key() */
static int make_x(BIGNUM *x, maker_t *m, int nid)
{
    BIGNUM *secret = BN_CTX_get(m->ctx);
    EC_GROUP *group = EC_GROUP_new_by_curve_name(nid);
    EC_POINT *point = group != NULL ? EC_POINT_new(group) : NULL;
    int good = point != NULL && secret != NULL;

    do {
        good = good && random_below(secret, m, EC_GROUP_get0_order(group));
    } while (good && BN_is_zero(secret));
    good = good && EC_POINT_mul(group, point, secret, NULL, NULL, m->ctx)
           && EC_POINT_get_affine_coordinates(group, point, x, NULL, m->ctx);
    EC_POINT_free(point);
    EC_GROUP_free(group);
    return good;
}

static int curve_of(const char *kind)
{
    unsigned i;

    for (i = 0; i < sizeof(curves) / sizeof(curves[0]); i++)
        if (strcmp(kind, curves[i].kind) == 0)
            return curves[i].nid;
    return NID_undef;
}

static int bits_of(const char *kind)
{
    char *end;
    apr_int64_t bits = apr_strtoi64(kind, &end, 10);

    if (*end != '\0' || bits < 1024 || bits > BITS_MOST || bits % 16 != 0)
        return 0;
    return (int)bits;
}

int qw_debian_makes(const char *kind)
{
    return curve_of(kind) != NID_undef || bits_of(kind) != 0;
}

static int make(BIGNUM *n, maker_t *m, const char *kind)
{
    int nid = curve_of(kind), good;

    BN_CTX_start(m->ctx);
    load_rnd(&m->rng);
    good = nid != NID_undef ? make_x(n, m, nid)
                            : make_modulus(n, m, bits_of(kind));
    BN_CTX_end(m->ctx);
    return good;
}

qw_problem_t *qw_debian_number(BIGNUM **number, const qw_debian_t *where,
                               const char *kind, int pid, apr_pool_t *pool)
{
    BIGNUM *n = qw_own_BIGNUM(pool, BN_new());
    maker_t m;
    int good;

    if (!qw_debian_makes(kind))
        return QW_FAIL(pool, INVALID_INPUT,
                       "'%s' is not P-256, P-384, P-521 or 1024 to %d bits in "
                       "steps of 16",
                       kind, BITS_MOST);
    debian_rng_start(&m.rng, where, pid);
    m.ctx = BN_CTX_new();
    m.mont = BN_MONT_CTX_new();
    good = n != NULL && m.ctx != NULL && make(n, &m, kind);
    BN_MONT_CTX_free(m.mont);
    BN_CTX_free(m.ctx);
    if (!good)
        return QW_FAIL_BECAUSE(pool, UNAVAILABLE, qw_openssl_reasons(pool),
                               "a key could not be made");
    *number = n;
    return NULL;
}
