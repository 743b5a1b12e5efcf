#include "tap.h"

#include "x509/profile_row.h"

#include <apr_general.h>
#include <apr_strings.h>

static const qw_identity_t good_ev = {
    .organization = "Soci\xc3\xa9t\xc3\xa9 Exemple SA",
    .organization_identifier = "NTRFR-130007669",
    .country = "FR",
    .locality = "Paris",
    .business_category = "Private Organization",
    .serial_number = "130007669",
    .jurisdiction_country = "FR"
};

static const qw_identity_t good_ov = { .organization =
                                           "Soci\xc3\xa9t\xc3\xa9 Exemple SA",
                                       .organization_identifier =
                                           "VATFR-83404833048",
                                       .country = "FR",
                                       .locality = "Paris" };

static qw_problem_t *check(const char *profile, const qw_identity_t *identity,
                           apr_pool_t *p)
{
    return qw_profile_check_identity(qw_profile_find(profile), identity, p);
}

/* PROFILE refuses BASE with NAME set to VALUE, in words that hold SAYS. */
static void refuses(const char *profile, const qw_identity_t *base,
                    const char *name, const char *value, const char *says,
                    apr_pool_t *p)
{
    qw_identity_t identity = *base;
    qw_problem_t *problem, *sub;

    if (!qw_identity_set(&identity, name, value))
        ok(0, "no member %s", name);
    problem = check(profile, &identity, p);
    sub = problem != NULL && problem->subproblems != NULL
              ? APR_ARRAY_IDX(problem->subproblems, 0, qw_problem_t *)
              : NULL;
    ok(sub != NULL && problem->code == QW_E_INVALID_INPUT
           && strstr(sub->detail, says) != NULL
           && strstr(problem->detail, sub->detail) != NULL,
       "%s: %s '%.40s': %s", profile, name, value != NULL ? value : "(none)",
       says);
    if (sub != NULL && strstr(sub->detail, says) == NULL)
        printf("# %s\n", sub->detail);
}

static void accepts(const char *profile, const qw_identity_t *base,
                    const char *name, const char *value, apr_pool_t *p)
{
    qw_identity_t identity = *base;
    qw_problem_t *problem;

    qw_identity_set(&identity, name, value);
    problem = check(profile, &identity, p);
    ok(problem == NULL, "%s takes %s '%.40s'", profile, name, value);
    if (problem != NULL)
        printf("# %s\n", problem->detail);
}

enum { PROFILES = 8 };

static void row(const qw_profile_t *profile, apr_pool_t *p)
{
    unsigned all = profile->must | profile->may;
    int n = 0;

    ok(qw_profile_find(qw_profile_name(profile)) == profile, "%s is found",
       qw_profile_name(profile));
    ok((profile->must & profile->may) == 0 && all >> QW_ATTR_COUNT == 0
           && (profile->any_of & ~profile->may) == 0,
       "its attributes are must or may");
    while (n < QW_PROFILE_POLICIES_MAX
           && (n == 0 || profile->policies[n] != QW_OID_COUNTRY))
        n++;
    ok(n == profile->policy_count, "its policies are counted");
    for (n = 0;
         n < QW_PROFILE_PURPOSES_MAX && profile->purposes[n] != QW_OID_COUNTRY;)
        n++;
    ok(n > 0 && n == profile->purpose_count, "its purposes are counted");
    ok(profile->usage == 0x80, "digitalSignature alone");
    ok((profile->statements & 7) == 7, "QcCompliance, QcType, QcPDS");
    ok(((profile->statements & QW_STATES_PSD2) != 0)
           == ((profile->must & QW_A(psd2_roles)) != 0),
       "PSD2 is stated where it is known");
    ok((profile->must & QW_A(country)) && (profile->must & QW_A(locality)),
       "eIDAS Annex IV(d): the address");
    ok(profile->max_days > 0 && profile->max_days <= 398, "days have an end");
    ok(strlen(qw_profile_hash(profile, p)) == 64
           && *qw_profile_title(profile) != '\0',
       "it has hash and title");
}

/* Two rule sets, each with its consequences: fact sheet, decision table. */
static void rule_sets(const qw_profile_t *profile)
{
    int browsers = qw_profile_is_browsers(profile);

    ok((profile->policies[0] == QW_OID_QNCP_W_GEN) == !browsers,
       "%s: QNCP-w-gen is not for browsers", qw_profile_name(profile));
    ok(qw_profile_needs_ct(profile) == browsers, "browsers want CT");
    ok(((profile->flags & QW_PROFILE_COMMON_NAME) != 0) == !browsers,
       "ETSI wants a commonName");
    ok(((profile->flags & QW_PROFILE_EV_ORGID) != 0)
           == (profile->policies[0] == QW_OID_CABF_EV),
       "2.23.140.3.1 is EV's");
    ok(profile->policies[0] != QW_OID_CABF_EV
           || !qw_profile_allows_wildcard(profile),
       "ORD-15 no wildcard in EV");
    ok(qw_profile_max_days(profile) == profile->max_days, "days");
}

static void table(apr_pool_t *p)
{
    static const char *const hashes[PROFILES][2] = {
        { "qevcp-w",
          "ef1f7527330cc68f330c388da00fd3ffe80612602528112995fade70553be0a5" },
        { "qncp-w",
          "3e01c15479b9bdf23185f205253a184afe955b5d050260b205a0fc6cc83b2f68" },
        { "qncp-w-iv",
          "944d545b3b4012e9a4889c3c79a95fbbcd20a31f698496f54e610baff5f04755" },
        { "qevcp-w-psd2",
          "69f1b405e725554f0acade5b39ff898ba06a9a3d52b5dde885f98c087e0c6ef3" },
        { "qncp-w-gen",
          "ac2686d8a3104ee22404cd337e8ff66d0a0ffffb8e46c3cf381a1815ad156545" },
        { "qncp-w-gen-np",
          "111312b6a132ffe8ddd004b89d363fae6a9a2bf458648fec8a13f22fa3f19aa3" },
        { "qncp-w-gen-psd2",
          "282ccee76774f51523fa6af5ad0936138ad571cbde5b0612f00b6c5b55b13c4a" },
        { "2-qwac",
          "9f43d77717237953ae76315f591d7bb232281d62e1e3b9bc79d86ab838288ff8" },
    };
    const qw_profile_t *profile;
    int i, j;

    for (i = 0; (profile = qw_profile_at(i)) != NULL && i < PROFILES; i++) {
        row(profile, p);
        rule_sets(profile);
        is_str(qw_profile_name(profile), hashes[i][0], "its place");
        /* orders pin this; a row that changes changes its hash */
        is_str(qw_profile_hash(profile, p), hashes[i][1], "its hash");
        for (j = 0; j < i; j++)
            ok(strcmp(hashes[i][1], hashes[j][1]) != 0, "its hash is its own");
    }
    ok(i == PROFILES && profile == NULL && qw_profile_at(-1) == NULL,
       "that were all");
    ok(qw_profile_find("dv") == NULL && qw_profile_find("") == NULL,
       "no such profile");
    ok(qw_profile_has_client_auth(qw_profile_find("qevcp-w-psd2"))
           && qw_profile_has_client_auth(qw_profile_find("qncp-w-gen-psd2"))
           && !qw_profile_has_client_auth(qw_profile_find("qevcp-w"))
           && !qw_profile_has_client_auth(qw_profile_find("2-qwac")),
       "clientAuth is for PSD2");
}

static void hash_covers_row(apr_pool_t *p)
{
    enum { PARTS = 15 };
    const qw_profile_t *base = qw_profile_find("qevcp-w");
    const char *hash = qw_profile_hash(base, p);
    qw_profile_t other[PARTS];
    int i;

    for (i = 0; i < PARTS; i++)
        other[i] = *base;
    other[0].name = "x";
    other[1].policies[1] = QW_OID_QNCP_W;
    other[2].purposes[0] = QW_OID_CLIENT_AUTH;
    other[3].must &= ~QW_A(locality);
    other[4].may |= QW_A(pseudonym);
    other[5].any_of = QW_A(pseudonym);
    other[6].flags |= QW_PROFILE_WILDCARD;
    other[7].flags &= ~(unsigned)QW_PROFILE_CT;
    other[8].rules = QW_RULES_ETSI;
    other[9].statements |= QW_STATES_LEGAL;
    other[10].usage |= 0x20;
    other[11].orgid_schemes = NULL;
    other[12].max_days = 90;
    other[13].policy_count = 1;
    other[14].purpose_count = 2;
    for (i = 0; i < PARTS; i++)
        ok(strcmp(qw_profile_hash(&other[i], p), hash) != 0,
           "the hash covers part %d of the row", i);
}

static void presence(apr_pool_t *p)
{
    static const char *const ev_must[] = { "country",
                                           "locality",
                                           "organization",
                                           "business_category",
                                           "jurisdiction_country",
                                           "serial_number",
                                           "organization_identifier" };
    static const char *const ov_never[] = {
        "business_category", "jurisdiction_country",
        "serial_number",     "given_name",
        "surname",           "pseudonym"
    };
    qw_identity_t none = { 0 };
    qw_problem_t *problem;
    apr_size_t i;

    ok(check("qevcp-w", &good_ev, p) == NULL, "an identity for QEVCP-w");
    ok(check("qncp-w", &good_ov, p) == NULL, "an identity for QNCP-w");
    for (i = 0; i < sizeof(ev_must) / sizeof(ev_must[0]); i++)
        refuses("qevcp-w", &good_ev, ev_must[i], NULL,
                apr_pstrcat(p, ev_must[i], " is missing", NULL), p);
    for (i = 0; i < sizeof(ov_never) / sizeof(ov_never[0]); i++)
        refuses("qncp-w", &good_ov, ov_never[i], "FR", "must not stand", p);
    refuses("qevcp-w", &good_ev, "given_name", "Ana", "must not stand", p);
    problem = check("qevcp-w", &none, p);
    ok(problem != NULL && problem->subproblems->nelts == 7,
       "one subproblem for each finding");
}

static void values(apr_pool_t *p)
{
    static const char *const placeholders[] = { ".",   "-",    "N/A",
                                                "n/a", "None", "unknown",
                                                "--",  "null", ". ." };
    char text[140];
    apr_size_t i;

    for (i = 0; i < sizeof(placeholders) / sizeof(placeholders[0]); i++)
        refuses("qncp-w", &good_ov, "state", placeholders[i], "placeholder", p);
    accepts("qncp-w", &good_ov, "state", "NA", p); /* Napoli */
    refuses("qncp-w", &good_ov, "organization", " ACME", "a space", p);
    refuses("qncp-w", &good_ov, "organization", "ACME ", "a space", p);
    refuses("qncp-w", &good_ov, "organization", "AC\nME", "control", p);
    refuses("qncp-w", &good_ov, "organization", "AC\xc2\x85ME", "control", p);
    refuses("qncp-w", &good_ov, "organization", "AC\xe2\x80\xaeME", "direction",
            p);
    refuses("qncp-w", &good_ov, "organization", "AC\xe2\x80\x8bME", "invisible",
            p);
    refuses("qncp-w", &good_ov, "organization", "Socie\xcc\x81te\xcc\x81",
            "NFC", p);
    refuses("qncp-w", &good_ov, "organization", "AC\xff", "UTF-8", p);
    accepts("qncp-w", &good_ov, "organization",
            "\xce\x91\xce\xb8\xce\xae\xce\xbd\xce\xb1 \"\xc5\x81\" & Co", p);
    memset(text, 'a', sizeof(text));
    text[64] = '\0';
    accepts("qncp-w", &good_ov, "organization", text, p);
    refuses("qncp-w", &good_ov, "organization", apr_pstrcat(p, text, "b", NULL),
            "64 characters", p);
    for (i = 0; i < 128; i += 2)
        memcpy(text + i, "\xc3\xa9", 2);
    text[128] = '\0';
    accepts("qncp-w", &good_ov, "organization", apr_pstrdup(p, text), p);
    refuses("qncp-w", &good_ov, "country", "fr", "ISO 3166", p);
    refuses("qncp-w", &good_ov, "country", "QQ", "ISO 3166", p);
    refuses("qncp-w", &good_ov, "country", "FRA", "2 characters", p);
    refuses("qevcp-w", &good_ev, "jurisdiction_country", "EL", "ISO 3166", p);
    refuses("qevcp-w", &good_ev, "serial_number", "13000766\xc3\xa9", "ASCII",
            p);
    refuses("qevcp-w", &good_ev, "business_category", "private organization",
            "Private Organization", p);
    accepts("qevcp-w", &good_ev, "business_category", "Government Entity", p);
}

static void orgids(apr_pool_t *p)
{
    qw_identity_t hesse = good_ev;

    refuses("qncp-w", &good_ov, "organization", "VATFR-83404833048",
            "are the same", p);
    accepts("qncp-w", &good_ov, "organization_identifier",
            "LEIXG-529900T8BM49AURSDO55", p);
    refuses("qevcp-w", &good_ev, "organization_identifier",
            "LEIXG-529900T8BM49AURSDO55", "use NTR, VAT, PSD", p);
    accepts("qevcp-w", &good_ev, "organization_identifier", "VATFR-83404833048",
            p);
    accepts("qevcp-w", &good_ev, "organization_identifier", "PSDFR-ACPR-16528",
            p);
    refuses("qevcp-w", &good_ev, "organization_identifier", "NTRFR-130007668",
            "serial_number", p);
    refuses("qevcp-w", &good_ev, "organization_identifier", "NTRDE-130007669",
            "jurisdiction_country", p);
    refuses("qevcp-w", &good_ev, "organization_identifier",
            "NTRFR+BRE-130007669", "jurisdiction_state", p);
    hesse.jurisdiction_state = "Hessen";
    accepts("qevcp-w", &hesse, "organization_identifier", "NTRFR+HE-130007669",
            p);
    refuses("qncp-w", &good_ov, "organization_identifier", "83404833048",
            "NTRFR-130007669", p);
}

static const qw_identity_t person = { .country = "FR",
                                      .locality = "Paris",
                                      .surname = "Durand",
                                      .given_name = "\xc3\x89lise" };

static void persons(apr_pool_t *p)
{
    static const char *const good[] = { "PNOFR-1", "TINDE-1234",
                                        "IDCBE-590082394654", "PASGB-A1-2" };
    static const char *const bad[] = { "130007669", "PNO",      "PNOFR",
                                       "PNOFR-",    "PNOQQ-1",  "PNOfr-1",
                                       "XYZFR-1",   "TAXFR-1",  "FR:FR-1",
                                       "PNOFR:1",   "PNOFR-1 2" };
    qw_identity_t nobody = { .country = "FR", .locality = "Paris" };
    qw_identity_t hidden = nobody;
    apr_size_t i;

    ok(check("qncp-w-iv", &person, p) == NULL, "a natural person");
    refuses("qncp-w-iv", &person, "given_name", NULL, "missing", p);
    refuses("qncp-w-iv", &person, "surname", NULL, "missing", p);
    refuses("qncp-w-iv", &person, "pseudonym", "Lapin", "must not stand", p);
    refuses("qncp-w-iv", &person, "organization", "Durand SARL",
            "must not stand", p);
    for (i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
        accepts("qncp-w-iv", &person, "serial_number", good[i], p);
        accepts("qncp-w-gen-np", &person, "serial_number", good[i], p);
    }
    for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        refuses("qncp-w-gen-np", &person, "serial_number", bad[i],
                "PNO, TIN, IDC or PAS", p);
    refuses("qncp-w-gen-np", &nobody, "state", "Paris",
            "neither a name nor a pseudonym", p);
    accepts("qncp-w-gen-np", &nobody, "surname", "Durand", p);
    hidden.pseudonym = "Lapin";
    ok(check("qncp-w-gen-np", &hidden, p) == NULL, "a person by pseudonym");
    refuses("qncp-w-gen-np", &hidden, "surname", "Durand",
            "a pseudonym excludes", p);
}

static const qw_identity_t bank = { .organization = "Banque Exemple SA",
                                    .organization_identifier =
                                        "PSDFR-ACPR-16528",
                                    .country = "FR",
                                    .locality = "Paris",
                                    .psd2_roles = "PSP_AS PSP_IC",
                                    .nca_name = "Autorite",
                                    .nca_id = "FR-ACPR" };

static void psd2(apr_pool_t *p)
{
    static const char *const bad_roles[] = {
        "PSP_XX",         "psp_as", "PSP_AS,PSP_PI",
        "PSP_AS  PSP_PI", "PSP",    "0.4.0.19495.1.1"
    };
    static const char *const bad_ids[] = { "FRACPR",  "FR-A",         "FR-acpr",
                                           "QQ-ACPR", "FR-ACPRACPRA", "FR-",
                                           "FRA-ACPR" };
    qw_identity_t ev = bank;
    apr_size_t i;

    ok(check("qncp-w-gen-psd2", &bank, p) == NULL, "QWC-07 a bank");
    for (i = 0; i < sizeof(bad_roles) / sizeof(bad_roles[0]); i++)
        refuses("qncp-w-gen-psd2", &bank, "psd2_roles", bad_roles[i],
                "is not a list of PSP_AS", p);
    refuses("qncp-w-gen-psd2", &bank, "psd2_roles", "PSP_AS PSP_AS", "twice",
            p);
    refuses("qncp-w-gen-psd2", &bank, "psd2_roles", NULL, "missing", p);
    accepts("qncp-w-gen-psd2", &bank, "psd2_roles", "Unspecified", p);
    for (i = 0; i < sizeof(bad_ids) / sizeof(bad_ids[0]); i++)
        refuses("qncp-w-gen-psd2", &bank, "nca_id", bad_ids[i], "nca_id", p);
    refuses("qncp-w-gen-psd2", &bank, "nca_id", "FR-ACP", "is not a number of",
            p);
    refuses("qncp-w-gen-psd2", &bank, "nca_id", "DE-ACPR", "is not a number of",
            p);
    refuses("qncp-w-gen-psd2", &bank, "nca_id", NULL, "missing", p);
    refuses("qncp-w-gen-psd2", &bank, "nca_name", "Autorit\xc3\xa9", "ASCII",
            p);
    refuses("qncp-w-gen-psd2", &bank, "nca_name", NULL, "missing", p);
    refuses("qncp-w-gen-psd2", &bank, "organization_identifier",
            "NTRFR-130007669", "use PSD", p);
    ev.business_category = "Private Organization";
    ev.serial_number = "662042449";
    ev.jurisdiction_country = "FR";
    ok(check("qevcp-w-psd2", &ev, p) == NULL, "QWC-06 a bank, validated more");
    refuses("qevcp-w-psd2", &ev, "organization_identifier", "PSDFR-AMF-16528",
            "is not a number of", p);
    accepts("qncp-w-gen", &bank, "state", NULL, p); /* roles do no harm there */
    refuses("qncp-w-gen", &bank, "psd2_roles", "PSP_XX", "is not a list", p);
}

static void promised_syntax(apr_pool_t *p)
{
    refuses("qncp-w-gen", &good_ov, "organization_identifier",
            "NTRDE+HE-123456", "subdivision", p);
    refuses("qncp-w-gen", &good_ov, "organization_identifier", "FR:FR-12345",
            "use NTR", p);
    accepts("qncp-w", &good_ov, "organization_identifier", "NTRDE+HE-123456",
            p);
}

static void common_names(apr_pool_t *p)
{
    apr_array_header_t *names = apr_array_make(p, 1, sizeof(const char *));

    APR_ARRAY_PUSH(names, const char *) = "*.example.fr";
    ok(qw_profile_check_names(qw_profile_find("qncp-w"), names, p) == NULL,
       "FIN-35 no commonName, no limit");
    ok(qw_profile_check_names(qw_profile_find("qncp-w-gen"), names, p) != NULL,
       "FIN-35 no name can be the commonName");
}

int main(void)
{
    apr_pool_t *p;

    apr_initialize();
    apr_pool_create(&p, NULL);
    table(p);
    hash_covers_row(p);
    presence(p);
    values(p);
    orgids(p);
    persons(p);
    psd2(p);
    promised_syntax(p);
    common_names(p);
    apr_pool_destroy(p);
    return done_testing();
}
