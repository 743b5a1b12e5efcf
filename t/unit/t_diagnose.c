/* What a diagnosis finds: its words, and what it leaves alone. */
#include "base/world.h"
#include "check/check.h"
#include "check/diagnose.h"
#include "portal/say_finding.h"
#include "rig.h"
#include "tap.h"

#include <apr_general.h>

static apr_pool_t *pool;

static json_t *one(qw_finding_e finding, const char *a, const char *b)
{
    json_t *findings = qw_json_new_array(pool);

    qw_finding_add(findings, finding, a, b, NULL);
    return json_array_get(findings, 0);
}

static void test_words(void)
{
    for (int i = 0; i < QW_FINDINGS; i++) {
        qw_finding_e finding = (qw_finding_e)i, found;
        const char *name = qw_finding_name(finding);

        ok(qw_finding_find(&found, name) && found == finding, "%s", name);
        for (int k = 0; k < QW_LANGUAGES; k++) {
            const char *cure,
                *words = qw_finding_text(&cure, one(finding, "a", "b"),
                                         (qw_language_e)k, pool);

            ok(words != NULL && strchr(words, '$') == NULL, "in words: %s",
               words);
            ok((cure == NULL) == (qw_finding_mood(finding) == QW_MOOD_GOOD),
               "with a cure, if it is not good");
        }
    }
}

static void test_foreign(void)
{
    json_t *strange = qw_json_new_object(pool);
    const char *cure = "x";

    ok(qw_finding_text(&cure, strange, QW_ENGLISH, pool) == NULL
           && cure == NULL,
       "what is no finding has no words");
    json_object_set_new(strange, "finding", json_string("of tomorrow"));
    ok(qw_finding_text(&cure, strange, QW_ENGLISH, pool) == NULL,
       "nor has one of another version");
    is_str(qw_finding_text(&cure, one(QW_F_DNS_NXDOMAIN, "$2", "no"),
                           QW_ENGLISH, pool),
           "DNS: $2 does not exist.", "what is said about is not looked into");
}

/* The findings for DOMAIN, as words. */
static const char *diagnose(const qw_authority_t *authority, const char *domain)
{
    const json_t *found;
    json_t *findings;
    const char *text = "";
    size_t i;

    qw_diagnose(&findings, authority, domain, pool);
    json_array_foreach(findings, i, found) text =
        apr_pstrcat(pool, text, i > 0 ? " " : "",
                    json_string_value(json_object_get(found, "finding")), NULL);
    return text;
}

static void test_private(void)
{
    qw_authority_t *a = qw_authority_make("t", pool);
    apr_time_t begun = qw_world()->now();

    a->kind = QW_KIND_TEST;
    a->test_insecure_dns = 1;
    a->test_http_port = rig_port(2);
    a->validation_timeout = apr_time_from_sec(5);
    APR_ARRAY_PUSH(a->resolvers, const char *) =
        apr_psprintf(pool, "127.0.0.1@%d", rig_port(0));
    a->challenges->nelts = 0;
    APR_ARRAY_PUSH(a->challenges, const char *) = "http-01";
    APR_ARRAY_PUSH(a->challenges, const char *) = "tls-alpn-01";
    is_str(diagnose(a, "private.test"), "dns-private caa-none afar-none",
           "[H-05] a private address is told of, and not connected to");
    is_str(rig_read("http.log", pool), "", "[H-05] nothing came to it");
    a->test_private_targets = 1;
    is_str(diagnose(a, "private.test"),
           "dns-unchecked caa-none http-answers tls-closed afar-none",
           "where it is allowed, it is; only types that are offered are tried");
    ok(*rig_read("http.log", pool) != '\0', "and the server is asked");
    ok(qw_world()->now() - begun < qw_diagnose_span(a), "within its span");
}

int main(void)
{
    apr_initialize();
    apr_pool_create(&pool, NULL);
    test_words();
    test_foreign();
    rig_write("zone", "private.test A 127.0.0.1\n", pool);
    rig_write("plan", "{}", pool);
    rig_write("http.log", "", pool);
    ok(rig_dns(pool) && rig_http_plain(pool), "servers");
    ok(qw_check_init(pool) == NULL, "init");
    test_private();
    apr_pool_destroy(pool);
    apr_terminate();
    return done_testing();
}
