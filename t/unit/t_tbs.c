#include "tap.h"
#include "x509_golden.h"

#include "x509/ext.h"
#include "x509/subject.h"

#include <apr_general.h>
#include <openssl/err.h>

static const qw_profile_t *profile(const char *name)
{
    return qw_profile_find(name);
}

static const char *hex(const qw_bytes_t *bytes, apr_pool_t *p)
{
    return qw_hex_encode(bytes->data, bytes->len, p);
}

static qw_tbs_in_t ev(apr_pool_t *p)
{
    return golden_in(golden_qevcp_w_pem, profile("qevcp-w"),
                     golden_ev_identity(p), "www.example.fr example.fr", p);
}

static qw_tbs_in_t ov(apr_pool_t *p)
{
    qw_identity_t *identity = golden_identity(p);

    identity->organization_identifier = "VATFR-83404833048";
    return golden_in(golden_qncp_w_pem, profile("qncp-w"), identity,
                     "www.example.fr example.fr", p);
}

static void golden(const qw_tbs_in_t *in, const char *pem, const char *what,
                   apr_pool_t *p)
{
    qw_bytes_t tbs = { NULL, 0 }, der, want;
    golden_parts_t parts;
    qw_problem_t *problem = qw_tbs_make(&tbs, in, p);

    is_str(problem == NULL ? hex(&tbs, p) : problem->detail,
           golden_tbs_hex(pem, p), what);
    if (problem != NULL)
        return;
    problem = qw_tbs_lint(&tbs, in, p);
    ok(problem == NULL, "%s passes the lint", what);
    want = golden_der(pem, p);
    parts = golden_parts(&want);
    ok(qw_cert_assemble(&der, &tbs, in->issuer, &parts.signature, p) == NULL
           && qw_bytes_equal(&der, &want),
       "%s assembles to the reference", what);
    ok(qw_cert_verify(&der, &tbs, in->issuer, p) == NULL,
       "%s: the reference's signature verifies", what);
}

/* What is not promised needs no statement: these references have none of the
 * subject's semantics. */
static void older_references(apr_pool_t *p)
{
    qw_profile_t gen = *profile("qncp-w-gen"), binding = *profile("2-qwac");
    qw_identity_t person = { .country = "FR",
                             .locality = "Paris",
                             .surname = "Durand",
                             .given_name = "\xc3\x89lise" };
    qw_tbs_in_t in;

    in = golden_in(golden_qncp_w_iv_pem, profile("qncp-w-iv"), &person,
                   "durand.example.fr", p);
    golden(&in, golden_qncp_w_iv_pem, "QNCP-w of a natural person", p);
    gen.statements &= ~(unsigned)QW_STATES_LEGAL;
    in = golden_in(golden_gen_pem, &gen, golden_identity(p), "www.example.fr",
                   p);
    golden(&in, golden_gen_pem, "QNCP-w-gen of a legal person", p);
    binding.statements &= ~(unsigned)QW_STATES_LEGAL;
    in = golden_in(golden_2qwac_pem, &binding, golden_identity(p),
                   "www.example.fr example.fr", p);
    golden(&in, golden_2qwac_pem, "2-QWAC", p);
}

/* 1 if the TBS of IN holds the octets HEX. */
static int holds(const qw_tbs_in_t *in, const char *octets, apr_pool_t *p)
{
    qw_bytes_t tbs;

    return qw_tbs_make(&tbs, in, p) == NULL
           && strstr(hex(&tbs, p), octets) != NULL;
}

static void building_blocks(apr_pool_t *p)
{
    qw_tbs_in_t e = ev(p), o = ov(p);

    ok(holds(&e, "30130603551d25040c300a06082b06010505070301", p),
       "extended key usage is serverAuth alone");
    ok(holds(&e, "300e0603551d0f0101ff040403020780", p),
       "key usage is digitalSignature, critical");
    ok(!holds(&e, "0603551d13", p), "no basicConstraints, ever");
    ok(!holds(&e, "0603551d0e", p), "no subject key identifier");
    ok(holds(&e, "0603551d20041630143007060567810c01013009060704008bec400104",
             p),
       "policies of QEVCP-w: EV first, then ETSI's");
    ok(holds(&o, "0603551d20041730153008060667810c0102023009060704008bec400105",
             p),
       "policies of QNCP-w: OV first, then ETSI's");
    ok(holds(&e, "3008060604008e460101", p), "QcCompliance");
    ok(holds(&e, "3013060604008e4601063009060704008e46010603", p),
       "QcType is web");
    ok(holds(&e,
             "3056060604008e460105304c3024161e68747470733a2f2f706b692e6578616d"
             "706c652f7064735f656e2e7064661302656e3024161e68747470733a2f2f706b"
             "692e6578616d706c652f7064735f66722e70646613026672",
             p),
       "QcPDS in two languages");
    ok(holds(&e, "301f0603551d23041830168014", p)
           && !holds(&e, "0603551d230101ff", p),
       "authority key identifier is the key identifier alone");
    ok(holds(&e, "30250603551d11041e301c820e", p),
       "the names are not critical, for the subject is not empty");
    ok(holds(&e, "0603550406130246523", p) && holds(&e, "0603550405130931", p)
           && holds(&e, "060b2b0601040182373c02010313024652", p),
       "country codes and registration number are PrintableString");
    ok(holds(&e, "06035504610c0f4e54524652", p),
       "organizationIdentifier is UTF8String");
    ok(!holds(&o, "060567810c0301", p),
       "2.23.140.3.1 is for extended validation only");
}

static void cabf_orgid(apr_pool_t *p)
{
    static const char *const cases[][2] = {
        { "NTRFR-130007669", "301413034e5452130246520c09313330303037363639" },
        { "VATFR-83404833048",
          "30161303564154130246520c0b3833343034383333303438" },
        { "PSDFR-ACPR-16528",
          "30151303505344130246520c0a414350522d3136353238" },
        { "NTRDE+HE-123456",
          "301513034e545213024445800248450c06313233343536" }
    };
    apr_size_t i;

    for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        qw_orgid_t orgid = { 0 };
        qw_bytes_t bytes;
        qw_der_t der;

        qw_der_start(&der, p);
        if (qw_orgid_parse(&orgid, cases[i][0], p) == NULL)
            qw_ext_put_cabf_orgid(&der, &orgid);
        bytes = qw_der_bytes(&der);
        is_str(hex(&bytes, p), cases[i][1], cases[i][0]);
    }
}

static void validity(apr_pool_t *p)
{
    qw_tbs_in_t in = ov(p);
    qw_issuer_t late = *in.issuer;
    apr_time_t from, to;

    in.not_before += 999999;
    qw_tbs_validity(&from, &to, &in);
    ok(from == apr_time_from_sec(1795435200)
           && to == from + apr_time_from_sec(199 * 86400 - 1),
       "whole seconds, and the last second counts");
    ok(holds(&in,
             "301e170d3236313132333132303030305a170d323730363130313135393"
             "5395a",
             p),
       "UTCTime before 2050");
    in.days = 3000;
    qw_tbs_validity(&from, &to, &in);
    ok(to == in.issuer->not_after, "never beyond the issuer's end");
    late.not_before = 0;
    late.not_after = apr_time_from_sec(4102444800); /* 2100 */
    in.issuer = &late;
    in.not_before = apr_time_from_sec(2524607999); /* 2049-12-31T23:59:59Z */
    in.days = 1;
    ok(holds(&in,
             "3020170d3439313233313233353935395a"
             "180f32303530303130313233353935385a",
             p),
       "GeneralizedTime from 2050");
    in.issuer = ov(p).issuer;
    in.not_before = in.issuer->not_after;
    ok(!holds(&in, "", p), "not after the issuer's end");
    in.not_before = in.issuer->not_before - 1;
    ok(!holds(&in, "", p), "not before the issuer's beginning");
}

static void says(const qw_tbs_in_t *in, const char *cause, const char *what,
                 apr_pool_t *p)
{
    qw_bytes_t tbs;
    qw_problem_t *problem = qw_tbs_make(&tbs, in, p);

    ok(problem != NULL && problem->code == QW_E_SERVER_INTERNAL
           && problem->cause != NULL && strstr(problem->cause, cause) != NULL,
       "%s", what);
}

static void refused_names(apr_pool_t *p)
{
    static const char *const bad[] = {
        "example",     "Example.fr",    "-a.example.fr",        "a-.example.fr",
        "a..b.fr",     "example.fr.",   ".example.fr",          "1.2.3.4",
        "ex ample.fr", "a_b.example",   "*.*.example.fr",       "w*.example.fr",
        "*",           "ex\xc3\xa9.fr", "example.fr example.fr"
    };
    char label[72] = "";
    qw_tbs_in_t in = ov(p);
    apr_size_t i;

    for (i = 0; i < sizeof(bad) / sizeof(bad[0]) - 1; i++) {
        apr_array_header_t *names = apr_array_make(p, 1, sizeof(char *));

        APR_ARRAY_PUSH(names, const char *) = bad[i];
        in.names = names;
        says(&in, "does not fit", apr_pstrcat(p, "name ", bad[i], NULL), p);
    }
    in = golden_in(golden_qncp_w_pem, in.profile, in.identity, bad[i], p);
    says(&in, "twice", "a name that stands twice", p);
    memset(label, 'a', 64);
    memcpy(label + 64, ".fr", 4);
    in = golden_in(golden_qncp_w_pem, in.profile, in.identity, label, p);
    says(&in, "does not fit", "a label of 64 octets", p);
    in = golden_in(golden_qncp_w_pem, in.profile, in.identity, label + 1, p);
    ok(holds(&in, "", p), "a label of 63 octets is fine");
    in = golden_in(golden_qncp_w_pem, in.profile, in.identity, "*.example.fr",
                   p);
    ok(holds(&in, "820c2a2e6578616d706c652e6672", p),
       "QNCP-w takes a wildcard");
    in = golden_in(golden_qevcp_w_pem, profile("qevcp-w"),
                   golden_ev_identity(p), "*.example.fr", p);
    says(&in, "does not fit", "QEVCP-w takes no wildcard", p);
    in = golden_in(golden_qncp_w_pem, profile("qncp-w"), golden_identity(p), "",
                   p);
    says(&in, "no name", "no name", p);
}

static void refused_rest(apr_pool_t *p)
{
    static const unsigned char zero[16] = { 0, 1 }, negative[16] = { 0x80 };
    qw_tbs_in_t in = ov(p);
    qw_identity_t identity = *in.identity;
    qw_bytes_t tbs;
    qw_problem_t *problem;

    in.serial.data = zero;
    says(&in, "serial", "a serial that begins with 00", p);
    in.serial.data = negative;
    says(&in, "serial", "a negative serial", p);
    in.serial.len = 15;
    says(&in, "serial", "a short serial", p);
    in = ov(p);
    in.issuer_url = NULL;
    says(&in, "issuer URL", "no place of the issuer's certificate", p);
    in.issuer_url = "https://aia.example/";
    says(&in, "issuer URL", "that place over https", p);
    in = ov(p);
    in.ocsp_url = "http://ocsp .example/";
    says(&in, "OCSP URL", "a space in a URL", p);
    in = ov(p);
    in.crl_url = "ldap://crl.example/";
    says(&in, "CRL URL", "a CRL over LDAP", p);
    in.crl_url = NULL;
    ok(!holds(&in, "0603551d1f", p) && holds(&in, "", p),
       "no CRL is fine with OCSP");
    in.ocsp_url = NULL;
    says(&in, "neither", "no status at all", p);
    in.crl_url = "http://crl.example/1.crl";
    ok(holds(&in, "0603551d1f", p) && !holds(&in, "06082b06010505073001", p),
       "no OCSP is fine with a CRL");
    in = ov(p);
    in.days = 0;
    says(&in, "validity", "no validity", p);
    in = ov(p);
    identity.locality = NULL;
    in.identity = &identity;
    problem = qw_tbs_make(&tbs, &in, p);
    ok(problem != NULL && problem->code == QW_E_INVALID_INPUT
           && strstr(problem->detail, "locality") != NULL,
       "an identity that does not fill the profile");
}

static void verification(apr_pool_t *p)
{
    qw_tbs_in_t in = ev(p);
    qw_bytes_t der = golden_der(golden_qevcp_w_pem, p), tbs, bad, other;
    golden_parts_t parts = golden_parts(&der);
    unsigned char *copy = apr_pmemdup(p, der.data, der.len);
    const qw_bytes_t none = { copy, 0 };
    apr_size_t i, refused = 0;

    if (qw_tbs_make(&tbs, &in, p) != NULL)
        return;
    bad.data = copy;
    bad.len = der.len;
    for (i = 0; i < der.len; i++) {
        copy[i] ^= 1;
        refused += qw_cert_verify(&bad, &tbs, in.issuer, p) != NULL;
        copy[i] ^= 1;
    }
    ok(refused == der.len, "a flip of any octet is seen");
    for (i = 0, refused = 0; i < der.len; i++) {
        bad.len = i;
        refused += qw_cert_verify(&bad, &tbs, in.issuer, p) != NULL;
    }
    ok(refused == der.len, "a cut anywhere is seen");
    other = golden_der(golden_qncp_w_pem, p);
    ok(qw_cert_verify(&other, &tbs, in.issuer, p) != NULL,
       "another good certificate of the issuer is not ours");
    ok(qw_cert_assemble(&bad, &tbs, in.issuer, &none, p) != NULL,
       "an empty signature is refused");
    ok(parts.tbs.len == tbs.len && ERR_peek_error() == 0,
       "nothing is left in the error queue");
}

static const char *lint_says(const qw_bytes_t *tbs, const qw_tbs_in_t *in,
                             apr_pool_t *p)
{
    qw_problem_t *problem = qw_tbs_lint(tbs, in, p);

    return problem == NULL ? "fine" : problem->cause;
}

static void lint_sees_octets(apr_pool_t *p)
{
    qw_tbs_in_t in = ev(p);
    qw_bytes_t tbs, bad;
    unsigned char *copy;
    apr_size_t i, seen = 0;
    int bit;

    if (qw_tbs_make(&tbs, &in, p) != NULL)
        return;
    bad.data = copy = apr_pmemdup(p, tbs.data, tbs.len);
    bad.len = tbs.len;
    for (i = 0; i < tbs.len; i++) {
        for (bit = 0; bit < 8; bit++) {
            copy[i] ^= (unsigned char)(1 << bit);
            seen += strcmp(lint_says(&bad, &in, p), "fine") != 0;
            copy[i] ^= (unsigned char)(1 << bit);
        }
    }
    ok(seen == 8 * tbs.len, "the lint sees a flip of any bit");
    for (i = 0, seen = 0; i < tbs.len; i++) {
        bad.len = i;
        seen += strcmp(lint_says(&bad, &in, p), "fine") != 0;
    }
    ok(seen == tbs.len, "the lint sees a cut anywhere");
}

/* A TBS made from one set of facts is held against another. */
static void lint_sees_facts(apr_pool_t *p)
{
    static const unsigned char number[16] = { 0x55, 1 };
    qw_tbs_in_t in = ev(p), other;
    qw_identity_t identity = *in.identity;
    qw_profile_t row = *in.profile;
    qw_bytes_t tbs;

    if (qw_tbs_make(&tbs, &in, p) != NULL)
        return;
    is_str(lint_says(&tbs, &in, p), "fine", "the lint passes what we make");
    other = in;
    other.serial.data = number;
    is_str(lint_says(&tbs, &other, p),
           "the serial is not the one that was drawn", "another serial");
    other = in;
    other.days = 198;
    is_str(lint_says(&tbs, &other, p),
           "the validity is longer than was ordered", "a day too much");
    other.days = 200;
    is_str(lint_says(&tbs, &other, p),
           "the validity is shorter than was ordered", "a day too few");
    other = in;
    other.not_before -= APR_USEC_PER_SEC;
    is_str(lint_says(&tbs, &other, p), "notBefore is not the second of signing",
           "a second too late");
    other = in;
    other.identity = &identity;
    identity.state = "Bretagne";
    is_str(lint_says(&tbs, &other, p), "a verified attribute is missing",
           "an attribute that is missing");
    identity.state = NULL;
    identity.locality = "Rennes";
    is_str(lint_says(&tbs, &other, p),
           "a subject attribute is not the verified one",
           "an attribute that differs");
    other = in;
    row.policies[0] = QW_OID_CABF_OV;
    other.profile = &row;
    is_str(lint_says(&tbs, &other, p), "the policies are not the profile's",
           "the policies of another profile");
    other = in;
    other.crl_url = NULL;
    is_str(lint_says(&tbs, &other, p),
           "an extension that the profile does not have",
           "a CRL that is not configured");
    other = in;
    other.names = golden_in(golden_qevcp_w_pem, in.profile, in.identity,
                            "www.example.fr", p)
                      .names;
    is_str(lint_says(&tbs, &other, p), "more names than the order has",
           "a name too many");
    other.names = golden_in(golden_qevcp_w_pem, in.profile, in.identity,
                            "www.example.fr example.fr a.example.fr", p)
                      .names;
    is_str(lint_says(&tbs, &other, p), "the names are not those of the order",
           "a name too few");
    other = in;
    other.spki = ov(p).spki;
    is_str(lint_says(&tbs, &other, p), "another public key", "another key");
}

/* TBS made anew, element by element, with ORGANIZATION in its subject. */
static qw_bytes_t with_subject(const qw_bytes_t *tbs, const char *organization,
                               qw_identity_t *identity, apr_pool_t *p)
{
    qw_der_in_t all = *tbs, in;
    qw_bytes_t element;
    apr_size_t seq;
    qw_der_t der;
    int i;

    identity->organization = organization;
    qw_der_start(&der, p);
    seq = qw_der_open(&der, QW_DER_SEQUENCE);
    qw_der_enter(&all, QW_DER_SEQUENCE, &in);
    for (i = 0; qw_der_next(&in, -1, &element, NULL); i++) {
        if (i == 5)
            qw_subject_put(&der, identity, NULL);
        else
            qw_der_raw(&der, &element);
    }
    qw_der_close(&der, seq);
    return qw_der_bytes(&der);
}

/* A TBS by a row that differs in one thing is held against the right one. */
static void lint_sees_rows(apr_pool_t *p)
{
    static const char *const says[] = {
        "more extended key usages than the profile",
        "the key usage is not the profile's",
        "more policies than the profile has",
        "a statement of the profile is missing",
        "more statements than the profile has",
        "a commonName that the profile does not have",
        "an extension that the profile does not have",
        "an attribute that the profile demands is missing",
        "an attribute that the profile forbids",
        "nobody is named",
        "the validity is longer than the profile's",
        "a wildcard, which the profile does not have",
    };
    enum { CASES = sizeof(says) / sizeof(says[0]) };
    const qw_profile_t *good = profile("qncp-w");
    qw_profile_t made[CASES], held[CASES];
    qw_tbs_in_t in = ov(p);
    qw_bytes_t tbs;
    int i;

    in.names = golden_in(golden_qncp_w_pem, in.profile, in.identity,
                         "example.fr *.example.fr", p)
                   .names;
    for (i = 0; i < CASES; i++)
        made[i] = held[i] = *good;
    made[0].purposes[made[0].purpose_count++] = QW_OID_CLIENT_AUTH;
    made[1].usage |= 0x20;
    made[2].policies[made[2].policy_count++] = QW_OID_PSD2_WEB;
    made[3].statements &= ~(unsigned)QW_STATES_PDS;
    made[4].statements |= QW_STATES_LEGAL;
    made[5].flags |= QW_PROFILE_COMMON_NAME;
    made[6].flags |= QW_PROFILE_EV_ORGID;
    held[7].must |= QW_A(street);
    held[8].must &= ~QW_A(locality);
    held[9].any_of = QW_A(pseudonym);
    held[10].max_days = in.days - 1;
    held[11].flags &= ~(unsigned)QW_PROFILE_WILDCARD;
    for (i = 0; i < CASES; i++) {
        in.profile = &made[i];
        if (qw_tbs_make(&tbs, &in, p) != NULL)
            ok(0, "row %d", i);
        in.profile = &held[i];
        is_str(lint_says(&tbs, &in, p), says[i], says[i]);
    }
}

/* The lint sees texts that the check of identities should have refused. */
static void lint_sees_texts(apr_pool_t *p)
{
    qw_tbs_in_t in = ov(p);
    qw_identity_t identity = *in.identity;
    char text[66] = "";
    qw_bytes_t tbs, bad;

    memset(text, 'a', 65);
    in.identity = &identity;
    if (qw_tbs_make(&tbs, &in, p) != NULL)
        return;
    bad = with_subject(&tbs, "Exemple", &identity, p);
    is_str(lint_says(&bad, &in, p), "fine", "another organization");
    bad = with_subject(&tbs, "-- . --", &identity, p);
    is_str(lint_says(&bad, &in, p), "a placeholder for an attribute",
           "QWC-10 a placeholder");
    bad = with_subject(&tbs, text, &identity, p);
    is_str(lint_says(&bad, &in, p), "an attribute is too long",
           "QWC-15 65 characters");
}

/* TBS with the octets FROM replaced by TO of the same length, all in hex. */
static qw_bytes_t patched(const qw_bytes_t *tbs, const char *from,
                          const char *to, apr_pool_t *p)
{
    char *text = apr_pstrdup(p, hex(tbs, p)), *at = strstr(text, from);
    qw_bytes_t bytes = { NULL, 0 };

    if (at != NULL)
        memcpy(at, to, strlen(to));
    if (at == NULL || !qw_hex_decode(&bytes, text, p))
        ok(0, "cannot patch %s", from);
    return bytes;
}

static void lint_sees_smuggling(apr_pool_t *p)
{
    static const char *const cases[][3] = {
        { "0603551d25", "0603551d0e", "an extension of another kind" },
        { "0f0101ff040403020780", "0f0101ff040403020186",
          "the key usage is not the profile's" },
        { "0603551d0f0101ff", "0603551d0f010100", "not strict" },
        { "06082b06010505070301", "06082b06010505070303",
          "the extended key usage is not the profile's" },
        { "04008e46010603", "04008e46010601", "QcType is not web alone" },
        { "a003020102", "a003020101", "not version 3" },
        { "13024652310e", "0c024652310e",
          "an attribute of another string type" },
    };
    qw_tbs_in_t in = ev(p);
    qw_bytes_t tbs, bad;
    apr_size_t i;

    if (qw_tbs_make(&tbs, &in, p) != NULL)
        return;
    for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        bad = patched(&tbs, cases[i][0], cases[i][1], p);
        if (strcmp(cases[i][2], "not strict") == 0)
            ok(strcmp(lint_says(&bad, &in, p), "fine") != 0,
               "critical FALSE is spelled out");
        else
            is_str(lint_says(&bad, &in, p), cases[i][2], cases[i][2]);
    }
}

int main(void)
{
    qw_tbs_in_t in;
    apr_pool_t *p;

    apr_initialize();
    apr_pool_create(&p, NULL);
    in = ev(p);
    golden(&in, golden_qevcp_w_pem, "QEVCP-w", p);
    in = ov(p);
    golden(&in, golden_qncp_w_pem, "QNCP-w of a legal person", p);
    older_references(p);
    lint_sees_rows(p);
    lint_sees_texts(p);
    building_blocks(p);
    cabf_orgid(p);
    validity(p);
    refused_names(p);
    refused_rest(p);
    verification(p);
    lint_sees_octets(p);
    lint_sees_facts(p);
    lint_sees_smuggling(p);
    apr_pool_destroy(p);
    return done_testing();
}
