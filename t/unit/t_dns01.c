/* dns-01: exactly the digest, exactly at _acme-challenge. */
#include "base/world.h"
#include "check/check.h"
#include "rig.h"
#include "tap.h"

#include <apr_general.h>

#define KEY_AUTH                                                               \
    "evaGxfADs6pSRb2LAv9IZf17Dt3juxGJ-PCt92wr-oA."                             \
    "9jg46WB3rR_AHD-EBXdN7cBkH1WOu0tA3M9fm21mqTI"
#define UPPER "LCM7CZYQXCVHK2NNW3JJAHNT3FVM18UN-KWZZKNKOYM"

static apr_pool_t *pool;
static qw_authority_t *authority;
static json_t *evidence;
static const char *digest;
static int patience = 20; /* seconds: machines may be busy */

/* The problem of one attempt for example.test; the zone is RECORDS, where '@'
 * stands for _acme-challenge.example.test and '=' for the right digest. */
static qw_problem_t *attempt(const char *records)
{
    qw_dcv_t dcv = { authority, "example.test", "token", KEY_AUTH,
                     qw_world()->now() + apr_time_from_sec(patience) };
    const char *zone = "";

    for (; *records != '\0'; records++) {
        if (*records == '@')
            zone =
                apr_pstrcat(pool, zone, "_acme-challenge.example.test", NULL);
        else if (*records == '=')
            zone = apr_pstrcat(pool, zone, digest, NULL);
        else
            zone = apr_psprintf(pool, "%s%c", zone, *records);
    }
    rig_write("zone", zone, pool);
    rig_write("log", "", pool);
    evidence = qw_json_new_object(pool);
    ok(qw_dcv_digest(&dcv, pool) == NULL, "the digest");
    return qw_validator_find("dns-01")->try(evidence, &dcv, pool);
}

static void valid(const char *records, const char *name)
{
    qw_problem_t *prob = attempt(records);

    ok(prob == NULL, "%s: valid", name);
    if (prob != NULL)
        printf("# %s\n", prob->detail);
}

static void refuses(const char *records, qw_code_e code, const char *name)
{
    qw_problem_t *prob = attempt(records);

    ok(prob != NULL && prob->code == code, "%s: %s", name,
       qw_problem_name(code));
    if (prob != NULL)
        printf("# %s: %s\n", qw_problem_name(prob->code), prob->detail);
}

static const char *lookup_text(const char *member)
{
    json_t *lookup = json_array_get(json_object_get(evidence, "lookups"), 0);

    return json_string_value(json_object_get(lookup, member));
}

int main(void)
{
    apr_initialize();
    apr_pool_create(&pool, NULL);
    /* by sha256sum and basenc --base64url, not by our own code */
    digest = "lCM7cZyQXcVHK2nnW3jjAhNT3Fvm18UN-kWZZknKoYM";
    rig_write("zone", "", pool);
    ok(rig_dns(pool), "a name server");

    authority = qw_authority_make("t", pool);
    authority->kind = QW_KIND_TEST;
    authority->test_insecure_dns = 1;
    APR_ARRAY_PUSH(authority->resolvers, const char *) =
        apr_psprintf(pool, "127.0.0.1@%d", rig_port(0));

    valid("@ TXT =\n", "[D01-01] the digest");
    is_str(rig_read("log", pool), "_acme-challenge.example.test TXT\n",
           "[D01-11] asked where it belongs, once");
    is_str(lookup_text("name"), "_acme-challenge.example.test",
           "the evidence has the question");
    is_str(lookup_text("dnssec"), "unchecked", "and what DNSSEC said");
    valid("@ TXT other\n@ TXT =\n@ TXT more\n", "[D01-02] one of several");
    valid("@ CNAME x.example.net\nx.example.net TXT =\n", "[D01-09] by CNAME");
    is_str(lookup_text("canonical"), "x.example.net", "and where it led");

    refuses("other.test TXT x\n", QW_E_UNAUTHORIZED, "[D01-05] no TXT");
    refuses("@ * NXDOMAIN\n", QW_E_DNS, "[D01-05] no such name");
    refuses("@ * SERVFAIL\n", QW_E_DNS, "[D01-06] SERVFAIL");
    refuses("@ * REFUSED\n", QW_E_DNS, "[D01-06] REFUSED");
    patience = 2;
    refuses("@ * TIMEOUT\n", QW_E_DNS, "[D01-06] silence");
    ok(strcmp(lookup_text("error"), "no answer in time") == 0,
       "the evidence has the failure");
    patience = 20;
    refuses("@ TXT \" =\"\n", QW_E_UNAUTHORIZED, "[D01-07] space before");
    refuses("@ TXT \"= \"\n", QW_E_UNAUTHORIZED, "[D01-07] space after");
    refuses("@ TXT =x\n", QW_E_UNAUTHORIZED, "[D01-07] more after");
    refuses("@ TXT " UPPER "\n", QW_E_UNAUTHORIZED, "[D01-07] upper case");
    refuses("@ TXT " KEY_AUTH "\n", QW_E_UNAUTHORIZED,
            "[D01-08] the key authorization itself");
    refuses("example.test TXT =\n", QW_E_UNAUTHORIZED, "at the name itself");
    refuses("acme-challenge.example.test TXT =\n", QW_E_UNAUTHORIZED,
            "[D01-16] without the underscore");
    refuses("@ CNAME _acme-challenge.example.test\n", QW_E_DNS,
            "[D01-09] CNAME loop");
    apr_pool_destroy(pool);
    return done_testing();
}
