#include "tap.h"
#include "x509_golden.h"

#include "x509/qcstatements.h"

#include <apr_general.h>

static void exact(apr_pool_t *p)
{
    qw_tbs_in_t in = { 0 };
    qw_bytes_t bytes;
    qw_der_t der;

    in.profile = qw_profile_find("qncp-w");
    in.identity = golden_identity(p);
    in.pds = golden_pds(p);
    qw_der_start(&der, p);
    qw_qcstatements_put(&der, &in);
    bytes = qw_der_bytes(&der);
    is_str(qw_hex_encode(bytes.data, bytes.len, p),
           "3077"
           "3008060604008e460101"
           "3013060604008e4601063009060704008e46010603"
           "3056060604008e460105304c3024161e68747470733a2f2f706b692e6578616d70"
           "6c652f7064735f656e2e7064661302656e3024161e68747470733a2f2f706b692e"
           "6578616d706c652f7064735f66722e70646613026672",
           "QcCompliance, QcType web and QcPDS, octet by octet");
    ok(qw_qcstatements_check_pds(golden_pds(p), p) == NULL, "a good list");
}

static void pds(apr_pool_t *p)
{
    static const struct {
        const char *language, *url, *says;
    } bad[] = { { "EN", "https://a.example/", "not two lower-case" },
                { "eng", "https://a.example/", "not two lower-case" },
                { "fr", "https://a.example/", "twice" },
                { "de", "http://a.example/", "https" },
                { "de", "https://", "https" },
                { "de", "https://a.example/\xc3\xa9", "https" } };
    apr_array_header_t *list;
    qw_problem_t *problem;
    apr_size_t i;

    for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        qw_tbs_pds_t row = { bad[i].language, bad[i].url };

        list = golden_pds(p);
        APR_ARRAY_PUSH(list, qw_tbs_pds_t) = row;
        problem = qw_qcstatements_check_pds(list, p);
        ok(problem != NULL && strstr(problem->detail, bad[i].says) != NULL,
           "PDS %s %s", bad[i].language, bad[i].url);
    }
    list = golden_pds(p);
    APR_ARRAY_IDX(list, 0, qw_tbs_pds_t).language = "de";
    problem = qw_qcstatements_check_pds(list, p);
    ok(problem != NULL && strstr(problem->detail, "language en") != NULL,
       "PDS without English");
}

int main(void)
{
    apr_pool_t *p;

    apr_initialize();
    apr_pool_create(&p, NULL);
    exact(p);
    pds(p);
    apr_pool_destroy(p);
    return done_testing();
}
