/* CAA: who may issue, by RFC8659 and RFC8657. */
#include "base/world.h"
#include "check/caa.h"
#include "check/caa_value.h"
#include "rig.h"
#include "tap.h"

#include <apr_file_info.h>
#include <apr_general.h>

#define ACCOUNT  "https://acme.example/acme/acct/me"
#define EXTERNAL "https://acme.example/acme/external/ours"

static apr_pool_t *pool;
static qw_authority_t *authority;
static qw_account_t account = { .id = "me", .external_id = "ours" };
static json_t *evidence;
static int patience = 20; /* seconds: machines may be busy */

static qw_caa_t question(int wildcard)
{
    qw_caa_t ask = {
        authority, &account,  "a.b.shop.test",
        wildcard,  "http-01", qw_world()->now() + apr_time_from_sec(patience)
    };

    return ask;
}

/* RDATA of "FLAGS TAG VALUE". */
static qw_bytes_t rdata(const char *text)
{
    char *end;
    long flags = strtol(text, &end, 10);
    const char *tag = end + 1, *value = strchr(tag, ' ');
    char *to =
        apr_psprintf(pool, "??%.*s%s", (int)(value - tag), tag, value + 1);
    qw_bytes_t made = { (unsigned char *)to, strlen(to) };

    to[0] = (char)flags;
    to[1] = (char)(value - tag);
    return made;
}

/* What the LINES of CAA, parted by '|', say. */
static qw_problem_t *judge(const char *lines, int wildcard)
{
    qw_caa_t ask = question(wildcard);
    qw_answer_t answer = { .name = "shop.test", .type = QW_RR_CAA };
    char *last, *line, *text = apr_pstrdup(pool, lines);

    answer.values = apr_array_make(pool, 2, sizeof(qw_bytes_t));
    for (line = apr_strtok(text, "|", &last); line != NULL;
         line = apr_strtok(NULL, "|", &last))
        APR_ARRAY_PUSH(answer.values, qw_bytes_t) = rdata(line);
    return qw_caa_judge(&ask, &answer, pool);
}

static void lets(const char *lines, int wildcard, const char *name)
{
    qw_problem_t *prob = judge(lines, wildcard);

    ok(prob == NULL, "%s: %s", name, lines);
    if (prob != NULL)
        printf("# %s\n", prob->detail);
}

static void forbids(const char *lines, int wildcard, const char *name)
{
    qw_problem_t *prob = judge(lines, wildcard);

    ok(prob != NULL && prob->code == QW_E_CAA, "%s: not %s", name, lines);
}

static void judges(void)
{
    lets("0 issue ca.example", 0, "[CAA-01] ours");
    forbids("0 issue other.example", 0, "[CAA-03]");
    forbids("0 issue other.example", 1, "[CAA-03] issue stands for issuewild");
    forbids("0 issue ;", 1, "[CAA-04]");
    forbids("0 issue ", 0, "[CAA-04] nobody");
    lets("0 issue other.example|0 issuewild ca.example", 1, "[CAA-05]");
    forbids("0 issue other.example|0 issuewild ca.example", 0, "[CAA-05]");
    forbids("0 issue ca.example|0 issuewild other.example", 1, "[CAA-06]");
    lets("0 issue ca.example|0 issuewild other.example", 0, "[CAA-06]");
    lets("0 issuewild other.example", 0, "[CAA-06] issuewild alone");
    forbids("128 tbs x|0 issue ca.example", 0, "[CAA-10]");
    forbids("1 tbs x|0 issue ca.example", 0, "[CAA-10] the other end");
    lets("128 issue ca.example", 0, "[CAA-10] critical and known");
    lets("0 tbs x", 0, "[CAA-11]");
    lets("0 iodef mailto:a@b.example", 0, "[CAA-11] iodef alone");
    lets("0 ISSUE CA.Example", 0, "[CAA-12] case");
    lets("0 issue  \tca.example ", 0, "[CAA-12] white space");
    lets("0 issue other.example|0 issue ca.example", 0, "one of two");
    lets("0 issue ca.example;", 0, "a semicolon and no more");
    lets("0 issue ca.example; policy=ev", 0, "a parameter not known");
    forbids("0 issue ca.example; policy", 0, "a malformed parameter");
    forbids("0 issue ca.example; a=b;", 0, "a parameter that is not there");
    forbids("0 issue ca..example", 0, "an empty label");
    forbids("0 issue ca.example.other.example", 0, "a longer name");
}

static void judges_accounts(void)
{
    lets("0 issue ca.example; accounturi=" ACCOUNT, 0, "[CAA-14]");
    lets("0 issue ca.example; AccountURI = " ACCOUNT, 0, "[CAA-14] case");
    forbids("0 issue ca.example; accounturi=" ACCOUNT "x", 0, "[CAA-14]");
    forbids("0 issue ca.example; accounturi=", 0, "[CAA-14] empty");
    forbids("0 issue ca.example; accounturi=" ACCOUNT "; accounturi=" ACCOUNT,
            0, "RFC8657-3 twice");
    forbids("0 issue ca.example; accounturi=" EXTERNAL, 0, "not a parent");
    authority->caa_parent_account = 1;
    lets("0 issue ca.example; accounturi=" EXTERNAL, 0, "a parent");
    lets("0 issue ca.example; accounturi=" ACCOUNT, 0, "and the account");
    authority->caa_parent_account = 0;
}

static void judges_methods(void)
{
    lets("0 issue ca.example; validationmethods=http-01", 0, "[CAA-17]");
    lets("0 issue ca.example; validationmethods=dns-01,http-01", 0, "one of");
    forbids("0 issue ca.example; validationmethods=dns-01", 0, "[CAA-17]");
    forbids("0 issue ca.example; validationmethods=HTTP-01", 0,
            "[CAA-17] case");
    forbids("0 issue ca.example; validationmethods=http-01;"
            "validationmethods=http-01",
            0, "[CAA-18] twice");
    forbids("0 issue ca.example; validationmethods=", 0, "[CAA-18] empty");
    forbids("0 issue ca.example; validationmethods=new", 0, "[CAA-18] unknown");
    lets("0 issue ca.example; validationmethods=new,http-01", 0,
         "[CAA-18] unknown beside known");
    forbids("0 issue ca.example; validationmethods=http-01,", 0,
            "[CAA-18] an empty label");
    forbids("0 issue ca.example; validationmethods=http_1,http-01", 0,
            "[CAA-18] no label");
}

static void judges_nonsense(void)
{
    qw_caa_t ask = question(0);
    qw_answer_t answer = { .name = "shop.test", .type = QW_RR_CAA };
    static const char *const bad[] = { "", "\1", "\1\1", "\1\5tag", "\1\377x" };
    static const apr_size_t len[] = { 0, 1, 2, 5, 3 };

    for (int i = 0; i < 5; i++) {
        qw_problem_t *prob;

        answer.values = apr_array_make(pool, 1, sizeof(qw_bytes_t));
        APR_ARRAY_PUSH(answer.values, qw_bytes_t) =
            (qw_bytes_t){ (const unsigned char *)bad[i], len[i] };
        prob = qw_caa_judge(&ask, &answer, pool);
        ok(prob != NULL && prob->code == QW_E_CAA, "rdata cut off at %d", i);
    }
}

static qw_problem_t *check(const char *zone)
{
    qw_caa_t ask = question(0);

    rig_write("zone", zone, pool);
    rig_write("log", "", pool);
    evidence = qw_json_new_object(pool);
    return qw_caa_check(evidence, &ask, pool);
}

static void comes_to(const char *zone, int code, const char *name)
{
    qw_problem_t *prob = check(zone);

    ok(code < 0 ? prob == NULL : prob != NULL && (int)prob->code == code, "%s",
       name);
    if (prob != NULL)
        printf("# %s: %s\n", qw_problem_name(prob->code), prob->detail);
}

static void found_at(const char *want, const char *name)
{
    is_str(json_string_value(json_object_get(evidence, "foundAt")), want, name);
}

/* The first value that lookup N saw. */
static const char *value_seen(size_t n)
{
    json_t *lookup = json_array_get(json_object_get(evidence, "lookups"), n);

    return json_string_value(
        json_array_get(json_object_get(lookup, "values"), 0));
}

static void climbs(void)
{
    const char *asked;

    comes_to("x.test A 127.0.0.1\n", -1, "[CAA-01] none up to the root");
    asked = rig_read("log", pool);
    ok(strstr(asked, "a.b.shop.test CAA\n")
           && strstr(asked, "\nb.shop.test CAA")
           && strstr(asked, "\nshop.test CAA") && strstr(asked, "\ntest CAA"),
       "[CAA-07] every name was asked for");
    ok(json_object_get(evidence, "foundAt") == NULL, "none decided");
    comes_to("shop.test CAA 0 issue other.example\n", QW_E_CAA,
             "[CAA-07] a parent forbids");
    found_at("shop.test", "[CAA-07] the evidence says where");
    comes_to("test CAA 0 issue other.example\n", QW_E_CAA,
             "[D-14] the top too");
    comes_to("b.shop.test CAA 0 issue ca.example\n"
             "shop.test CAA 0 issue other.example\n",
             -1, "[CAA-08] a child permits");
    found_at("b.shop.test", "[CAA-08] the evidence says where");
    ok(json_array_size(json_object_get(evidence, "lookups")) == 2,
       "[CAA-08] and no more than what led there");
    is_str(value_seen(1), "0 issue \"ca.example\"", "[CAA-08] and the record");
    comes_to(
        "a.b.shop.test CNAME x.y.test\nx.y.test CAA 0 issue other.example\n",
        QW_E_CAA, "[CAA-09] by CNAME");
    comes_to("a.b.shop.test CNAME x.y.test\nx.y.test A 127.0.0.1\n"
             "y.test CAA 0 issue other.example\n",
             -1, "[CAA-09] not the target's parents");
    comes_to("b.shop.test * SERVFAIL\nshop.test CAA 0 issue ca.example\n",
             QW_E_DNS, "[CAA-20] SERVFAIL below");
    comes_to("a.b.shop.test CAA 0 issue ca.example\nb.shop.test * SERVFAIL\n",
             -1, "[D-14] SERVFAIL above is of no interest");
    patience = 2;
    comes_to("a.b.shop.test * TIMEOUT\n", QW_E_DNS, "[CAA-21] silence");
    patience = 20;
    comes_to("a.b.shop.test * NXDOMAIN\nshop.test CAA 0 issue other.example\n",
             QW_E_CAA, "no such name: the climb goes on");
}

/* Entries of DIR, a folder of /proc/self. */
static int entries(const char *dir)
{
    apr_dir_t *open_dir;
    apr_finfo_t entry;
    int n = 0;

    if (apr_dir_open(&open_dir, dir, pool) != APR_SUCCESS)
        return -1;
    while (apr_dir_read(&entry, APR_FINFO_NAME, open_dir) == APR_SUCCESS)
        n++;
    return apr_dir_close(open_dir) == APR_SUCCESS ? n : -1;
}

/* One request looks at a hundred names from one pool. */
static void leaves_nothing_behind(void)
{
    int files = entries("/proc/self/fd"), threads = entries("/proc/self/task");

    for (int i = 0; i < 3; i++)
        comes_to("x.test A 127.0.0.1\n", -1, "[CAA-22] one name of many");
    ok(files > 0 && entries("/proc/self/fd") == files,
       "[CAA-22] no descriptor is left open");
    ok(threads > 0 && entries("/proc/self/task") == threads,
       "[CAA-22] no thread is left");
}

int main(void)
{
    apr_initialize();
    apr_pool_create(&pool, NULL);
    rig_write("zone", "", pool);
    ok(rig_dns(pool), "a name server");
    authority = qw_authority_make("t", pool);
    authority->kind = QW_KIND_TEST;
    authority->test_insecure_dns = 1;
    authority->base_url = "https://acme.example/acme";
    APR_ARRAY_PUSH(authority->caa_identities, const char *) = "ca.example";
    APR_ARRAY_PUSH(authority->resolvers, const char *) =
        apr_psprintf(pool, "127.0.0.1@%d", rig_port(0));

    judges();
    judges_accounts();
    judges_methods();
    judges_nonsense();
    climbs();
    leaves_nothing_behind();
    apr_pool_destroy(pool);
    return done_testing();
}
