/* Whether profiles and issuing CA suit each other, on each side of a date. */
#include "tap.h"

#include "base/log.h"
#include "base/text.h"
#include "base/world.h"
#include "ca/suits.h"
#include "x509/oid.h"

#include <apr_general.h>

#include <string.h>

static apr_time_t clock_at;
static apr_pool_t *pool;
static int warnings, forecasts;

static apr_time_t set_clock(void)
{
    return clock_at;
}

static int no_random(unsigned char *out, apr_size_t len)
{
    (void)out;
    (void)len;
    return 0;
}

static void count(int level, apr_status_t rv, const char *line)
{
    (void)rv;
    warnings += level == QW_LOG_WARNING && strstr(line, "QW0341") != NULL;
    forecasts += level == QW_LOG_WARNING && strstr(line, "QW0343") != NULL;
}

static apr_time_t at(const char *day)
{
    apr_time_t when = 0;

    if (!qw_text_parse_time(&when, day))
        ok(0, "%s is no day", day);
    return when;
}

static qw_authority_t *offering(const char *profiles, qw_kind_e kind)
{
    qw_authority_t *authority = qw_authority_make("a", pool);

    authority->kind = kind;
    authority->profiles = qw_text_words(profiles, pool);
    return authority;
}

/* PROBLEM says SAYS; for NULL there is none. */
static void says(qw_problem_t *problem, const char *text, const char *what)
{
    ok(text == NULL ? problem == NULL
                    : problem != NULL && problem->code == QW_E_INVALID_INPUT
                          && strstr(problem->detail, text) != NULL,
       "%s", what);
    if (problem != NULL && (text == NULL || !strstr(problem->detail, text)))
        printf("# %s\n", problem->detail);
}

static void profiles(void)
{
    qw_authority_t *psd2 = offering("qevcp-w qevcp-w-psd2", QW_KIND_PRODUCTION);

    clock_at = at("2027-02-13") - 1;
    says(qw_profiles_suit(psd2, pool), NULL, "clientAuth a month before");
    ok(forecasts == 0, "without a word");
    clock_at++;
    says(qw_profiles_suit(psd2, pool), NULL, "30 days before");
    ok(forecasts == 1, "there is a warning");
    clock_at = at("2027-03-15") - 1;
    says(qw_profiles_suit(psd2, pool), NULL, "clientAuth on its last day");
    clock_at++;
    says(qw_profiles_suit(psd2, pool), "Chrome Root Program Policy 1.3.2",
         "is refused from then on");
    psd2->kind = QW_KIND_TEST;
    says(qw_profiles_suit(psd2, pool), NULL, "but for tests");
    says(qw_profiles_suit(offering("qncp-w-gen-psd2 2-qwac",
                                   QW_KIND_PRODUCTION),
                          pool),
         NULL, "and where browsers have no say");
    says(qw_profiles_suit(offering("2-qwac qncp-w", QW_KIND_TEST), pool),
         "of its own", "a mixture");
    says(qw_profiles_suit(offering("qncp-w dv", QW_KIND_TEST), pool),
         "choose from", "no profile");
}

static qw_issuer_t issuer_for(const qw_oid_e *oids, int n)
{
    apr_array_header_t *purposes = apr_array_make(pool, 2, sizeof(qw_bytes_t));
    qw_issuer_t issuer = { 0 };
    int i;

    for (i = 0; i < n; i++)
        APR_ARRAY_PUSH(purposes, qw_bytes_t) = qw_oid_der(oids[i]);
    issuer.purposes = purposes;
    issuer.not_before = at("2026-06-15");
    issuer.not_after = at("2029-06-15");
    return issuer;
}

static void purposes(void)
{
    static const qw_oid_e both[] = { QW_OID_SERVER_AUTH, QW_OID_CLIENT_AUTH };
    qw_authority_t *browsers = offering("qevcp-w qncp-w", QW_KIND_PRODUCTION);
    qw_authority_t *gen = offering("qncp-w-gen", QW_KIND_PRODUCTION);
    qw_authority_t *binding = offering("2-qwac", QW_KIND_PRODUCTION);
    qw_issuer_t one = issuer_for(both, 1), two = issuer_for(both, 2);

    clock_at = at("2026-11-23");
    says(qw_issuer_suits(browsers, &one, "f", pool), NULL, "one purpose");
    says(qw_issuer_suits(browsers, &two, "f", pool), "not dedicated",
         "QWC-14 two, made when one was the rule");
    two.not_before--;
    says(qw_issuer_suits(browsers, &two, "f", pool), NULL, "or before that");
    two.not_before++;
    says(qw_issuer_suits(gen, &two, "f", pool), NULL,
         "ETSI knows no such rule");
    says(qw_issuer_suits(binding, &two, "f", pool), "2-qwac needs",
         "QWC-14 a purpose that is missing");
}

static void ends(void)
{
    static const qw_oid_e server[] = { QW_OID_SERVER_AUTH };
    qw_authority_t *a = offering("qncp-w", QW_KIND_PRODUCTION);
    qw_issuer_t issuer = issuer_for(server, 1);
    const apr_time_t day = apr_time_from_sec(86400);

    clock_at = issuer.not_after - a->validity_days * day;
    says(qw_issuer_suits(a, &issuer, "f", pool), NULL, "as long as it needs");
    ok(warnings == 0, "without a word");
    clock_at++;
    says(qw_issuer_suits(a, &issuer, "f", pool), NULL, "QWC-17 too short");
    ok(warnings == 1, "is a warning");
    clock_at = issuer.not_after - day;
    says(qw_issuer_suits(a, &issuer, "f", pool), NULL, "QWC-17 a day");
    clock_at++;
    says(qw_issuer_suits(a, &issuer, "f", pool), "less than a day",
         "QWC-17 less is refused");
}

int main(void)
{
    static const qw_world_t world = { set_clock, no_random };

    apr_initialize();
    apr_pool_create(&pool, NULL);
    qw_world_set(&world);
    qw_log_set(count);
    profiles();
    purposes();
    ends();
    apr_pool_destroy(pool);
    return done_testing();
}
