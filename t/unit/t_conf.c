#include "base/text.h"
#include "conf/conf.h"

#include "tap.h"

#include <apr_general.h>
#include <apr_strings.h>

#include <stdlib.h>
#include <unistd.h>

static apr_pool_t *pool;
static qw_conf_t *conf;
static qw_authority_t *live;

static const char *set(qw_authority_t *authority, const char *line)
{
    char *words = apr_pstrdup(pool, line), *last;
    const char *argv[16], *name = apr_strtok(words, " ", &last);
    int argc = 0;

    while ((argv[argc] = apr_strtok(NULL, " ", &last)) != NULL) {
        if (strcmp(argv[argc], "''") == 0)
            argv[argc] = "";
        argc++;
    }
    return qw_conf_set(conf, authority, name, argc, argv, pool);
}

/* Each wrong line, and the words that tell what to do. */
static const struct {
    int inside;
    const char *line, *cure;
} wrong[] = {
    { 0, "QwacmeNothing on", "no such directive" },
    { 0, "QwacmeKind test", "put it into <QwacmeAuthority" },
    { 1, "QwacmeDatabase sqlite3 /db", "put it after </QwacmeAuthority>" },
    { 0, "QwacmeDatabase sqlite3",
      "1 arguments; write QwacmeDatabase sqlite3" },
    { 0, "QwacmeDatabase mysql /db", "write sqlite3 or pgsql" },
    { 0, "QwacmeDatabase sqlite3 db", "start it with '/'" },
    { 0, "QwacmeDatabase pgsql ''", "name host, dbname and user" },
    { 0, "QwacmeDatabaseConnections 0", "number from 1 to 1000" },
    { 0, "QwacmeDatabaseConnections 5x", "number from 1 to 1000" },
    { 0, "QwacmeKeyWait 61", "from 1 to 60" },
    { 0, "QwacmeDatabaseWait 2h", "from 1 to 60 seconds" },
    { 0, "QwacmeStateDir state", "start it with '/'" },
    { 0, "QwacmeSealKey seal", "start it with '/'" },
    { 0, "QwacmeWeakKeys keys", "start it with '/'" },
    { 0, "QwacmeAuditKey cert.pem /key.pem", "start it with '/'" },
    { 0, "QwacmeAuditKey /cert.pem key.pem", "start it with '/'" },
    { 0, "QwacmeAuditKey /cert.pem", "CERTIFICATE-FILE KEY-FILE" },
    { 0, "QwacmeAuditInterval 2h", "from 1 to 3600" },
    { 0, "QwacmeTimestampURL ftp://tsa.example/", "http or https URL" },
    { 0, "QwacmeTimestampURL http://tsa.example/ ca.pem", "start it with '/'" },
    { 0, "QwacmeSignerUser ''", "is empty" },
    { 0, "QwacmeValidationThreads 4097", "number from 1 to 4096" },
    { 1, "QwacmeKind prod", "write production or test" },
    { 1, "QwacmePerspective a+b https://p.example/mpic RIPE", "is no code" },
    { 1, "QwacmePerspective p http://p.example/mpic RIPE", "not an https URL" },
    { 1, "QwacmePerspective p https://p.example/mpic EUROPE", "is no region" },
    { 1, "QwacmeBaseURL http://a.example/acme", "https URL" },
    { 1, "QwacmeBaseURL https://a.example/acme/", "leave that off" },
    { 1, "QwacmeBaseURL https://a.example/acme?x", "scheme, host and path" },
    { 1, "QwacmeIssuer chain.pem /key.pem", "start it with '/'" },
    { 1, "QwacmeIssuer /chain.pem key.pem", "pkcs11:" },
    { 1, "QwacmeIssuer /chain.pem pkcs11:object=a 1234", "holds the PIN" },
    { 1, "QwacmeIssuer /chain.pem pkcs11:object=a?pin-value=1234",
      "would show the PIN" },
    { 1, "QwacmeIssuer /chain.pem pkcs11:object=a credential:../pin",
      "names no credential" },
    { 1, "QwacmeIssuer /chain.pem pkcs11:object=a credential:",
      "names no credential" },
    { 1, "QwacmeIssuer /chain.pem /key.pem for=dsa", "write for=rsa" },
    { 1, "QwacmeIssuerURL http://a.example/%{name}.cer",
      "another placeholder" },
    { 1, "QwacmeIssuerURL https://a.example/%{issuer}.cer", "http URL" },
    { 1, "QwacmeProfiles a b a", "named twice" },
    { 1, "QwacmeChallenges http-02", "choose from http-01" },
    { 1, "QwacmeCAAIdentities CA.example", "lower-case ASCII" },
    { 1, "QwacmeTerms 1 http://a.example/", "https URL" },
    { 1, "QwacmePDS eng https://a.example/", "two lower-case letters" },
    { 1, "QwacmePDS en http://a.example/", "https URL" },
    { 1, "QwacmeOCSPURL https://a.example/", "http URL" },
    { 1, "QwacmeValidityDays 399", "number from 1 to 398" },
    { 1, "QwacmeRenewalWindow 50", "START END" },
    { 1, "QwacmeRenewalWindow 9 50", "no percentage from 10 to 95" },
    { 1, "QwacmeRenewalWindow 50 96", "no percentage from 10 to 95" },
    { 1, "QwacmeRenewalWindow 50% 90%", "no percentage from 10 to 95" },
    { 1, "QwacmeRenewalWindow 90 67", "not after the start" },
    { 1, "QwacmeOrderLifetime 10", "write 90s, 30m, 12h or 7d" },
    { 1, "QwacmeOrderLifetime 1w", "write 90s, 30m, 12h or 7d" },
    { 1, "QwacmeNonceLifetime 99999999999999999999d", "write 90s" },
    { 1, "QwacmePreAuthorization yes", "neither 'on' nor 'off'" },
    { 1, "QwacmeResolver ns.example", "address@port" },
    { 1, "QwacmeResolver 127.0.0.1@99999", "address@port" },
    { 1, "QwacmeTestHTTPPort 0", "number from 1 to 65535" },
};

static void test_wrong_lines(void)
{
    unsigned i;

    for (i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        const char *error = set(wrong[i].inside ? live : NULL, wrong[i].line);

        ok(error != NULL && strstr(error, wrong[i].cure) != NULL, "refused: %s",
           wrong[i].line);
        printf("# %s\n", error != NULL ? error : "taken");
        ok(error != NULL
               && strncmp(error, wrong[i].line, strcspn(wrong[i].line, " "))
                      == 0,
           "the text names the directive");
    }
}

static void test_right_lines(void)
{
    static const char *const server[] = {
        "QwacmeDatabase sqlite3 /var/lib/qwacme/db",
        "QwacmeStateDir /state",
        "QwacmeSealKey /seal",
        "QwacmeDatabaseWait 2",
        "QwacmeSignerWait 1m",
    };
    static const char *const inside[] = {
        "QwacmeBaseURL https://acme.example:8443/acme",
        "QwacmeIssuer /chain.pem pkcs11:token=a;object=b /pin",
        "QwacmeProfiles qevcp-w qncp-w",
        "QwacmeTerms 1 https://a.example/t",
        "QwacmeCAAIdentities ca.example",
        "QwacmePDS en https://a.example/en",
        "QwacmePDS fr https://a.example/fr",
        "qwacmechallenges dns-01",
        "QwacmeIssuerURL http://a.example/ca.cer",
        "QwacmeCRLURL http://a.example/ca.crl",
        "QwacmePreAuthorization On",
        "QwacmeRenewalWindow 50 80",
        "QwacmeResolver 127.0.0.1 ::1@5353",
    };
    unsigned i;

    for (i = 0; i < sizeof(server) / sizeof(server[0]); i++)
        ok(set(NULL, server[i]) == NULL, "taken: %s", server[i]);
    for (i = 0; i < sizeof(inside) / sizeof(inside[0]); i++)
        ok(set(live, inside[i]) == NULL, "taken: %s", inside[i]);
    is_str(conf->db_driver, "sqlite3", "the driver");
    ok(conf->db_wait == apr_time_from_sec(2), "a time without unit: seconds");
    ok(conf->signer_wait == apr_time_from_sec(60), "a time in minutes");
    is_str(live->base_path, "/acme", "the path of the base URL");
    ok(live->challenges->nelts == 1, "words replace what was there");
    ok(live->pds->nelts == 2, "statements are added up");
    ok(live->pre_authorization == 1, "on, in any case");
    ok(live->resolvers->nelts == 2, "two resolvers");
    ok(live->renewal_start == 50 && live->renewal_end == 80,
       "the window of renewals");
}

static const char *today = "2026-11-23";

/* The first finding of today that holds TEXT; NULL if there is none. */
static const char *finding(const char *text)
{
    apr_time_t now = 0;
    apr_array_header_t *all;
    int i;

    ok(qw_text_parse_time(&now, today), "a day");
    all = qw_conf_findings(conf, now, pool);
    for (i = 0; i < all->nelts; i++) {
        const char *one = APR_ARRAY_IDX(all, i, const char *);

        if (strstr(one, text) != NULL)
            return one;
        if (text[0] == '\0')
            printf("# %s\n", one);
    }
    return NULL;
}

static void test_missing(void)
{
    static const char *const directives[] = {
        "QwacmeDatabase is",
        "QwacmeStateDir",
        "QwacmeSealKey",
        "QwacmeBaseURL",
        "QwacmeIssuer is",
        "QwacmeProfiles",
        "QwacmeTerms",
        "QwacmeCAAIdentities",
        "QwacmePDS en",
        "QwacmeIssuerURL",
        "QwacmeCRLURL or QwacmeOCSPURL",
        "QwacmePerspective: 0 of them, today at least 4",
        "QwacmePerspectiveCertificateFile or QwacmePerspectiveAPIKeyFile",
    };
    unsigned i;

    for (i = 0; i < sizeof(directives) / sizeof(directives[0]); i++)
        ok(finding(directives[i]) != NULL, "missing: %s", directives[i]);
}

static void add_perspective(int n, const char *region)
{
    set(live,
        apr_psprintf(pool, "QwacmePerspective p%d https://p%d.example/mpic %s",
                     n, n, region));
}

/* A start on the day that a rule changes: BR-6.3.2. */
static void test_days(void)
{
    static const struct {
        const char *day;
        int most;
    } days[] = { { "2026-03-14", 398 }, { "2026-03-15", 200 },
                 { "2027-03-14", 200 }, { "2027-03-15", 100 },
                 { "2029-03-14", 100 }, { "2029-03-15", 47 } };
    int before = live->validity_days;
    unsigned i;

    for (i = 0; i < sizeof(days) / sizeof(days[0]); i++) {
        today = days[i].day;
        live->validity_days = days[i].most;
        ok(finding("QwacmeValidityDays") == NULL, "%d days on %s", days[i].most,
           today);
        live->validity_days++;
        ok(finding("allowed today (BR 6.3.2)") != NULL, "no day more");
    }
    live->validity_days = before;
    today = "2026-11-23";
}

/* The first forecast of the 30 days after DAY that holds TEXT, or "". */
static const char *forecast(const char *day, const char *text)
{
    apr_time_t now = 0;
    apr_array_header_t *all;
    int i;

    ok(qw_text_parse_time(&now, day), "%s", day);
    all = qw_conf_forecast(conf, now, 30, pool);
    for (i = 0; i < all->nelts; i++)
        if (strstr(APR_ARRAY_IDX(all, i, const char *), text) != NULL)
            return APR_ARRAY_IDX(all, i, const char *);
    return "";
}

static void test_forecast(void)
{
    int before = live->validity_days;

    live->validity_days = 150;
    is_str(forecast("2027-02-12T23:00:00Z", "ValidityDays"), "",
           "31 days before, nothing");
    ok(strncmp(forecast("2027-02-13T01:00:00Z", "ValidityDays"),
               "from 2027-03-15: QwacmeValidityDays: 150 is above 100,", 53)
           == 0,
       "30 days before, the day and the finding");
    is_str(forecast("2027-03-15", "ValidityDays"), "", "then it is a finding");
    live->validity_days = before;
    ok(strncmp(forecast("2026-11-23", "QwacmePerspective: "),
               "from 2026-12-15: QwacmePerspective: 0 of them", 45)
           == 0,
       "[MPC-10] and of perspectives");
}

/* BR-3.2.2.9 */
static void test_perspectives(void)
{
    set(live, "QwacmePerspectiveCertificateFile /etc/asker.pem");
    for (int i = 1; i <= 3; i++)
        add_perspective(i, "RIPE");
    ok(finding("QwacmePerspective: 3 of them, today at least 4") != NULL,
       "[MPC-10] three");
    today = "2026-06-14";
    ok(finding("of them, today") == NULL, "[MPC-10] were enough once");
    today = "2026-11-23";
    add_perspective(4, "RIPE");
    ok(finding("of them, today") == NULL, "[MPC-10] four");
    ok(finding("all are in one region") != NULL, "[MPC-06] in one region");
    add_perspective(5, "ARIN");
    ok(finding("one region") == NULL, "[MPC-06] in two");
    live->perspectives->nelts = 4;
    APR_ARRAY_IDX(live->perspectives, 3, qw_perspective_t).region = "ARIN";
    today = "2026-12-14";
    ok(finding("QwacmePerspective") == NULL, "[MPC-10] four until that day");
    today = "2026-12-15";
    ok(finding("QwacmePerspective: 4 of them, today at least 5") != NULL,
       "[MPC-10] but five from then on");
    live->kind = QW_KIND_TEST;
    ok(finding("of them, today") == NULL, "[MPC-10] a test authority may");
    live->kind = QW_KIND_PRODUCTION;
    today = "2026-11-23";
    set(live, "QwacmePerspectiveQuorum 5");
    ok(finding("QwacmePerspectiveQuorum: 5 is more than the 4") != NULL,
       "more than there are");
    set(live, "QwacmePerspectiveQuorum 2");
    ok(finding("QwacmePerspectiveQuorum: 2 of 4 is less than the 3") != NULL,
       "less than is allowed");
    set(live, "QwacmePerspectiveQuorum 4");
}

/* A server that is only a perspective of others needs nothing else. */
static void test_local_perspective(void)
{
    qw_conf_t *before = conf;
    qw_authority_t *local, *other;

    conf = qw_conf_make(pool);
    ok(qw_conf_add_perspective(&local, conf, "paris", pool) == NULL, "one");
    ok(finding("Qwacme") == NULL, "needs nothing");
    ok(qw_conf_perspective(conf, "paris") == local, "found by name");
    ok(qw_conf_authority(conf, "paris") == NULL, "but no authority");
    ok(qw_conf_add_authority(&other, conf, "paris", pool) != NULL,
       "the two share their names");
    set(local, "QwacmeTestPrivateTargets on");
    ok(finding("QwacmeTestPrivateTargets: 'on' is for a test") != NULL,
       "[TST-01] private targets in production");
    conf = before;
}

static const qw_issuer_conf_t *last_issuer(void)
{
    return &APR_ARRAY_IDX(live->issuers, live->issuers->nelts - 1,
                          qw_issuer_conf_t);
}

static void test_issuers(void)
{
    set(live, "QwacmeIssuer /old.pem none");
    ok(last_issuer()->key_uri == NULL, "an issuer that signs no more");
    ok(finding("QwacmeIssuerURL") == NULL, "wants no URL of its own");
    ok(set(live, "QwacmeIssuer /rsa.pem pkcs11:object=r credential:hsm-pin "
                 "for=rsa")
           == NULL,
       "a PIN of systemd, and a kind of keys");
    is_str(last_issuer()->pin_credential, "hsm-pin", "the credential's name");
    ok(last_issuer()->pin_path == NULL && last_issuer()->takes == QW_TAKES_RSA,
       "and no file");
    ok(finding("QwacmeIssuerURL: 'http://a.example/ca.cer' is that of one "
               "issuer, and 2 sign")
           != NULL,
       "two that sign have two certificates");
    ok(finding("QwacmeCRLURL: ") != NULL, "and two CRLs");
    set(live, "QwacmeIssuerURL http://a.example/%{issuer}.cer");
    set(live, "QwacmeCRLURL http://a.example/%{issuer}/%{issuer}.crl");
    ok(finding("is that of one") == NULL, "told by a placeholder");
    is_str(qw_issuer_url(live->crl_url, "17", pool),
           "http://a.example/17/17.crl", "which is filled in");
    ok(qw_issuer_url(NULL, "17", pool) == NULL, "if there is a URL");
    live->issuers->nelts--;
    APR_ARRAY_IDX(live->issuers, 0, qw_issuer_conf_t).key_uri = NULL;
    ok(finding("none of them has a key") != NULL, "one must sign");
    APR_ARRAY_IDX(live->issuers, 0, qw_issuer_conf_t).key_uri =
        "pkcs11:token=a;object=b";
}

static void test_contradictions(void)
{
    qw_authority_t *test;

    ok(finding("Qwacme") == NULL, "nothing is missing any more");
    set(live, "QwacmeValidityDays 201");
    ok(finding("is above 200") != NULL, "validity above today's maximum");
    set(live, "QwacmeValidityDays 200");
    set(live, "QwacmeAuthorizationReuse 201d");
    ok(finding("above 200 days") != NULL, "reuse above today's maximum");
    set(live, "QwacmeAuthorizationReuse 0");

    ok(qw_conf_add_authority(&test, conf, "test", pool) == NULL, "a second");
    set(test, "QwacmeBaseURL https://acme.example:8443/acme/test");
    set(test, "QwacmeIssuer /other.pem pkcs11:token=a;object=b");
    ok(finding("is the key of the authority 'test' too") != NULL,
       "production and test share no key");
    ok(finding("one inside the other") != NULL, "paths are apart");
    set(live, "QwacmeTestPrivateTargets on");
    set(live, "QwacmeTestHTTPPort 8080");
    ok(finding("QwacmeTestPrivateTargets: 'on' is for a test") != NULL,
       "[TST-01] private targets in production");
    ok(finding("QwacmeTestHTTPPort: '8080' is for a test") != NULL,
       "[TST-01] another port in production");
}

static void test_names(void)
{
    qw_authority_t *other;

    ok(qw_conf_add_authority(&other, conf, "Live!", pool) != NULL,
       "an authority's name has a form");
    ok(qw_conf_add_authority(&other, conf, "live", pool) != NULL,
       "and is there once");
    ok(qw_conf_authority(conf, "live") == live, "found by name");
    ok(qw_conf_authority(conf, "none") == NULL, "or not");
    ok(qw_directive_at(0) != NULL && qw_directive_at(-1) == NULL
           && qw_directive_at(1000) == NULL,
       "the table ends");
}

static const char *dir;

static const char *file(const char *name, const char *text)
{
    const char *path = apr_pstrcat(pool, dir, "/", name, NULL);
    FILE *f = fopen(path, "w");

    fputs(text, f);
    fclose(f);
    return path;
}

static void remove_files(void)
{
    static const char *const names[] = { "a.conf",   "b.conf",    "httpd.conf",
                                         "bad.conf", "loop.conf", "open.conf",
                                         "gone.conf" };
    unsigned i;

    for (i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        unlink(apr_pstrcat(pool, dir, "/", names[i], NULL));
    rmdir(dir);
}

static void test_files(void)
{
    qw_conf_t *got = NULL;
    qw_problem_t *prob;

    file("a.conf", "QwacmeSealKey \"/with space/\\\"seal\\\"\"\n");
    file("b.conf", "QwacmeStateDir /b\n");
    prob = qw_conf_read(&got,
                        file("httpd.conf",
                             "Listen 80\n# QwacmeNothing\nInclude [ab].conf\n"
                             "IncludeOptional none/*.conf\n"
                             "<IfModule x.c>\nQwacmeDatabase \\\n  sqlite3 /d\n"
                             "</IfModule>\n<QwacmeAuthority one>\n"
                             "QwacmeKind test\n</QwacmeAuthority>\n"
                             "<Location /acme>\nQwacmeUse one\n</Location>\n"),
                        pool);
    ok(prob == NULL, "a configuration of several files is read");
    if (prob != NULL)
        printf("# %s\n", prob->detail);
    else {
        is_str(got->seal_key, "/with space/\"seal\"", "quotes");
        is_str(got->state_dir, "/b", "an included file");
        is_str(got->db_params, "/d", "a line that goes on");
        ok(qw_conf_authority(got, "one")->kind == QW_KIND_TEST, "a section");
    }
    prob = qw_conf_read(&got, file("bad.conf", "\n\nQwacmeNothing\n"), pool);
    ok(prob != NULL && strstr(prob->detail, "bad.conf:3: ") != NULL,
       "an error names file and line");
    prob =
        qw_conf_read(&got, file("bad.conf", "QwacmeStateDir ${STATE}/qwacme\n"),
                     pool);
    ok(prob != NULL && strstr(prob->detail, "write the value") != NULL,
       "a variable of httpd is not taken for a path");
    prob = qw_conf_read(&got, file("loop.conf", "Include loop.conf\n"), pool);
    ok(prob != NULL, "a circle ends");
    prob = qw_conf_read(&got, file("open.conf", "<QwacmeAuthority a>\n"), pool);
    ok(prob != NULL, "a section that is not closed");
    prob = qw_conf_read(&got, file("gone.conf", "Include gone/x\n"), pool);
    ok(prob != NULL && strstr(prob->detail, "no such file") != NULL,
       "an included file that is not there");
    ok(qw_conf_read(&got, "/nonexistent", pool) != NULL, "no file at all");
}

int main(void)
{
    char template[] = "/tmp/t_conf.XXXXXX";

    apr_initialize();
    apr_pool_create(&pool, NULL);
    dir = mkdtemp(template);
    conf = qw_conf_make(pool);
    ok(finding("QwacmeAuthority is missing") != NULL, "no authority");
    ok(qw_conf_add_authority(&live, conf, "live", pool) == NULL, "a first");
    test_wrong_lines();
    conf = qw_conf_make(pool);
    qw_conf_add_authority(&live, conf, "live", pool);
    test_missing();
    test_right_lines();
    test_days();
    test_forecast();
    test_perspectives();
    test_local_perspective();
    test_issuers();
    test_contradictions();
    test_names();
    test_files();
    remove_files();
    apr_pool_destroy(pool);
    return done_testing();
}
