#include "jose/jwk.h"

#include "jose_make.h"
#include "told.h"

static apr_pool_t *pool;

static qw_problem_t *parse(const char *text)
{
    qw_jwk_t *jwk;

    return qw_jwk_parse(&jwk, make_object(text, pool), pool);
}

/* RFC 7515 appendix A.3 */
#define X "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU"
#define Y "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"
#define P256(x, y)                                                             \
    "{\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"" x "\",\"y\":\"" y "\"}"

static void test_thumbprints(void)
{
    qw_jwk_t *jwk = NULL;

    /* RFC 7638 section 3.1 */
    fine(qw_jwk_parse(
             &jwk,
             make_object(
                 "{\"kty\":\"RSA\",\"n\":\"0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps"
                 "2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWK"
                 "RXjBZCiFV4n3oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6C"
                 "f0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdA"
                 "ZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0f"
                 "M4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzK"
                 "nqDKgw\",\"e\":\"AQAB\",\"alg\":\"RS256\","
                 "\"kid\":\"2011-04-29\"}",
                 pool),
             pool),
         "the key of RFC7638-3.1");
    is_str(jwk != NULL ? jwk->thumbprint : NULL,
           "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs",
           "RFC7638-3.1: and its thumbprint");
    /* RFC 8037 appendix A.3 */
    fine(
        qw_jwk_parse(&jwk,
                     make_object("{\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"x\":"
                                 "\"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"
                                 "\"}",
                                 pool),
                     pool),
        "the key of RFC8037-A.2");
    is_str(jwk->thumbprint, "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k",
           "RFC8037-A.3: and its thumbprint");
    ok(strcmp(jwk->kty, "OKP") == 0 && strcmp(jwk->crv, "Ed25519") == 0,
       "kty and crv");
}

static void test_one_key(void)
{
    qw_jwk_t *plain, *other;

    fine(qw_jwk_parse(&plain, make_object(P256(X, Y), pool), pool), "a key");
    fine(qw_jwk_parse(&other,
                      make_object("{\"use\":\"sig\", \"y\":\"" Y "\",\"x\":\"" X
                                  "\",\"alg\":\"ES256\","
                                  "\"crv\":\"P-256\",\"kid\":\"1\","
                                  "\"kty\":\"EC\"}",
                                  pool),
                      pool),
         "KEY-14: in another order, with other members");
    is_str(other->thumbprint, plain->thumbprint, "KEY-14: is the same key");
    is_str(other->json,
           "{\"crv\":\"P-256\",\"kty\":\"EC\",\"x\":\"" X "\",\"y\":\"" Y "\"}",
           "only what belongs to it is kept");
}

/* The point that x = p would be, in its own form. */
static void test_zero(void)
{
    fine(parse(P256("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
                    "ZkhceA4vg9ckM71dhKBrtlQcKvMdrocXKL-FahdPk_Q")),
         "x may be 0");
}

static void test_round_trips(void)
{
    static const char *const algs[] = { "ES256", "ES384", "ES512", "RS256",
                                        "EdDSA" };
    unsigned i;

    for (i = 0; i < 5; i++) {
        maker_t maker = make_key(algs[i], pool);
        qw_jwk_t *jwk = make_parsed(&maker, pool), *back;
        qw_bytes_t spki = qw_jwk_spki(jwk, pool);
        const char *thumbprint;

        ok(EVP_PKEY_eq(jwk->key, maker.key) == 1, "%s: the same key", algs[i]);
        fine(qw_jwk_from_spki(&back, &spki, pool), "as SPKI and back");
        is_str(back->json, jwk->json, "the same JWK");
        fine(qw_jwk_thumbprint(&thumbprint, maker.key, pool), "a thumbprint");
        is_str(thumbprint, jwk->thumbprint, "the same thumbprint");
    }
}

static const struct {
    const char *text, *words, *why;
} malformed[] = {
    { "{}", "kty: missing", "no kty" },
    { "{\"kty\":7}", "kty: not a string", "a kty that is a number" },
    { "{\"kty\":\"EC\"}", "crv: missing", "no curve" },
    { "{\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"" X "\"}", "y: missing",
      "no y" },
    { "{\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":1,\"y\":\"" Y "\"}",
      "x: not a string", "an x that is a number" },
    { P256(X "=", Y), "x is not base64url", "padding" },
    { P256("f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEV", Y),
      "x is not base64url", "J-14: stray bits" },
    { P256("f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVA", Y), "32 bytes each",
      "KEY-13: x of 31 bytes" },
    { P256("AH_Nzidw9sRdQYPL7m_bS3tYBzM1e-nvE7rPbjx70VRF", Y), "32 bytes each",
      "J-06: x of 33 bytes" },
    { P256("", ""), "32 bytes each", "the point at infinity has no form" },
    { "{\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"x\":\"AAAA\"}", "32 bytes",
      "Ed25519 of 3 bytes" },
    { "{\"kty\":\"OKP\",\"crv\":\"Ed25519\"}", "x: missing", "no x" },
    { "{\"kty\":\"RSA\",\"n\":\"AQAB\"}", "e: missing", "no e" },
    { "{\"kty\":\"RSA\",\"n\":\"\",\"e\":\"AQAB\"}", "leading zero",
      "an empty n" },
    { "{\"kty\":\"RSA\",\"n\":\"AQAB\",\"e\":\"AAEAAQ\"}", "leading zero",
      "J-25: a leading zero" },
};

static const struct {
    const char *text, *words, *why;
} bad[] = {
    { "{\"kty\":\"oct\",\"k\":\"AAAA\"}", "kty oct", "KEY-12: kty oct" },
    { "{\"kty\":\"ec\"}", "kty ec", "kty ec" },
    { "{\"kty\":\"\"}", "kty ", "an empty kty" },
    { "{\"kty\":\"EC\",\"crv\":\"p-256\"}", "curve p-256", "J-06: p-256" },
    { "{\"kty\":\"EC\",\"crv\":\"P-256K\"}", "curve P-256K", "J-06: P-256K" },
    { "{\"kty\":\"EC\",\"crv\":\"secp256k1\"}", "curve secp256k1",
      "KEY-10: secp256k1" },
    { "{\"kty\":\"EC\",\"crv\":\"P-224\"}", "curve P-224", "KEY-10: P-224" },
    { "{\"kty\":\"EC\",\"crv\":\"Ed25519\"}", "curve Ed25519",
      "a curve of another kty" },
    { "{\"kty\":\"OKP\",\"crv\":\"Ed448\",\"x\":\"AAAA\"}", "curve Ed448",
      "Ed448" },
    { "{\"kty\":\"OKP\",\"crv\":\"X25519\",\"x\":\"AAAA\"}", "curve X25519",
      "a key that cannot sign" },
    { P256(X, X), "not a valid public key", "KEY-09: not on the curve" },
    { P256("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
           "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"),
      "not a valid public key", "J-06: (0,0)" },
    { P256("_____wAAAAEAAAAAAAAAAAAAAAD_______________8",
           "ZkhceA4vg9ckM71dhKBrtlQcKvMdrocXKL-FahdPk_Q"),
      "not a valid public key", "KEY-09: x is p" },
};

static void test_refused(void)
{
    unsigned i;
    qw_problem_t *prob;

    for (i = 0; i < sizeof(malformed) / sizeof(malformed[0]); i++)
        told(parse(malformed[i].text), MALFORMED, malformed[i].words,
             malformed[i].why);
    for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        told(parse(bad[i].text), BAD_PUBLIC_KEY, bad[i].words, bad[i].why);
    prob = parse(P256(X, X));
    ok(strstr(prob->detail, "error:") == NULL && prob->cause != NULL,
       "J-06: OpenSSL's reason is for the log, not for the client");
}

static void test_private(void)
{
    static const char *const names[] = { "d",  "p",  "q", "dp",
                                         "dq", "qi", "k", "oth" };
    unsigned i;

    for (i = 0; i < 8; i++)
        told(parse(apr_psprintf(pool,
                                "{\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"" X
                                "\",\"y\":\"" Y "\",\"%s\":null}",
                                names[i])),
             MALFORMED, apr_psprintf(pool, "private member %s", names[i]),
             apr_psprintf(pool, "KEY-11: the private member %s", names[i]));
}

/* An RSA JWK of N and E, big endian. */
static qw_problem_t *rsa(const unsigned char *n, apr_size_t n_len,
                         const unsigned char *e, apr_size_t e_len)
{
    return parse(apr_psprintf(pool,
                              "{\"kty\":\"RSA\",\"n\":\"%s\",\"e\":\"%s\"}",
                              qw_b64url_encode(n, n_len, pool),
                              qw_b64url_encode(e, e_len, pool)));
}

static void modulus_of(unsigned char *out, unsigned bits)
{
    EVP_PKEY *key = EVP_RSA_gen(bits);
    BIGNUM *n = NULL;

    EVP_PKEY_get_bn_param(key, "n", &n);
    BN_bn2bin(n, out);
    BN_free(n);
    EVP_PKEY_free(key);
}

static void test_rsa_sizes(void)
{
    static const unsigned char f4[] = { 1, 0, 1 };
    unsigned char n[2050], e[600];

    modulus_of(n, 1024);
    told(rsa(n, 128, f4, 3), BAD_PUBLIC_KEY, "2048 to 8192", "KEY-01: 1024");
    modulus_of(n, 2048);
    fine(rsa(n, 256, f4, 3), "2048 bits");
    n[0] &= 0x7f;
    n[0] |= 0x40;
    told(rsa(n, 256, f4, 3), BAD_PUBLIC_KEY, "2048 to 8192", "J-03: 2047");
    modulus_of(n + 1, 2048);
    n[0] = 0;
    told(rsa(n, 257, f4, 3), MALFORMED, "leading zero",
         "J-25: a leading zero in n");
    memset(n, 0xff, sizeof(n));
    told(rsa(n, 1025, f4, 3), BAD_PUBLIC_KEY, "2048 to 8192", "8200 bits");
    told(rsa(n, 2048, f4, 3), BAD_PUBLIC_KEY, "2048 to 8192", "J-03: 16384");
    modulus_of(n, 2048);
    memset(e, 0, sizeof(e));
    e[0] = 1;
    e[599] = 1;
    told(rsa(n, 256, e, 600), BAD_PUBLIC_KEY, "exponent", "J-03: e = 2^4792");
    e[0] = 2;
    e[4] = 1;
    told(rsa(n, 256, e, 5), BAD_PUBLIC_KEY, "exponent", "e of 34 bits");
    e[0] = 1;
    fine(rsa(n, 256, e, 5), "e of 33 bits");
}

static void test_rsa_numbers(void)
{
    static const unsigned char one[] = { 1 }, two[] = { 2 },
                               even[] = { 1, 0, 0 }, f4[] = { 1, 0, 1 };
    unsigned char n[256];

    modulus_of(n, 2048);
    told(rsa(n, 256, one, 1), BAD_PUBLIC_KEY, "exponent is not 1",
         "KEY-03: e = 1");
    told(rsa(n, 256, two, 1), BAD_PUBLIC_KEY, "are odd", "KEY-03: e = 2");
    told(rsa(n, 256, even, 3), BAD_PUBLIC_KEY, "are odd", "KEY-03: e even");
    n[255] &= 0xfe;
    told(rsa(n, 256, f4, 3), BAD_PUBLIC_KEY, "are odd", "KEY-04: n even");
}

static void test_other_kinds(void)
{
    EVP_PKEY *p224 = qw_own_EVP_PKEY(pool, EVP_EC_gen("P-224"));
    EVP_PKEY *ed448 =
        qw_own_EVP_PKEY(pool, EVP_PKEY_Q_keygen(NULL, NULL, "ED448"));
    qw_bytes_t spki = { (const unsigned char *)"0", 1 };
    const char *thumbprint;
    qw_jwk_t *jwk;

    told(qw_jwk_thumbprint(&thumbprint, p224, pool), BAD_PUBLIC_KEY,
         "not taken", "no thumbprint of P-224");
    told(qw_jwk_thumbprint(&thumbprint, ed448, pool), BAD_PUBLIC_KEY,
         "not taken", "nor of Ed448");
    told(qw_jwk_from_spki(&jwk, &spki, pool), BAD_PUBLIC_KEY, "not taken",
         "what is no SPKI is no key");
}

int main(void)
{
    apr_initialize();
    apr_pool_create(&pool, NULL);
    test_thumbprints();
    test_one_key();
    test_zero();
    test_round_trips();
    test_refused();
    test_private();
    test_rsa_sizes();
    test_rsa_numbers();
    test_other_kinds();
    apr_pool_destroy(pool);
    apr_terminate();
    return done_testing();
}
