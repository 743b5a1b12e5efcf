#include "tap.h"

#include "base/b64.h"
#include "x509/keycheck.h"
#include "x509/rsacheck.h"
#include "x509/spki.h"

#include <apr_general.h>
#include <apr_strings.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/param_build.h>
#include <openssl/pem.h>

static void refuses(EVP_PKEY *key, qw_key_use_e use, const char *says,
                    const char *what, apr_pool_t *p)
{
    qw_problem_t *problem = key != NULL ? qw_keycheck(key, use, NULL, p) : NULL;

    ok(problem != NULL && problem->code == QW_E_BAD_PUBLIC_KEY
           && strstr(problem->detail, says) != NULL,
       "%s", what);
    if (problem == NULL || strstr(problem->detail, says) == NULL)
        printf("# %s\n", key == NULL       ? "no key"
                         : problem == NULL ? "taken"
                                           : problem->detail);
    ok(ERR_peek_error() == 0, "and the error queue is empty");
}

static void accepts(EVP_PKEY *key, qw_key_use_e use, const char *what,
                    apr_pool_t *p)
{
    qw_problem_t *problem = key != NULL ? qw_keycheck(key, use, NULL, p) : NULL;

    ok(key != NULL && problem == NULL, "%s", what);
    if (problem != NULL)
        printf("# %s\n", problem->detail);
}

static EVP_PKEY *rsa(const BIGNUM *n, const BIGNUM *e, apr_pool_t *p)
{
    OSSL_PARAM_BLD *build = OSSL_PARAM_BLD_new();
    EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_name(NULL, "RSA", NULL);
    OSSL_PARAM *params;
    EVP_PKEY *key = NULL;

    OSSL_PARAM_BLD_push_BN(build, OSSL_PKEY_PARAM_RSA_N, n);
    OSSL_PARAM_BLD_push_BN(build, OSSL_PKEY_PARAM_RSA_E, e);
    params = OSSL_PARAM_BLD_to_param(build);
    EVP_PKEY_fromdata_init(ctx);
    EVP_PKEY_fromdata(ctx, &key, EVP_PKEY_PUBLIC_KEY, params);
    OSSL_PARAM_free(params);
    OSSL_PARAM_BLD_free(build);
    EVP_PKEY_CTX_free(ctx);
    ERR_clear_error();
    return qw_own_EVP_PKEY(p, key);
}

static BIGNUM *number(apr_pool_t *p)
{
    return qw_own_BIGNUM(p, BN_new());
}

static void product_refused(const BIGNUM *a, const BIGNUM *b, const char *says,
                            const char *what, apr_pool_t *p)
{
    BIGNUM *n = number(p), *e = number(p);
    BN_CTX *ctx = BN_CTX_new();

    BN_mul(n, a, b, ctx);
    BN_set_word(e, 65537);
    refuses(rsa(n, e, p), QW_KEY_FOR_CERTIFICATE, says, what, p);
    BN_CTX_free(ctx);
}

/* PRIME becomes the first prime from itself upwards. */
static void next_prime(BIGNUM *prime, int step)
{
    BN_CTX *ctx = BN_CTX_new();

    if (!BN_is_odd(prime))
        BN_add_word(prime, 1);
    while (BN_check_prime(prime, ctx, NULL) != 1)
        BN_add_word(prime, (BN_ULONG)step);
    BN_CTX_free(ctx);
}

static BIGNUM *prime_of(int bits, apr_pool_t *p)
{
    BIGNUM *prime = number(p);

    BN_rand(prime, bits, BN_RAND_TOP_TWO, BN_RAND_BOTTOM_ODD);
    next_prime(prime, 2);
    return prime;
}

static void good_keys(apr_pool_t *p)
{
    EVP_PKEY *key = qw_own_EVP_PKEY(p, EVP_RSA_gen(2048));

    accepts(key, QW_KEY_FOR_ACCOUNT, "RSA-2048 for an account", p);
    accepts(key, QW_KEY_FOR_CERTIFICATE, "RSA-2048 for a certificate", p);
    key = qw_own_EVP_PKEY(p, EVP_EC_gen("P-256"));
    accepts(key, QW_KEY_FOR_ACCOUNT, "P-256 for an account", p);
    accepts(key, QW_KEY_FOR_CERTIFICATE, "P-256 for a certificate", p);
    key = qw_own_EVP_PKEY(p, EVP_EC_gen("P-384"));
    accepts(key, QW_KEY_FOR_CERTIFICATE, "P-384", p);
    key = qw_own_EVP_PKEY(p, EVP_EC_gen("P-521"));
    accepts(key, QW_KEY_FOR_CERTIFICATE, "P-521", p);
    key = qw_own_EVP_PKEY(p, EVP_PKEY_Q_keygen(NULL, NULL, "ED25519"));
    accepts(key, QW_KEY_FOR_ACCOUNT, "Ed25519 for an account", p);
    refuses(key, QW_KEY_FOR_CERTIFICATE, "P-521",
            "Ed25519 not for a certificate", p);
}

static void wrong_types(apr_pool_t *p)
{
    static const char *const curves[] = { "P-192", "P-224", "secp256k1",
                                          "brainpoolP256r1" };
    EVP_PKEY *key;
    apr_size_t i;

    for (i = 0; i < sizeof(curves) / sizeof(curves[0]); i++) {
        key = qw_own_EVP_PKEY(p, EVP_EC_gen(curves[i]));
        refuses(key, QW_KEY_FOR_ACCOUNT, "not P-256", curves[i], p);
    }
    key = qw_own_EVP_PKEY(p, EVP_PKEY_Q_keygen(NULL, NULL, "X25519"));
    refuses(key, QW_KEY_FOR_ACCOUNT, "Ed25519", "X25519", p);
    key = qw_own_EVP_PKEY(p, EVP_PKEY_Q_keygen(NULL, NULL, "ED448"));
    refuses(key, QW_KEY_FOR_ACCOUNT, "Ed25519", "Ed448", p);
}

/* P-256 with all its parameters spelled out, and through OpenSSL's decoder. */
static void explicit_curve(apr_pool_t *p)
{
    EVP_PKEY *key = EVP_EC_gen("P-256");
    unsigned char *der = NULL;
    const unsigned char *at;
    qw_bytes_t spki;
    EVP_PKEY *made;

    EVP_PKEY_set_utf8_string_param(key, OSSL_PKEY_PARAM_EC_ENCODING,
                                   OSSL_PKEY_EC_ENCODING_EXPLICIT);
    spki.len = (apr_size_t)i2d_PUBKEY(key, &der);
    spki.data = at = der;
    refuses(qw_own_EVP_PKEY(p, d2i_PUBKEY(NULL, &at, (long)spki.len)),
            QW_KEY_FOR_ACCOUNT, "explicit parameters",
            "a curve in explicit parameters", p);
    ok(spki.len > 200 && qw_spki_key(&made, &spki, p) != NULL,
       "it is no SPKI for us, either");
    OPENSSL_free(der);
    EVP_PKEY_free(key);
}

static void sizes_and_exponents(apr_pool_t *p)
{
    static const struct {
        const char *e, *what;
    } bad[] = { { "1", "e = 1" },
                { "2", "e = 2" },
                { "3", "e = 3" },
                { "10000", "e = 65536" },
                { "FFFF", "e = 65535" },
                { "10002", "e = 65538" },
                { "10000000000000001", "e = 2^64 + 1" } };
    static const int sizes[] = { 1024, 2040, 2047, 2049, 8200 };
    BIGNUM *p1 = prime_of(1024, p), *p2 = prime_of(1024, p);
    BIGNUM *n = number(p), *e = NULL;
    BN_CTX *ctx = BN_CTX_new();
    apr_size_t i;

    BN_mul(n, p1, p2, ctx);
    BN_CTX_free(ctx);
    for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        BN_hex2bn(&e, bad[i].e);
        refuses(rsa(n, e, p), QW_KEY_FOR_ACCOUNT, "exponent", bad[i].what, p);
    }
    BN_hex2bn(&e, "FFFFFFFFFFFFFFFF");
    accepts(rsa(n, e, p), QW_KEY_FOR_ACCOUNT, "e = 2^64 - 1", p);
    BN_set_word(e, 65537);
    for (i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
        BN_rand(n, sizes[i], BN_RAND_TOP_ONE, BN_RAND_BOTTOM_ODD);
        refuses(rsa(n, e, p), QW_KEY_FOR_ACCOUNT, "bits", "a modulus size", p);
    }
    BN_free(e);
}

static void weak_moduli(apr_pool_t *p)
{
    BIGNUM *a = prime_of(1024, p), *b = number(p), *n = number(p);
    BIGNUM *e = number(p), *small = number(p);

    BN_set_word(e, 65537);
    BN_lshift(b, a, 1024);
    BN_add_word(b, 2);
    BN_copy(n, b);
    refuses(rsa(n, e, p), QW_KEY_FOR_ACCOUNT, "even", "an even modulus", p);
    BN_set_word(small, 751);
    b = prime_of(2038, p);
    product_refused(small, b, "factor below 752", "a factor of 751", p);
    product_refused(a, a, "too close", "a square", p);
    BN_copy(b, a);
    BN_add_word(b, 2);
    next_prime(b, 2);
    product_refused(a, b, "too close", "neighbouring primes", p);
    refuses(rsa(prime_of(2048, p), e, p), QW_KEY_FOR_ACCOUNT, "two primes",
            "a prime", p);
}

/* Primes whose distance makes Fermat's method take about ROUNDS rounds:
 * (distance / 2)^2 = 2 * ROUNDS * prime. */
static qw_rsa_verdict_e fermat(int rounds, apr_pool_t *p)
{
    BIGNUM *a = prime_of(1024, p), *b = number(p), *n = number(p);
    BIGNUM *distance = number(p), *x = number(p);
    BN_CTX *ctx = BN_CTX_new();
    qw_rsa_verdict_e verdict;
    int i;

    BN_copy(distance, a);
    BN_mul_word(distance, (BN_ULONG)rounds * 8);
    BN_one(x); /* root by Newton's method */
    BN_lshift(x, x, 520);
    for (i = 0; i < 40; i++) {
        BN_div(n, NULL, distance, x, ctx);
        BN_add(x, x, n);
        BN_rshift1(x, x);
    }
    BN_add(b, a, x);
    next_prime(b, 2);
    BN_mul(n, a, b, ctx);
    verdict = qw_rsa_check_modulus(n);
    BN_CTX_free(ctx);
    return verdict;
}

/* A prime of the faulty library: k*M + (65537^a mod M), M the product of the
 * first 126 primes. */
static BIGNUM *roca_prime(apr_pool_t *p)
{
    BIGNUM *m = number(p), *base = number(p), *power = number(p);
    BIGNUM *prime = number(p), *small = number(p);
    BN_CTX *ctx = BN_CTX_new();
    int i;

    BN_one(m);
    BN_set_word(small, 2);
    for (i = 0; i < 126; i++) {
        BN_mul(m, m, small, ctx);
        BN_add_word(small, 1);
        next_prime(small, 1);
    }
    BN_set_word(base, 65537);
    do {
        BN_rand(power, 250, BN_RAND_TOP_ONE, BN_RAND_BOTTOM_ANY);
        BN_mod_exp(prime, base, power, m, ctx);
        BN_rand(power, 1024 - BN_num_bits(m), BN_RAND_TOP_TWO,
                BN_RAND_BOTTOM_ANY);
        BN_mul(power, power, m, ctx);
        BN_add(prime, prime, power);
    } while (BN_check_prime(prime, ctx, NULL) != 1);
    BN_CTX_free(ctx);
    return prime;
}

static void roca(apr_pool_t *p)
{
    BIGNUM *a = roca_prime(p), *b = roca_prime(p), *n = number(p);
    BIGNUM *e = number(p);
    BN_CTX *ctx = BN_CTX_new();

    BN_set_word(e, 65537);
    BN_mul(n, a, b, ctx);
    BN_CTX_free(ctx);
    ok(qw_rsa_check_modulus(n) == QW_RSA_ROCA,
       "the fingerprint is seen (%d bits)", BN_num_bits(n));
    if (BN_num_bits(n) == 2048)
        refuses(rsa(n, e, p), QW_KEY_FOR_ACCOUNT, "ROCA", "a ROCA key", p);
}

static qw_bytes_t spki_of(EVP_PKEY *key, apr_pool_t *p)
{
    unsigned char *der = NULL;
    qw_bytes_t spki;

    spki.len = (apr_size_t)i2d_PUBKEY(key, &der);
    spki.data = apr_pmemdup(p, der, spki.len);
    OPENSSL_free(der);
    return spki;
}

static void spki_is(const char *type, EVP_PKEY *key, int bits, apr_pool_t *p)
{
    qw_bytes_t spki = spki_of(key, p), bad = spki;
    unsigned char *copy = apr_pmemdup(p, spki.data, spki.len);
    EVP_PKEY *made = NULL;
    apr_size_t i, crashed = 0;
    int got = 0;

    ok(qw_spki_key(&made, &spki, p) == NULL && EVP_PKEY_eq(made, key) == 1,
       "%s: the key of an SPKI", type);
    is_str(qw_spki_type(&spki, &got), type, "its type");
    ok(got == bits, "its size");
    bad.data = copy;
    for (i = 0; i < spki.len; i++) {
        bad.len = i;
        crashed += qw_spki_key(&made, &bad, p) == NULL;
    }
    ok(crashed == 0, "%s: cut anywhere it is none", type);
    bad.len = spki.len;
    for (i = 0; i < 24; i++) {
        copy[i] ^= 0x21;
        crashed += qw_spki_key(&made, &bad, p) == NULL;
        copy[i] ^= 0x21;
    }
    ok(crashed == 0, "%s: no octet of the head can change", type);
    ok(ERR_peek_error() == 0, "and the error queue is empty");
}

static void points(apr_pool_t *p)
{
    EVP_PKEY *key = qw_own_EVP_PKEY(p, EVP_EC_gen("P-256")), *made;
    qw_bytes_t spki = spki_of(key, p), odd, bytes;
    unsigned char *copy = apr_pmemdup(p, spki.data, spki.len);
    unsigned char *short_form = apr_pmemdup(p, spki.data, spki.len);

    odd.data = copy;
    odd.len = spki.len;
    copy[spki.len - 1] ^= 1;
    ok(qw_spki_key(&made, &odd, p) != NULL, "a point off the curve");
    memset(copy + 27, 0xff, 32);
    ok(qw_spki_key(&made, &odd, p) != NULL, "a coordinate beyond p");
    memset(copy + 27, 0, 64);
    ok(qw_spki_key(&made, &odd, p) != NULL, "0, 0");
    memcpy(copy, spki.data, spki.len);
    copy[26] = (unsigned char)(0x06 | (copy[spki.len - 1] & 1));
    ok(qw_spki_key(&made, &odd, p) != NULL, "a hybrid point");
    short_form[1] = (unsigned char)(short_form[1] - 32);
    short_form[24] = 34;
    short_form[26] = (unsigned char)(0x02 | (spki.data[spki.len - 1] & 1));
    odd.data = short_form;
    odd.len = spki.len - 32;
    ok(qw_spki_key(&made, &odd, p) != NULL, "a compressed point");
    ok(qw_hex_decode(&bytes,
                     "3019301306072a8648ce3d020106082a8648ce3d03010703020000",
                     p)
           && qw_spki_key(&made, &bytes, p) != NULL,
       "the point at infinity");
    /* id-RSASSA-PSS, RSA without NULL */
    ok(qw_hex_decode(&bytes,
                     "3017300b06092a864886f70d01010a0308003005020107020103", p)
           && qw_spki_key(&made, &bytes, p) != NULL,
       "an RSASSA-PSS key");
    ERR_clear_error();
}

static void hash(apr_pool_t *p)
{
    is_str(qw_spki_hash((const unsigned char *)"abc", 3, p),
           "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
           "the hash of an SPKI is SHA-256 in hex");
}

int main(void)
{
    apr_pool_t *p;

    apr_initialize();
    apr_pool_create(&p, NULL);
    good_keys(p);
    wrong_types(p);
    explicit_curve(p);
    sizes_and_exponents(p);
    weak_moduli(p);
    ok(fermat(50, p) == QW_RSA_CLOSE_PRIMES, "about 50 rounds of Fermat");
    ok(fermat(400, p) == QW_RSA_FINE, "about 400 rounds are not made");
    roca(p);
    spki_is("RSA", qw_own_EVP_PKEY(p, EVP_RSA_gen(2048)), 2048, p);
    spki_is("P-256", qw_own_EVP_PKEY(p, EVP_EC_gen("P-256")), 256, p);
    spki_is("P-384", qw_own_EVP_PKEY(p, EVP_EC_gen("P-384")), 384, p);
    spki_is("P-521", qw_own_EVP_PKEY(p, EVP_EC_gen("P-521")), 521, p);
    points(p);
    hash(p);
    apr_pool_destroy(p);
    return done_testing();
}
