#include "jose/eab.h"

#include "jose_make.h"
#include "told.h"

#define NEW_ACCOUNT "https://a.example/acme/new-account"

static apr_pool_t *pool;
static maker_t account;
static qw_jwk_t *outer;

static const qw_bytes_t mac_key = { (const unsigned char *)"0123456789abcdef\0"
                                                           "123456789abcdef",
                                    32 };

static const char *header_of(const char *alg)
{
    return apr_psprintf(
        pool, "{\"alg\":\"%s\",\"kid\":\"kid-1\",\"url\":\"" NEW_ACCOUNT "\"}",
        alg);
}

static qw_problem_t *parse(qw_eab_t **eab, const char *text)
{
    return qw_eab_parse(eab, make_object(text, pool), NEW_ACCOUNT, outer, pool);
}

/* A right binding in all but its header or its payload. */
static qw_problem_t *with(const char *header, const char *payload)
{
    qw_eab_t *eab;

    return parse(&eab, make_mac("SHA256", &mac_key, header, payload, pool));
}

static void test_good(void)
{
    static const char *const algs[][2] = { { "HS256", "SHA256" },
                                           { "HS384", "SHA384" },
                                           { "HS512", "SHA512" } };
    qw_bytes_t other = { mac_key.data, 31 };
    unsigned i, k;

    for (i = 0; i < 3; i++) {
        qw_eab_t *eab = NULL;

        fine(parse(&eab, make_mac(algs[i][1], &mac_key, header_of(algs[i][0]),
                                  account.jwk, pool)),
             apr_psprintf(pool, "EAB-36: %s", algs[i][0]));
        is_str(eab->kid, "kid-1", "its KeyID");
        is_str(eab->alg, algs[i][0], "its algorithm");
        ok(qw_eab_verify(eab, &mac_key), "it verifies");
        ok(!qw_eab_verify(eab, &other), "not with a key that lacks a byte");
        for (k = 0; k < 3; k++)
            if (k != i) {
                fine(parse(&eab,
                           make_mac(algs[k][1], &mac_key, header_of(algs[i][0]),
                                    account.jwk, pool)),
                     "E-06: a MAC by another digest parses");
                ok(!qw_eab_verify(eab, &mac_key), "and does not verify");
            }
    }
}

static void test_tags(void)
{
    const char *protected64 = make_b64(header_of("HS256"), pool);
    const char *payload64 = make_b64(account.jwk, pool);
    qw_jws_t *jws;
    qw_eab_t *eab = NULL;
    unsigned char tag[40] = { 0 };
    qw_bytes_t cut = { tag, 0 };
    unsigned i;
    int taken = 0;
    json_t *right = make_object(make_mac("SHA256", &mac_key, header_of("HS256"),
                                         account.jwk, pool),
                                pool);

    fine(qw_jws_from_object(&jws, right, pool), "a binding as JWS");
    ok(jws->signature.len == 32, "its tag has 32 bytes");
    memcpy(tag, jws->signature.data, 32);
    for (i = 0; i <= 40; i++) {
        cut.len = i;
        if (parse(&eab, make_flat(protected64, payload64, &cut, pool)) == NULL)
            taken += qw_eab_verify(eab, &mac_key) << (i == 32 ? 8 : 0);
    }
    ok(taken == 256, "E-06: 32 bytes verify, 0 to 31 and 33 to 40 do not");
    cut.len = 32;
    taken = 0;
    for (i = 0; i < 256; i++) {
        tag[i / 8] ^= (unsigned char)(1 << i % 8);
        if (parse(&eab, make_flat(protected64, payload64, &cut, pool)) == NULL)
            taken += qw_eab_verify(eab, &mac_key);
        tag[i / 8] ^= (unsigned char)(1 << i % 8);
    }
    ok(taken == 0, "no bit of it may change");
}

#define U ",\"url\":\"" NEW_ACCOUNT "\"}"
#define K "\"kid\":\"k\""

static const struct {
    const char *header, *words, *why;
} headers[] = {
    { "{\"alg\":\"RS256\"," K U, "alg RS256 is not", "EAB-06: RS256" },
    { "{\"alg\":\"ES256\"," K U, "alg ES256 is not", "EAB-06: ES256" },
    { "{\"alg\":\"none\"," K U, "alg none is not", "EAB-07: none" },
    { "{\"alg\":\"HS1\"," K U, "alg HS1 is not", "E-05: HS1" },
    { "{\"alg\":\"hs256\"," K U, "alg hs256 is not", "hs256" },
    { "{" K U, "alg: missing", "no alg" },
    { "{\"alg\":\"HS256\",\"nonce\":\"n\"," K U, "must not have a nonce",
      "EAB-10: a nonce" },
    { "{\"alg\":\"HS256\",\"nonce\":\"\"," K U, "must not have a nonce",
      "EAB-10: an empty nonce" },
    { "{\"alg\":\"HS256\",\"jwk\":{}," K U, "must not have a jwk",
      "EAB-13: a jwk" },
    { "{\"alg\":\"HS256\"" U, "kid is missing", "EAB-12: no kid" },
    { "{\"alg\":\"HS256\",\"kid\":\"\"" U, "kid is missing",
      "EAB-12: an empty kid" },
    { "{\"alg\":\"HS256\",\"kid\":7" U, "kid: not a string",
      "EAB-12: a kid that is a number" },
    { "{\"alg\":\"HS256\"," K "}", "url is not", "EAB-11: no url" },
    { "{\"alg\":\"HS256\"," K ",\"url\":\"" NEW_ACCOUNT "?\"}", "url is not",
      "EAB-11: a query" },
    { "{\"alg\":\"HS256\"," K
      ",\"url\":\"https://A.example/acme/new-account\"}",
      "url is not", "EAB-11: in other case" },
    { "{\"alg\":\"HS256\"," K ",\"url\":\"https://a.example/acme/new-order\"}",
      "url is not", "E-07: of another resource" },
    { "{\"alg\":\"HS256\",\"crit\":[]," K U, "crit is not supported", "crit" },
};

static void test_headers(void)
{
    char *kid = apr_pcalloc(pool, 130);
    unsigned i;

    for (i = 0; i < sizeof(headers) / sizeof(headers[0]); i++)
        told(with(headers[i].header, account.jwk), MALFORMED, headers[i].words,
             headers[i].why);
    memset(kid, 'k', 129);
    told(with(apr_psprintf(pool, "{\"alg\":\"HS256\",\"kid\":\"%s\"" U, kid),
              account.jwk),
         MALFORMED, "kid is missing or no KeyID", "EAB-12: a kid of 129 bytes");
    kid[128] = '\0';
    fine(with(apr_psprintf(pool, "{\"alg\":\"HS256\",\"kid\":\"%s\"" U, kid),
              account.jwk),
         "one of 128 bytes");
}

static void test_forms(void)
{
    static const char *const forms[][2] = {
        { "{}", "EAB-02: nothing in it" },
        { "{\"protected\":\"e30\",\"payload\":\"e30\"}",
          "EAB-02: no signature" },
        { "{\"payload\":\"e30\",\"signatures\":[]}", "EAB-14: signatures" },
        { "{\"protected\":\"e30\",\"payload\":\"e30\",\"signature\":\"\","
          "\"header\":{}}",
          "EAB-14: an unprotected header" },
    };
    qw_eab_t *eab;
    unsigned i;

    for (i = 0; i < 4; i++)
        told(parse(&eab, forms[i][0]), MALFORMED, "JWS: ", forms[i][1]);
    told(qw_eab_parse(&eab, NULL, NEW_ACCOUNT, outer, pool), MALFORMED,
         "not an object", "EAB-02: no binding");
    told(qw_eab_parse(&eab, qw_json_new_array(pool), NEW_ACCOUNT, outer, pool),
         MALFORMED, "not an object", "EAB-02: an array");
}

static void test_payloads(void)
{
    maker_t other = make_key("ES256", pool), rsa = make_key("RS256", pool);
    json_t *reordered = make_object(account.jwk, pool);
    const char *x = json_string_value(json_object_get(reordered, "x"));
    const char *y = json_string_value(json_object_get(reordered, "y"));

    told(with(header_of("HS256"), other.jwk), UNAUTHORIZED,
         "not the account key", "E-02: the binding of another account key");
    told(with(header_of("HS256"), rsa.jwk), UNAUTHORIZED, "not the account key",
         "of another kind");
    told(with(header_of("HS256"), ""), MALFORMED, "payload", "EAB-16: nothing");
    told(with(header_of("HS256"), "{}"), MALFORMED, "kty: missing",
         "EAB-16: no JWK");
    told(with(header_of("HS256"), "[]"), MALFORMED, "not a JSON object",
         "EAB-16: an array");
    told(with(header_of("HS256"),
              apr_psprintf(pool,
                           "{\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"%s\","
                           "\"y\":\"%s\",\"d\":\"AAAA\"}",
                           x, y)),
         MALFORMED, "private member d", "EAB-16: a private key");
    fine(with(header_of("HS256"),
              apr_psprintf(pool,
                           " { \"y\":\"%s\", \"x\":\"%s\",\n\"use\":\"sig\", "
                           "\"crv\":\"P-256\", \"kty\":\"EC\" } ",
                           y, x)),
         "EAB-17: the same key, written otherwise");
}

int main(void)
{
    apr_initialize();
    apr_pool_create(&pool, NULL);
    account = make_key("ES256", pool);
    outer = make_parsed(&account, pool);
    test_good();
    test_tags();
    test_headers();
    test_forms();
    test_payloads();
    apr_pool_destroy(pool);
    apr_terminate();
    return done_testing();
}
