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

static void table(apr_pool_t *p)
{
    const qw_profile_t *profile;
    const char *hash[8] = { 0 };
    int i, j;

    for (i = 0; (profile = qw_profile_at(i)) != NULL && i < 8; i++) {
        int n = 0;

        ok(qw_profile_find(qw_profile_name(profile)) == profile, "%s is found",
           qw_profile_name(profile));
        ok((profile->must & profile->may) == 0
               && profile->must >> QW_ATTR_COUNT == 0,
           "its attributes are must or may");
        while (n < QW_PROFILE_POLICIES_MAX
               && (n == 0 || profile->policies[n] != QW_OID_COUNTRY))
            n++;
        ok(n == profile->policy_count, "its policies are counted");
        hash[i] = qw_profile_hash(profile, p);
        ok(strlen(hash[i]) == 64 && *qw_profile_title(profile) != '\0',
           "it has hash and title");
        for (j = 0; j < i; j++)
            ok(strcmp(hash[i], hash[j]) != 0, "its hash is its own");
    }
    ok(i == 2 && qw_profile_at(-1) == NULL, "that were all");
    ok(qw_profile_find("dv") == NULL && qw_profile_find("") == NULL,
       "no such profile");
    ok(!qw_profile_allows_wildcard(qw_profile_find("qevcp-w"))
           && qw_profile_allows_wildcard(qw_profile_find("qncp-w")),
       "wildcards in QNCP-w only");
    /* orders pin this; a row that changes changes its hash */
    is_str(hash[0],
           "7000cd3bd900551a7f05db180939453b7f701d3d684f2b483f81d0bfde62c8f8",
           "hash of qevcp-w");
    is_str(hash[1],
           "b755a0f2f1d565d6fbc63703ad9a792375ade0df7311ad99e029fc518fc41683",
           "hash of qncp-w");
}

static void hash_covers_row(apr_pool_t *p)
{
    const qw_profile_t *base = qw_profile_find("qevcp-w");
    const char *hash = qw_profile_hash(base, p);
    qw_profile_t other[7];
    int i;

    for (i = 0; i < 7; i++)
        other[i] = *base;
    other[0].name = "x";
    other[1].policies[1] = QW_OID_QNCP_W;
    other[2].purpose = QW_OID_CLIENT_AUTH;
    other[3].must &= ~QW_A(locality);
    other[4].may |= QW_A(pseudonym);
    other[5].any_of = QW_A(pseudonym);
    other[6].flags |= QW_PROFILE_WILDCARD;
    for (i = 0; i < 7; i++)
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
            "LEIXG-529900T8BM49AURSDO55", "use NTR, VAT or PSD", p);
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

static void persons(apr_pool_t *p)
{
    const qw_profile_t natural = {
        .name = "natural",
        .must = QW_A(country),
        .may = QW_A(given_name) | QW_A(surname) | QW_A(pseudonym),
        .any_of = QW_A(given_name) | QW_A(surname) | QW_A(pseudonym)
    };
    qw_identity_t person = { .country = "FR" };

    ok(qw_profile_check_identity(&natural, &person, p) != NULL,
       "a person without name");
    person.pseudonym = "Lapin";
    ok(qw_profile_check_identity(&natural, &person, p) == NULL,
       "a person by pseudonym");
    person.surname = "Durand";
    ok(qw_profile_check_identity(&natural, &person, p) != NULL,
       "a pseudonym beside the name");
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
    apr_pool_destroy(p);
    return done_testing();
}
