#include "x509/rsacheck.h"

/* Primes from 3 to 751: BR-6.1.6 asks for no factor below 752. */
static const unsigned short primes[] = {
    3,   5,   7,   11,  13,  17,  19,  23,  29,  31,  37,  41,  43,  47,  53,
    59,  61,  67,  71,  73,  79,  83,  89,  97,  101, 103, 107, 109, 113, 127,
    131, 137, 139, 149, 151, 157, 163, 167, 173, 179, 181, 191, 193, 197, 199,
    211, 223, 227, 229, 233, 239, 241, 251, 257, 263, 269, 271, 277, 281, 283,
    293, 307, 311, 313, 317, 331, 337, 347, 349, 353, 359, 367, 373, 379, 383,
    389, 397, 401, 409, 419, 421, 431, 433, 439, 443, 449, 457, 461, 463, 467,
    479, 487, 491, 499, 503, 509, 521, 523, 541, 547, 557, 563, 569, 571, 577,
    587, 593, 599, 601, 607, 613, 617, 619, 631, 641, 643, 647, 653, 659, 661,
    673, 677, 683, 691, 701, 709, 719, 727, 733, 739, 743, 751
};

enum {
    PRIMES = sizeof(primes) / sizeof(primes[0]),
    ROCA_PRIMES = 38, /* to 167: the fingerprint at every key size */
    FERMAT_ROUNDS = 100,
    ROCA_GENERATOR = 65537
};

/* 1 if REST is a power of 65537 modulo PRIME. */
static int is_power(unsigned rest, unsigned prime)
{
    unsigned power = 1;

    do {
        if (power == rest)
            return 1;
        power = power * (ROCA_GENERATOR % prime) % prime;
    } while (power != 1);
    return 0;
}

/* The faulty library's primes are k*M + (65537^a mod M) with M the product of
 * the first primes, so their product is a power of 65537 modulo each. */
static qw_rsa_verdict_e check_residues(const BIGNUM *n)
{
    int i, roca = 1;

    for (i = 0; i < PRIMES; i++) {
        BN_ULONG rest = BN_mod_word(n, primes[i]);

        if (rest == 0)
            return QW_RSA_SMALL_FACTOR;
        if (roca && i < ROCA_PRIMES)
            roca = is_power((unsigned)rest, primes[i]);
    }
    return roca ? QW_RSA_ROCA : QW_RSA_FINE;
}

/* Largest X with X*X <= N, by Newton's method from above. */
static int root(BIGNUM *x, const BIGNUM *n, BN_CTX *ctx)
{
    BIGNUM *next;
    int done = 0;

    BN_CTX_start(ctx);
    next = BN_CTX_get(ctx);
    if (next == NULL || !BN_one(next)
        || !BN_lshift(next, next, (BN_num_bits(n) + 1) / 2))
        goto out;
    do {
        if (BN_copy(x, next) == NULL || !BN_div(next, NULL, n, x, ctx)
            || !BN_add(next, next, x) || !BN_rshift1(next, next))
            goto out;
    } while (BN_cmp(next, x) < 0);
    done = 1;
out:
    BN_CTX_end(ctx);
    return done;
}

/* 0 for most numbers that are not squares, cheaply: no square has these rests
 * modulo 16, 63, 65 and 11. */
static int may_be_square(const BIGNUM *n)
{
    static const unsigned moduli[] = { 16, 63, 65, 11 };
    unsigned i, x;

    for (i = 0; i < sizeof(moduli) / sizeof(moduli[0]); i++) {
        unsigned rest = (unsigned)BN_mod_word(n, moduli[i]);

        for (x = 0; x < moduli[i] && x * x % moduli[i] != rest; x++)
            continue;
        if (x == moduli[i])
            return 0;
    }
    return 1;
}

/* 1 if N is a square, -1 if memory ran out. */
static int is_square(const BIGNUM *n, BN_CTX *ctx)
{
    BIGNUM *x, *square;
    int result = -1;

    if (!may_be_square(n))
        return 0;
    BN_CTX_start(ctx);
    x = BN_CTX_get(ctx);
    square = BN_CTX_get(ctx);
    if (square != NULL && (BN_is_zero(n) || root(x, n, ctx)))
        result = BN_is_zero(n)
                     ? 1
                     : (BN_sqr(square, x, ctx) ? BN_cmp(square, n) == 0 : -1);
    BN_CTX_end(ctx);
    return result;
}

/* N = a*a - b*b with a just above the root of N: a*a - N is looked at for the
 * first hundred a. */
static qw_rsa_verdict_e check_close(const BIGNUM *n, BN_CTX *ctx)
{
    BIGNUM *a = BN_CTX_get(ctx), *rest = BN_CTX_get(ctx);
    int round, square;

    if (rest == NULL || !root(a, n, ctx) || !BN_sqr(rest, a, ctx))
        return QW_RSA_OUT_OF_MEMORY;
    if (BN_cmp(rest, n) == 0)
        return QW_RSA_CLOSE_PRIMES;
    if (!BN_add_word(a, 1) || !BN_sqr(rest, a, ctx) || !BN_sub(rest, rest, n))
        return QW_RSA_OUT_OF_MEMORY;
    for (round = 0; round < FERMAT_ROUNDS; round++) {
        square = is_square(rest, ctx);
        if (square < 0)
            return QW_RSA_OUT_OF_MEMORY;
        if (square)
            return QW_RSA_CLOSE_PRIMES;
        /* (a+1)^2 = a^2 + 2a + 1 */
        if (!BN_add(rest, rest, a) || !BN_add_word(a, 1)
            || !BN_add(rest, rest, a))
            return QW_RSA_OUT_OF_MEMORY;
    }
    return QW_RSA_FINE;
}

/* Fermat's little theorem to base 2: half the cost of OpenSSL's public check,
 * which finds nothing more of what is looked for here. */
static qw_rsa_verdict_e check_composite(const BIGNUM *n, BN_CTX *ctx)
{
    BIGNUM *less = BN_CTX_get(ctx), *rest = BN_CTX_get(ctx);

    if (rest == NULL || !BN_sub(less, n, BN_value_one())
        || !BN_mod_exp_mont_word(rest, 2, less, n, ctx, NULL))
        return QW_RSA_OUT_OF_MEMORY;
    return BN_is_one(rest) ? QW_RSA_PRIME : QW_RSA_FINE;
}

qw_rsa_verdict_e qw_rsa_check_modulus(const BIGNUM *n)
{
    qw_rsa_verdict_e verdict;
    BN_CTX *ctx;

    if (!BN_is_odd(n))
        return QW_RSA_EVEN;
    verdict = check_residues(n);
    if (verdict != QW_RSA_FINE)
        return verdict;
    ctx = BN_CTX_new();
    if (ctx == NULL)
        return QW_RSA_OUT_OF_MEMORY;
    BN_CTX_start(ctx);
    verdict = check_close(n, ctx);
    if (verdict == QW_RSA_FINE)
        verdict = check_composite(n, ctx);
    BN_CTX_end(ctx);
    BN_CTX_free(ctx);
    return verdict;
}
