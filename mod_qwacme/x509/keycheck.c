#include "x509/keycheck.h"

#include "base/text.h"
#include "x509/rsacheck.h"
#include "x509/spki.h"

#include <apr_strings.h>
#include <openssl/core_names.h>
#include <openssl/err.h>
#include <string.h>

enum { RSA_MIN = 2048, RSA_MAX = 8192, EXPONENT_MAX_BITS = 64 };

#define WEAK(pool, ...) QW_FAIL((pool), BAD_PUBLIC_KEY, __VA_ARGS__)

static qw_problem_t *check_exponent(const BIGNUM *e, apr_pool_t *pool)
{
    if (!BN_is_odd(e) || BN_num_bits(e) < 17
        || BN_num_bits(e) > EXPONENT_MAX_BITS)
        return WEAK(pool, "the RSA exponent is not an odd number from 65537 to "
                          "2^64; use 65537");
    return NULL;
}

static qw_problem_t *check_modulus(const BIGNUM *n, apr_pool_t *pool)
{
    switch (qw_rsa_check_modulus(n)) {
    case QW_RSA_FINE:
        return NULL;
    case QW_RSA_EVEN:
        return WEAK(pool, "the RSA modulus is even");
    case QW_RSA_SMALL_FACTOR:
        return WEAK(pool, "the RSA modulus has a factor below 752");
    case QW_RSA_ROCA:
        return WEAK(pool, "the RSA key was made by a faulty device (ROCA, "
                          "CVE-2017-15361); make a new one elsewhere");
    case QW_RSA_CLOSE_PRIMES:
        return WEAK(pool, "the primes of the RSA key are too close to each "
                          "other (CVE-2022-26320)");
    case QW_RSA_PRIME:
        return WEAK(pool, "the RSA modulus is not a product of two primes");
    case QW_RSA_OUT_OF_MEMORY:
        break;
    }
    return QW_FAIL_BECAUSE(pool, UNAVAILABLE, qw_openssl_reasons(pool),
                           "the key could not be checked");
}

static qw_problem_t *check_numbers(const BIGNUM *n, const BIGNUM *e,
                                   apr_pool_t *pool)
{
    int bits = BN_num_bits(n);

    if (bits < RSA_MIN || bits > RSA_MAX || bits % 8 != 0)
        return WEAK(pool,
                    "the RSA key has %d bits; %d to %d in steps of 8 are "
                    "taken",
                    bits, RSA_MIN, RSA_MAX);
    QW_TRY(check_exponent(e, pool));
    return check_modulus(n, pool);
}

static qw_problem_t *check_rsa(EVP_PKEY *key, apr_pool_t *pool)
{
    BIGNUM *n = NULL, *e = NULL;
    qw_problem_t *problem;

    if (EVP_PKEY_get_bn_param(key, OSSL_PKEY_PARAM_RSA_N, &n) != 1
        || EVP_PKEY_get_bn_param(key, OSSL_PKEY_PARAM_RSA_E, &e) != 1)
        problem = WEAK(pool, "the RSA key has no modulus or no exponent");
    else
        problem = check_numbers(n, e, pool);
    BN_free(n);
    BN_free(e);
    ERR_clear_error();
    return problem;
}

static int is_on_curve(EVP_PKEY *key)
{
    EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_pkey(NULL, key, NULL);
    int good = ctx != NULL && EVP_PKEY_public_check_quick(ctx) == 1;

    EVP_PKEY_CTX_free(ctx);
    ERR_clear_error();
    return good;
}

/* The order of a point needs no proof on curves of cofactor 1, so the quick
 * check is a whole one. */
static qw_problem_t *check_ec(EVP_PKEY *key, apr_pool_t *pool)
{
    static const char *const groups[] = { "prime256v1", "secp384r1",
                                          "secp521r1" };
    char group[32] = "";
    int explicit_curve = 0;
    apr_size_t i;

    if (EVP_PKEY_get_int_param(key,
                               OSSL_PKEY_PARAM_EC_DECODED_FROM_EXPLICIT_PARAMS,
                               &explicit_curve)
            == 1
        && explicit_curve)
        return WEAK(pool, "the EC key brings a curve of its own (explicit "
                          "parameters); use a named curve");
    if (EVP_PKEY_get_group_name(key, group, sizeof(group), NULL) != 1)
        group[0] = '\0';
    ERR_clear_error();
    for (i = 0; i < sizeof(groups) / sizeof(groups[0]); i++) {
        if (strcmp(group, groups[i]) != 0)
            continue;
        if (!is_on_curve(key))
            return WEAK(pool, "the EC key is not a point of its curve");
        return NULL;
    }
    return WEAK(pool, "the curve of the EC key is not P-256, P-384 or P-521");
}

static int is_our_own(EVP_PKEY *key, const apr_array_header_t *own,
                      apr_pool_t *pool)
{
    qw_bytes_t spki;

    return own->nelts > 0 && qw_spki_encode(&spki, key, pool)
           && qw_text_in(own, qw_spki_hash(spki.data, spki.len, pool));
}

/* BR-6.1.1.3 (4), (5) */
static qw_problem_t *check_known(EVP_PKEY *key, const qw_known_keys_t *known,
                                 apr_pool_t *pool)
{
    qw_keyhash_e kind;

    if (known->own != NULL && is_our_own(key, known->own, pool))
        return WEAK(pool, "the key is that of the CA itself");
    if (known->list == NULL || !qw_keylist_has(known->list, key, &kind, pool))
        return NULL;
    if (kind == QW_KEYHASH_MODULUS_SHA1)
        return WEAK(pool, "the RSA key is one of those that Debian's OpenSSL "
                          "made until 2008 (CVE-2008-0166); make a new one");
    return WEAK(pool, "the key is on a list of keys whose private part is "
                      "known; make a new one");
}

qw_problem_t *qw_keycheck(EVP_PKEY *key, qw_key_use_e use,
                          const qw_known_keys_t *known, apr_pool_t *pool)
{
    if (known != NULL)
        QW_TRY(check_known(key, known, pool));
    if (EVP_PKEY_is_a(key, "RSA"))
        return check_rsa(key, pool);
    if (EVP_PKEY_is_a(key, "EC"))
        return check_ec(key, pool);
    if (use == QW_KEY_FOR_ACCOUNT && EVP_PKEY_is_a(key, "ED25519"))
        return NULL;
    return WEAK(pool, use == QW_KEY_FOR_ACCOUNT
                          ? "the key is not RSA, P-256, P-384, P-521 or Ed25519"
                          : "the key is not RSA, P-256, P-384 or P-521");
}
