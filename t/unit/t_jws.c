#include "jose/jws.h"

#include "jose/alg.h"

#include "jose_make.h"
#include "told.h"

static apr_pool_t *pool;
static maker_t es256, es384, es512, rs256, eddsa;

static qw_problem_t *parse(const char *body)
{
    qw_jws_t *jws;

    return qw_jws_parse(&jws, body, strlen(body), pool);
}

/* The whole way of a body whose key is known. */
static qw_problem_t *take(const char *body, const maker_t *maker)
{
    qw_jws_t *jws;

    QW_TRY(qw_jws_parse(&jws, body, strlen(body), pool));
    QW_TRY(qw_jws_check_alg(jws, pool));
    return qw_jws_verify(jws, make_parsed(maker, pool), pool);
}

static const char *header_of(const char *alg)
{
    return apr_psprintf(pool,
                        "{\"alg\":\"%s\",\"kid\":\"https://a.example/1\","
                        "\"nonce\":\"n\",\"url\":\"https://a.example/o\"}",
                        alg);
}

/* A JWS by es256 whose protected header is HEADER. */
static qw_problem_t *with_header(const char *header)
{
    return parse(make_jws(&es256, header, "{}", pool));
}

static void test_good(void)
{
    const maker_t *makers[] = { &es256, &es384, &es512, &rs256, &eddsa };
    unsigned i, k;

    for (i = 0; i < 5; i++) {
        int good = 1;

        for (k = 0; k < 40; k++) /* r and s of every leading bit */
            good = good
                   && take(make_jws(makers[i], header_of(makers[i]->alg),
                                    apr_psprintf(pool, "{\"n\":%u}", k), pool),
                           makers[i])
                          == NULL;
        ok(good, "JWS-20: %s is taken", makers[i]->alg);
    }
}

static void test_parsed(void)
{
    qw_jws_t *jws;
    json_t *payload;
    const char *body = make_jws(&es256, header_of("ES256"), "{\"a\":1}", pool);

    fine(qw_jws_parse(&jws, body, strlen(body), pool), "a JWS");
    is_str(jws->alg, "ES256", "alg");
    is_str(jws->nonce, "n", "nonce");
    is_str(jws->url, "https://a.example/o", "url");
    is_str(jws->kid, "https://a.example/1", "kid");
    ok(jws->jwk == NULL && jws->signature.len == 64, "no jwk, 64 bytes");
    fine(qw_jws_payload_object(&payload, jws, pool), "an object as payload");
    ok(json_integer_value(json_object_get(payload, "a")) == 1, "its member");
    body = make_jws(&es256, "{\"alg\":\"ES256\",\"jwk\":{}}", "", pool);
    fine(qw_jws_parse(&jws, body, strlen(body), pool), "JWS-44: no payload");
    ok(jws->payload.len == 0 && json_is_object(jws->jwk) && jws->kid == NULL
           && jws->nonce == NULL && jws->url == NULL,
       "what is absent is NULL");
    told(qw_jws_payload_object(&payload, jws, pool), MALFORMED, "payload",
         "JWS-45: nothing is no object");
}

#define P "\"protected\":\"eyJhbGciOiJFUzI1NiJ9\""
#define L "\"payload\":\"e30\""
#define S "\"signature\":\"AAAA\""

static const struct {
    const char *body, *words, *why;
} forms[] = {
    { "", "JWS", "nothing" },
    { "[]", "not a JSON object", "an array" },
    { "\"a.b.c\"", "not a JSON object", "JWS-05: compact in a string" },
    { "eyJhbGciOiJFUzI1NiJ9.e30.AAAA", "JWS", "JWS-05: compact" },
    { "{" P "," S "}", "payload is missing", "JWS-10: detached" },
    { "{" L "," S "}", "protected is missing", "JWS-08: no protected" },
    { "{" P "," L "}", "signature is missing", "JWS-07: no signature" },
    { "{" P "," L ",\"signature\":null}", "signature is missing",
      "a signature that is null" },
    { "{" P ",\"payload\":{}," S "}", "payload is missing",
      "a payload that is an object" },
    { "{" P "," L "," S ",\"header\":{}}", "other members",
      "JWS-06: an unprotected header" },
    { "{" P "," L "," S ",\"header\":{\"kid\":\"x\"}}", "other members",
      "J-08: an unprotected kid" },
    { "{" P "," L "," S ",\"signatures\":[]}", "other members",
      "JWS-04: signature and signatures" },
    { "{" L ",\"signatures\":[{" P "," S "}]}", "protected is missing",
      "JWS-03: general serialization" },
    { "{" P "," L "," S ",\"x\":1}", "other members",
      "a member of no meaning" },
    { "{" P "," L "," L "," S "}", "JWS: not strict JSON",
      "J-09: payload twice" },
    { "{" P "," L ",\"p\\u0061yload\":\"e30\"," S "}", "not strict JSON",
      "J-09: payload twice by escape" },
    { "{\"protected\":\"\"," L "," S "}", "protected", "JWS-08: empty" },
    { "{\"protected\":\"eyJhbGciOiJFUzI1NiJ9=\"," L "," S "}", "not base64url",
      "JWS-09: padding in protected" },
    { "{\"protected\":\"e30=\"," L "," S "}", "not base64url",
      "JWS-09: standard padding" },
    { "{\"protected\":\"e31\"," L "," S "}", "not base64url",
      "J-14: stray bits in protected" },
    { "{\"protected\":\"W10\"," L "," S "}", "protected header: not a JSON",
      "JWS-08: an array as header" },
    { "{\"protected\":\"AAAA\"," L "," S "}", "protected header",
      "JWS-08: no JSON as header" },
    { "{" P ",\"payload\":\"e30=\"," S "}", "payload is not base64url",
      "JWS-09: padding in payload" },
    { "{" P ",\"payload\":\"e31\"," S "}", "payload is not base64url",
      "J-14: stray bits in payload" },
    { "{" P ",\"payload\":\"e 30\"," S "}", "payload is not base64url",
      "J-14: a space" },
    { "{" P ",\"payload\":\"+/+/\"," S "}", "payload is not base64url",
      "J-14: the other alphabet" },
    { "{" P "," L ",\"signature\":\"AAA=\"}", "signature is not base64url",
      "JWS-09: padding in signature" },
    { "{" P "," L ",\"signature\":\"AAB\"}", "signature is not base64url",
      "J-14: stray bits in signature" },
    { "{" P "," L ",\"signature\":\"A\"}", "signature is not base64url",
      "J-14: length 1 modulo 4" },
};

static void test_form(void)
{
    unsigned i;

    fine(parse("{" P "," L "," S "}"), "the form by itself");
    for (i = 0; i < sizeof(forms) / sizeof(forms[0]); i++)
        told(parse(forms[i].body), MALFORMED, forms[i].words, forms[i].why);
    told(qw_jws_parse(&(qw_jws_t *){ NULL }, "{" P "," L "," S "}\0",
                      sizeof("{" P "," L "," S "}"), pool),
         MALFORMED, "JWS", "J-12: NUL after the end");
}

static const struct {
    const char *header, *words, *why;
} headers[] = {
    { "{}", "alg: missing", "no alg" },
    { "{\"alg\":5}", "alg: not a string", "JWS-46: alg is a number" },
    { "{\"alg\":null}", "alg: not a string", "JWS-46: alg is null" },
    { "{\"alg\":\"ES256\",\"nonce\":1}", "nonce: not a string",
      "JWS-46: nonce is a number" },
    { "{\"alg\":\"ES256\",\"url\":[]}", "url: not a string",
      "JWS-46: url is an array" },
    { "{\"alg\":\"ES256\",\"kid\":{}}", "kid: not a string",
      "J-17: kid is an object" },
    { "{\"alg\":\"ES256\",\"jwk\":\"x\"}", "jwk: not an object",
      "jwk is a string" },
    { "{\"alg\":\"ES256\",\"jwk\":null}", "jwk: not an object", "jwk is null" },
    { "{\"alg\":\"ES256\",\"crit\":[\"b64\"],\"b64\":false}", "not supported",
      "JWS-11: b64 and crit" },
    { "{\"alg\":\"ES256\",\"b64\":false}", "b64 is not", "J-15: b64 false" },
    { "{\"alg\":\"ES256\",\"b64\":true}", "b64 is not", "J-15: b64 true" },
    { "{\"alg\":\"ES256\",\"crit\":[]}", "crit is not", "J-15: an empty crit" },
    { "{\"alg\":\"ES256\",\"crit\":[\"exp\"]}", "crit is not",
      "JWS-12: an unknown crit" },
    { "{\"alg\":\"ES256\",\"crit\":\"x\"}", "crit is not",
      "J-15: a crit of another type" },
    { "{\"alg\":\"ES256\",\"crit\":null}", "crit is not", "J-15: a null crit" },
    { "{\"alg\":\"ES256\",\"zip\":\"DEF\"}", "zip is not", "J-16: zip" },
    { "{\"alg\":\"ES256\",\"alg\":\"ES256\"}", "not strict JSON",
      "J-09: alg twice" },
    { "{\"alg\":\"ES256\",\"url\":\"a\",\"url\":\"b\"}", "not strict JSON",
      "JWS-13: url twice" },
    { "{\"alg\":\"ES256\",\"url\":\"a\",\"\\u0075rl\":\"b\"}",
      "not strict JSON", "J-09: url twice by escape" },
    { "{\"alg\":\"ES256\",\"kid\":\"a\\u0000b\"}", "not strict JSON",
      "J-12: NUL in kid" },
    { "{\"alg\":\"ES256\"} x", "not strict JSON", "bytes after the header" },
};

static void test_headers(void)
{
    unsigned i;

    for (i = 0; i < sizeof(headers) / sizeof(headers[0]); i++)
        told(with_header(headers[i].header), MALFORMED, headers[i].words,
             headers[i].why);
    fine(with_header("{\"alg\":\"ES256\",\"jku\":\"http://10.0.0.1/\","
                     "\"x5u\":\"http://10.0.0.1/\",\"x5c\":[\"AAAA\"],"
                     "\"typ\":7,\"cty\":{}}"),
         "JWS-40: jku, x5u and x5c are ignored");
}

static const char *const algs[] = { "none",   "None",   "NONE",   "nOnE",
                                    "none ",  "",       "HS256",  "HS384",
                                    "HS512",  "RS384",  "RS512",  "PS256",
                                    "RS1",    "es256",  "ES256K", "ES256 ",
                                    "EdDSA2", "Ed25519" };

static void test_algs(void)
{
    qw_bytes_t empty = { (const unsigned char *)"", 0 };
    qw_jws_t *jws;
    unsigned i;

    for (i = 0; i < sizeof(algs) / sizeof(algs[0]); i++) {
        const char *body =
            make_flat(make_b64(header_of(algs[i]), pool), "e30", &empty, pool);

        if (qw_jws_parse(&jws, body, strlen(body), pool) != NULL) {
            ok(0, "the form of alg '%s' is well", algs[i]);
            continue;
        }
        told(qw_jws_check_alg(jws, pool), BAD_SIGNATURE_ALGORITHM,
             "is not one of ES256, ES384, ES512, RS256, EdDSA",
             apr_psprintf(pool, "JWS-15: alg '%s'", algs[i]));
        told(qw_jws_verify(jws, make_parsed(&es256, pool), pool),
             BAD_SIGNATURE_ALGORITHM, "does not fit",
             "and it verifies with no key");
    }
    for (i = 0; qw_jws_algorithms[i] != NULL; i++)
        ok(qw_alg_find(qw_jws_algorithms[i]) != NULL,
           "JWS-18: %s is listed and taken", qw_jws_algorithms[i]);
    ok(i == 5, "JWS-18: there are five");
    ok(qw_alg_mac_digest("ES256") == NULL && qw_alg_find("HS256") == NULL,
       "a MAC is no signature, nor the other way");
}

/* alg of one kind, key of another: nothing is computed. */
static void test_confusion(void)
{
    const maker_t *makers[] = { &es256, &es384, &es512, &rs256, &eddsa };
    unsigned i, k;

    for (i = 0; i < 5; i++)
        for (k = 0; k < 5; k++) {
            const char *body =
                make_jws(makers[k], header_of(makers[i]->alg), "{}", pool);

            if (i != k)
                told(take(body, makers[k]), BAD_SIGNATURE_ALGORITHM,
                     "does not fit the key",
                     apr_psprintf(pool, "JWS-19: %s with a key for %s",
                                  makers[i]->alg, makers[k]->alg));
        }
}

/* J-02: what a careless verifier would take for a MAC key. */
static void test_mac_of_public_key(void)
{
    qw_bytes_t spki = qw_jwk_spki(make_parsed(&es256, pool), pool);
    qw_bytes_t json = { (const unsigned char *)es256.jwk, strlen(es256.jwk) };

    told(take(make_mac("SHA256", &spki, header_of("HS256"), "{}", pool),
              &es256),
         BAD_SIGNATURE_ALGORITHM, "HS256 is not", "JWS-16: MAC by the SPKI");
    told(take(make_mac("SHA256", &json, header_of("HS256"), "{}", pool),
              &es256),
         BAD_SIGNATURE_ALGORITHM, "HS256 is not", "JWS-16: MAC by the JWK");
    told(take(make_mac("SHA256", &spki, header_of("ES256"), "{}", pool),
              &es256),
         MALFORMED, "64 bytes", "a MAC is no ES256 signature");
}

/* What is signed with SIGNATURE in place of the right one. */
static qw_problem_t *with_signature(const maker_t *maker,
                                    const unsigned char *data, apr_size_t len)
{
    qw_bytes_t signature = { data, len };

    return take(make_flat(make_b64(header_of(maker->alg), pool), "e30",
                          &signature, pool),
                maker);
}

static qw_bytes_t right_signature(const maker_t *maker)
{
    return make_signature(maker,
                          apr_pstrcat(pool,
                                      make_b64(header_of(maker->alg), pool),
                                      ".e30", NULL),
                          pool);
}

static void test_lengths(void)
{
    const maker_t *makers[] = { &es256, &es384, &es512, &rs256, &eddsa };
    unsigned i;

    for (i = 0; i < 5; i++) {
        qw_bytes_t right = right_signature(makers[i]);
        unsigned char *longer = apr_pcalloc(pool, 2 * right.len);
        const char *alg = makers[i]->alg;

        memcpy(longer, right.data, right.len);
        fine(with_signature(makers[i], right.data, right.len),
             apr_psprintf(pool, "%s: %d bytes", alg, (int)right.len));
        told(with_signature(makers[i], right.data, 0), MALFORMED, "JWS",
             apr_psprintf(pool, "JWS-07: %s: no byte", alg));
        told(with_signature(makers[i], right.data, right.len - 1), MALFORMED,
             "JWS", apr_psprintf(pool, "JWS-22: %s: a byte less", alg));
        told(with_signature(makers[i], longer, right.len + 1), MALFORMED, "JWS",
             apr_psprintf(pool, "J-04: %s: a byte more", alg));
        told(with_signature(makers[i], longer, 2 * right.len), MALFORMED, "JWS",
             apr_psprintf(pool, "J-04: %s: twice the length", alg));
    }
}

static void test_der(void)
{
    const maker_t *makers[] = { &es256, &es384, &es512 };
    unsigned i;

    for (i = 0; i < 3; i++) {
        const char *input =
            apr_pstrcat(pool, make_b64(header_of(makers[i]->alg), pool), ".e30",
                        NULL);
        qw_bytes_t der = make_der_signature(makers[i], input, pool);

        told(with_signature(makers[i], der.data, der.len), MALFORMED,
             "r and s, not DER",
             apr_psprintf(pool, "JWS-21: DER for %s", makers[i]->alg));
    }
}

/* r and s of MAKER's curve, each one of these: none may verify. */
static void test_numbers(const maker_t *maker, const char *curve)
{
    BIGNUM *order = NULL, *field = NULL;
    unsigned char half[6][66], raw[132];
    qw_bytes_t right = right_signature(maker);
    int h = (int)maker->half, i, k, taken = 0;

    EVP_PKEY_get_bn_param(maker->key, "order", &order);
    EVP_PKEY_get_bn_param(maker->key, "p", &field);
    memset(half, 0, sizeof(half));
    memset(half[1], 0xff, (size_t)h);
    BN_bn2binpad(order, half[2], h);
    BN_bn2binpad(field, half[3], h);
    BN_sub_word(order, 1);
    BN_bn2binpad(order, half[4], h);
    BN_add_word(order, 2);
    BN_bn2binpad(order, half[5], h);
    for (i = 0; i < 6; i++) {
        for (k = 0; k < 6; k++) {
            memcpy(raw, half[i], (size_t)h);
            memcpy(raw + h, half[k], (size_t)h);
            taken += with_signature(maker, raw, 2 * (apr_size_t)h) == NULL;
        }
        memcpy(raw, right.data, (size_t)h);
        memcpy(raw + h, half[i], (size_t)h);
        taken += with_signature(maker, raw, 2 * (apr_size_t)h) == NULL;
        memcpy(raw, half[i], (size_t)h);
        memcpy(raw + h, right.data + h, (size_t)h);
        taken += with_signature(maker, raw, 2 * (apr_size_t)h) == NULL;
    }
    BN_free(order);
    BN_free(field);
    ok(taken == 0, "JWS-23, J-04: r and s of 0, n-1, n, n+1, p or all ones: %s",
       curve);
}

static void test_bits(void)
{
    const maker_t *makers[] = { &es256, &eddsa, &rs256 };
    unsigned i, k;

    for (i = 0; i < 3; i++) {
        qw_bytes_t right = right_signature(makers[i]);
        unsigned taken = 0, step = makers[i] == &rs256 ? 13 : 1;

        for (k = 0; k < right.len * 8; k += step) {
            unsigned char *copy = apr_pmemdup(pool, right.data, right.len);

            copy[k / 8] ^= (unsigned char)(1 << k % 8);
            taken += with_signature(makers[i], copy, right.len) == NULL;
        }
        ok(taken == 0, "JWS-24: no bit of an %s signature may change",
           makers[i]->alg);
    }
}

static void test_moved(void)
{
    const char *protected64 = make_b64(header_of("ES256"), pool);
    qw_bytes_t right = right_signature(&es256);
    maker_t other = make_key("ES256", pool);

    told(take(make_flat(protected64, "e30K", &right, pool), &es256), MALFORMED,
         "does not verify", "JWS-25: the payload changed");
    told(take(make_flat(protected64, "", &right, pool), &es256), MALFORMED,
         "does not verify", "JWS-25: the payload went");
    told(take(make_flat(make_b64("{\"alg\":\"ES256\"}", pool), "e30", &right,
                        pool),
              &es256),
         MALFORMED, "does not verify", "the header changed");
    told(take(make_flat(protected64, "e30", &right, pool), &other), MALFORMED,
         "does not verify", "JWS-38: signed with another key");
    ok(strstr(take(make_flat(protected64, "", &right, pool), &es256)->detail,
              "error:")
           == NULL,
       "OpenSSL's reason is not for the client");
}

static void test_payload(void)
{
    static const struct {
        const char *payload, *words, *why;
    } bad[] = {
        { "[]", "payload: not a JSON object", "an array" },
        { "\"\"", "payload: not a JSON object", "a string" },
        { "{\"url\":1,\"url\":2}", "payload: not strict",
          "JWS-13: a duplicate in the payload" },
        { "{\"a\":\"\xff\"}", "payload: not strict", "JWS-41: no UTF-8" },
        { "[[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]]", "nested deeper",
          "JWS-42: 17 deep" },
        { "{} ", NULL, "JWS-43: white space is well" },
        { "{\"unknown\":[1]}", NULL, "JWS-43: so are unknown members" },
    };
    unsigned i;

    for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        const char *body =
            make_jws(&es256, header_of("ES256"), bad[i].payload, pool);
        qw_jws_t *jws;
        json_t *object;

        if (qw_jws_parse(&jws, body, strlen(body), pool) != NULL)
            ok(0, "the JWS of %s", bad[i].why);
        else if (bad[i].words == NULL)
            fine(qw_jws_payload_object(&object, jws, pool), bad[i].why);
        else
            told(qw_jws_payload_object(&object, jws, pool), MALFORMED,
                 bad[i].words, bad[i].why);
    }
}

int main(void)
{
    apr_initialize();
    apr_pool_create(&pool, NULL);
    es256 = make_key("ES256", pool);
    es384 = make_key("ES384", pool);
    es512 = make_key("ES512", pool);
    rs256 = make_key("RS256", pool);
    eddsa = make_key("EdDSA", pool);
    test_good();
    test_parsed();
    test_form();
    test_headers();
    test_algs();
    test_confusion();
    test_mac_of_public_key();
    test_lengths();
    test_der();
    test_numbers(&es256, "P-256");
    test_numbers(&es384, "P-384");
    test_numbers(&es512, "P-521");
    test_bits();
    test_moved();
    test_payload();
    apr_pool_destroy(pool);
    apr_terminate();
    return done_testing();
}
