#include "tap.h"

#include "x509/attr.h"
#include "x509/orgid.h"

#include <apr_general.h>

static qw_problem_t *parse(qw_identity_t **identity, const char *text,
                           apr_pool_t *p)
{
    json_t *object = NULL;
    qw_problem_t *problem =
        qw_json_parse(&object, text, strlen(text), "identity", p);

    return problem != NULL ? problem : qw_identity_parse(identity, object, p);
}

static void json(apr_pool_t *p)
{
    qw_identity_t *identity = NULL;
    qw_identity_t all = { 0 };
    qw_problem_t *problem;
    int i;

    ok(parse(&identity,
             "{\"organization\":\"Soci\xc3\xa9t\xc3\xa9\",\"country\":\"FR\"}",
             p)
           == NULL,
       "an object of texts");
    is_str(identity->organization, "Soci\xc3\xa9t\xc3\xa9", "organization");
    is_str(identity->country, "FR", "country");
    ok(identity->state == NULL, "what is not there is NULL");
    is_str(qw_json_dump(qw_identity_json(identity, p), p),
           "{\"country\":\"FR\",\"organization\":\"Soci\xc3\xa9t\xc3\xa9\"}",
           "and back");
    problem = parse(&identity, "{\"colour\":\"red\"}", p);
    ok(problem != NULL && problem->code == QW_E_INVALID_INPUT
           && strstr(problem->detail, "colour") != NULL
           && strstr(problem->detail, "organization_identifier") != NULL,
       "an unknown member is named, and the known ones");
    problem = parse(&identity, "{\"country\":7}", p);
    ok(problem != NULL && strstr(problem->detail, "country") != NULL,
       "a member that is no text is named");
    ok(parse(&identity, "{\"country\":null}", p) != NULL, "null is no text");
    ok(parse(&identity, "{\"country\":\"\"}", p) != NULL,
       "nor is an empty one");
    ok(parse(&identity, "[]", p) != NULL, "an array is no identity");
    for (i = 0; i < QW_ATTR_COUNT; i++)
        ok(qw_identity_set(&all, qw_attr_row((qw_attr_e)i)->name, "x")
               && strcmp(qw_identity_get(&all, (qw_attr_e)i), "x") == 0,
           "%s is set and got", qw_attr_row((qw_attr_e)i)->name);
    ok(!qw_identity_set(&all, "colour", "red"), "no such member to set");
}

static void good_orgids(apr_pool_t *p)
{
    static const char *const cases[][5] = {
        { "NTRFR-123456789", "NTR", "FR", "", "123456789" },
        { "VATFR-83404833048", "VAT", "FR", "", "83404833048" },
        { "VATEL-123456789", "VAT", "EL", "", "123456789" },
        { "VATXI-123456789", "VAT", "XI", "", "123456789" },
        { "LEIXG-529900T8BM49AURSDO55", "LEI", "XG", "",
          "529900T8BM49AURSDO55" },
        { "PSDFR-ACPR-16528", "PSD", "FR", "", "ACPR-16528" },
        { "NTRDE-DED2601V.HRB12345", "NTR", "DE", "", "DED2601V.HRB12345" },
        { "NTRDE+HE-123456", "NTR", "DE", "HE", "123456" },
        { "IT:IT-12345", "IT:", "IT", "", "12345" }
    };
    apr_size_t i;

    for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        qw_orgid_t o = { 0 };

        ok(qw_orgid_parse(&o, cases[i][0], p) == NULL
               && strcmp(o.scheme, cases[i][1]) == 0
               && strcmp(o.country, cases[i][2]) == 0
               && strcmp(o.state ? o.state : "", cases[i][3]) == 0
               && strcmp(o.reference, cases[i][4]) == 0,
           "%s", cases[i][0]);
    }
}

static void bad_orgids(apr_pool_t *p)
{
    static const char *const cases[] = {
        "",
        "NTR",
        "NTRFR",
        "NTRFR-",
        "NTRFR123",
        "NTRfr-123",
        "ntrFR-123",
        "NTRQQ-123",
        "NTREL-123", /* Greece's other code is for VAT only */
        "XYZFR-123",
        "NTRFR 123",
        "NTRFR-12 3",
        "NTRFR-123\t",
        "LEIFR-529900T8BM49AURSDO55",
        "LEIXG-529900T8BM49AURSDO56",
        "LEIXG-529900",
        "NTRXG-123",
        "PSDFR-16528",
        "PSDFR-A-16528",
        "PSDFR-ACPRACPRA-16528",
        "PSDFR-ACPR-",
        "VATDE+HE-123",
        "PSDDE+HE-BAFIN-1",
        "NTRDE+-123",
        "NTRDE+HESS-123",
        "NTRDE+HE123",
    };
    qw_orgid_t orgid;
    qw_problem_t *problem;
    apr_size_t i;

    for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        problem = qw_orgid_parse(&orgid, cases[i], p);
        ok(problem != NULL && problem->code == QW_E_INVALID_INPUT
               && strstr(problem->detail, "organization_identifier") != NULL,
           "refused: '%s'", cases[i]);
    }
}

int main(void)
{
    apr_pool_t *p;

    apr_initialize();
    apr_pool_create(&p, NULL);
    json(p);
    good_orgids(p);
    bad_orgids(p);
    apr_pool_destroy(p);
    return done_testing();
}
