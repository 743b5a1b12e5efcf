/* What authenticators and forgers make (webauthn_vectors), judged. */
#include "portal/webauthn.h"

#include "base/b64.h"
#include "base/json.h"

#include "tap.h"

#include <apr_general.h>
#include <apr_strings.h>

#include <stdlib.h>

static const char *text(const json_t *row, const char *name)
{
    return json_string_value(json_object_get(row, name));
}

static const char *outcome(const qw_problem_t *prob)
{
    return prob != NULL ? qw_problem_name(prob->code) : "ok";
}

static void test_register(const json_t *row, const qw_relying_party_t *rp,
                          apr_pool_t *pool)
{
    qw_registration_answer_t answer = { text(row, "clientData"),
                                        text(row, "attestation"), "internal" };
    qw_authenticator_t *made = NULL;
    qw_problem_t *prob =
        qw_webauthn_register(&made, rp, &answer, text(row, "challenge"),
                             apr_time_from_sec(1795689000), pool);

    is_str(outcome(prob), text(row, "expect"), text(row, "name"));
    if (prob != NULL)
        return;
    is_str(made->public_key, text(row, "publicKey"), "its key");
    is_str(made->credential_id, text(row, "credentialId"), "its id");
    is_str(made->aaguid, "00010203-0405-0607-0809-0a0b0c0d0e0f", "its model");
    ok(made->algorithm == json_integer_value(json_object_get(row, "algorithm"))
           && made->sign_count == 3,
       "its kind and counter");
}

static void test_verify(const json_t *row, const qw_relying_party_t *rp,
                        apr_pool_t *pool)
{
    qw_assertion_t a = { text(row, "usedId"), text(row, "clientData"),
                         text(row, "authenticatorData"),
                         text(row, "signature") };
    qw_authenticator_t key = { .credential_id = text(row, "credentialId"),
                               .public_key = text(row, "publicKey") };
    apr_int64_t count = -1;
    qw_problem_t *prob;

    key.algorithm = json_integer_value(json_object_get(row, "algorithm"));
    prob =
        qw_webauthn_verify(&count, rp, &a, &key, text(row, "challenge"), pool);
    is_str(outcome(prob), text(row, "expect"), text(row, "name"));
    if (prob == NULL)
        ok(count == json_integer_value(json_object_get(row, "count")),
           "its counter");
}

static void test_rows(const json_t *all, apr_pool_t *pool)
{
    apr_array_header_t *models = apr_array_make(pool, 1, sizeof(char *));
    apr_array_header_t *roots = apr_array_make(pool, 1, sizeof(qw_bytes_t));
    qw_relying_party_t rp = { text(all, "origin"), text(all, "rp"), NULL,
                              NULL };
    const json_t *row;
    size_t i;

    APR_ARRAY_PUSH(models, const char *) = text(all, "model");
    ok(qw_b64url_decode(apr_array_push(roots), text(all, "root"), pool),
       "the root of a maker");
    json_array_foreach(json_object_get(all, "rows"), i, row)
    {
        int limited = json_is_true(json_object_get(row, "models"));

        rp.aaguids = limited ? models : NULL;
        rp.roots = limited ? roots : NULL;
        if (strcmp(text(row, "kind"), "register") == 0)
            test_register(row, &rp, pool);
        else
            test_verify(row, &rp, pool);
        if (!limited || strcmp(text(row, "expect"), "ok") != 0)
            continue;
        APR_ARRAY_IDX(models, 0, const char *) = "another";
        ok(strcmp(outcome(qw_webauthn_register(
                      &(qw_authenticator_t *){ NULL }, &rp,
                      &(qw_registration_answer_t){ text(row, "clientData"),
                                                   text(row, "attestation"),
                                                   "" },
                      text(row, "challenge"), apr_time_from_sec(1795689000),
                      pool)),
                  "UNAUTHORIZED")
               == 0,
           "and not if another model is on the list");
        APR_ARRAY_IDX(models, 0, const char *) = text(all, "model");
    }
    ok(i > 50, "all of them");
}

static void test_challenge(apr_pool_t *pool)
{
    const char *a, *b, *c;

    ok(qw_webauthn_challenge(&a, "nonce", "{\"do\":1}", pool) == NULL
           && strlen(a) == 43,
       "a challenge");
    ok(qw_webauthn_challenge(&b, "nonce", "{\"do\":2}", pool) == NULL
           && strcmp(a, b) != 0,
       "of its action");
    ok(qw_webauthn_challenge(&c, "nonce2", "{\"do\":1}", pool) == NULL
           && strcmp(a, c) != 0,
       "and its nonce");
    is_str(a, "3Dukbiw6MNz0uFZAWW28K-gf1NvkcF_nTGvSMMSJgaY", "SHA-256");
}

int main(void)
{
    json_t *all = json_load_file(QW_SRCDIR "/t/unit/webauthn.json", 0, NULL);
    apr_pool_t *pool;

    apr_initialize();
    apr_pool_create(&pool, NULL);
    test_challenge(pool);
    test_rows(all, pool);
    json_decref(all);
    apr_pool_destroy(pool);
    return done_testing();
}
