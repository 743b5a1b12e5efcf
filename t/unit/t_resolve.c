/* Lookups: what is an answer, what is a failure, what DNSSEC says. */
#include "base/world.h"
#include "dns/resolve.h"
#include "rig.h"
#include "tap.h"

#include <apr_general.h>

static apr_pool_t *pool;

static const char zone[] = "a.test A 192.0.2.1\n"
                           "a.test A 192.0.2.2\n"
                           "a.test AAAA 2001:db8::1\n"
                           "txt.test TXT \"one two\"\n"
                           "txt.test TXT second\n"
                           "c1.test CNAME txt.test\n"
                           "far.test CNAME n1.test\n"
                           "n1.test CNAME n2.test\n"
                           "n2.test CNAME n3.test\n"
                           "n3.test CNAME n4.test\n"
                           "n4.test CNAME n5.test\n"
                           "n5.test CNAME n6.test\n"
                           "n6.test CNAME n7.test\n"
                           "n7.test CNAME txt.test\n"
                           "toofar.test CNAME far.test\n"
                           "loop1.test CNAME loop2.test\n"
                           "loop2.test CNAME loop1.test\n"
                           "selfish.test CNAME selfish.test\n"
                           "fails.test * SERVFAIL\n"
                           "refuses.test * REFUSED\n"
                           "nothing.test * NXDOMAIN\n"
                           "slow.test * TIMEOUT\n"
                           "www.example.org A 192.0.2.3\n";

static apr_time_t in_seconds(int n)
{
    return qw_world()->now() + apr_time_from_sec(n);
}

static qw_resolver_t *resolver(qw_resolver_conf_t conf, int port)
{
    apr_array_header_t *forwarders = apr_array_make(pool, 1, sizeof(char *));
    qw_resolver_t *made = NULL;

    APR_ARRAY_PUSH(forwarders, const char *) =
        apr_psprintf(pool, "127.0.0.1@%d", port);
    conf.forwarders = forwarders;
    if (qw_resolver_make(&made, &conf, pool) != NULL)
        abort();
    return made;
}

/* "value value" of an answer, or the problem's detail. */
static const char *ask(qw_resolver_t *from, const char *name, qw_rr_e type,
                       qw_answer_t *answer)
{
    const char *text = "";
    qw_problem_t *prob;

    *answer = (qw_answer_t){ .name = name, .type = type };
    prob = qw_resolver_ask(from, answer, 1, in_seconds(10), pool);
    if (prob != NULL)
        return prob->code == QW_E_DNS ? prob->detail : "?";
    for (int i = 0; i < answer->values->nelts; i++) {
        const qw_bytes_t *value = &APR_ARRAY_IDX(answer->values, i, qw_bytes_t);

        text = apr_psprintf(pool, "%s[%.*s]", text, (int)value->len,
                            (const char *)value->data);
    }
    return text;
}

static int has(const char *text, const char *what)
{
    if (strstr(text, what) != NULL)
        return 1;
    printf("# got: %s\n", text);
    return 0;
}

static void test_answers(qw_resolver_t *dns)
{
    qw_answer_t a, both[2] = { { .name = "a.test", .type = QW_RR_AAAA },
                               { .name = "a.test", .type = QW_RR_A } };
    qw_problem_t *prob = qw_resolver_ask(dns, both, 2, in_seconds(10), pool);

    ok(prob == NULL && both[0].values->nelts == 1 && both[1].values->nelts == 2,
       "two questions at once");
    ok(APR_ARRAY_IDX(both[1].values, 0, qw_bytes_t).len == 4
           && APR_ARRAY_IDX(both[0].values, 0, qw_bytes_t).len == 16,
       "addresses are bytes");
    ok(both[0].dnssec == QW_DNSSEC_UNCHECKED, "not validated, and said so");

    is_str(ask(dns, "txt.test", QW_RR_TXT, &a), "[one two][second]",
           "[D01-02] all TXT records");
    is_str(ask(dns, "c1.test", QW_RR_TXT, &a), "[one two][second]",
           "[D01-09] CNAME is followed");
    is_str(a.canonical, "txt.test", "to where it leads");
    ok(a.cnames == 1, "and counted");
    is_str(ask(dns, "a.test", QW_RR_TXT, &a), "", "no such type");
    ok(!a.nxdomain, "is not NXDOMAIN");
    is_str(ask(dns, "nothing.test", QW_RR_TXT, &a), "", "no such name");
    ok(a.nxdomain, "is NXDOMAIN, not a failure");
    is_str(ask(dns, "far.test", QW_RR_TXT, &a), "[one two][second]",
           "eight CNAMEs are followed");
    ok(a.cnames == 8, "all counted");
}

static void test_failures(qw_resolver_t *dns)
{
    qw_answer_t a;
    apr_time_t start;
    qw_problem_t *prob;

    ok(has(ask(dns, "toofar.test", QW_RR_TXT, &a), "CNAME"),
       "[D-05] nine are not");
    ok(has(ask(dns, "loop1.test", QW_RR_TXT, &a), "SERVFAIL"),
       "[D-05] CNAME loop of two");
    ok(has(ask(dns, "selfish.test", QW_RR_TXT, &a), "SERVFAIL"),
       "[D-05] CNAME loop of one");
    is_str(ask(dns, "fails.test", QW_RR_TXT, &a),
           "DNS lookup of fails.test TXT: SERVFAIL", "[D01-06] SERVFAIL");
    ok(has(ask(dns, "refuses.test", QW_RR_A, &a), "A: "), "[D01-06] REFUSED");

    start = qw_world()->now();
    a = (qw_answer_t){ .name = "slow.test", .type = QW_RR_TXT };
    prob = qw_resolver_ask(dns, &a, 1, start + apr_time_from_msec(700), pool);
    ok(prob != NULL && prob->code == QW_E_DNS && has(prob->detail, "in time"),
       "[D01-06] no answer");
    ok(qw_world()->now() - start < apr_time_from_sec(2),
       "ends at the deadline");
    is_str(ask(dns, "txt.test", QW_RR_TXT, &a), "[one two][second]",
           "and the resolver is usable after it");
    ok(has(ask(dns, "a..test", QW_RR_TXT, &a), "DNS lookup"),
       "what is no name fails");
}

static void test_big(qw_resolver_t *dns)
{
    char big[401];
    const char *text = zone;
    qw_answer_t a;

    memset(big, 'x', 400);
    big[400] = '\0';
    for (int i = 0; i < 100; i++)
        text = apr_psprintf(pool, "%sbig.test TXT %d%s\n", text, i, big);
    rig_write("zone", text, pool);
    ask(dns, "big.test", QW_RR_TXT, &a);
    ok(a.values->nelts == 100, "[D01-12, D01-13] 100 TXT, truncated, by TCP");
    ok(APR_ARRAY_IDX(a.values, 0, qw_bytes_t).len > 400,
       "[D01-03] the strings of one record are joined");
    rig_write("zone", zone, pool);
}

static void test_attempts_are_apart(void)
{
    qw_answer_t a;
    qw_resolver_conf_t conf = { .insecure = 1 };

    rig_write("log", "", pool);
    ask(resolver(conf, rig_port(0)), "txt.test", QW_RR_TXT, &a);
    ask(resolver(conf, rig_port(0)), "txt.test", QW_RR_TXT, &a);
    ok(strstr(strstr(rig_read("log", pool), "txt.test TXT") + 1, "txt.test TXT")
           != NULL,
       "[D01-15] a second attempt asks again");
}

static void test_conf(void)
{
    qw_resolver_conf_t conf = { .trust_anchor = "/nonexistent/root.key" };
    qw_resolver_t *made = NULL;
    qw_problem_t *prob = qw_resolver_make(&made, &conf, pool);

    ok(prob != NULL && prob->code == QW_E_SERVER_INTERNAL && made == NULL,
       "no validation without a trust anchor");
    ok(prob != NULL && has(prob->cause, "/nonexistent/root.key")
           && has(prob->cause, "QwacmeTrustAnchor")
           && strstr(prob->detail, "root.key") == NULL,
       "the log names file and cure, the client's text does not");

    conf = (qw_resolver_conf_t){ .insecure = 1 };
    conf.forwarders = apr_array_make(pool, 1, sizeof(char *));
    *(const char **)apr_array_push(
        (apr_array_header_t *)(uintptr_t)conf.forwarders) = "not an address";
    ok(qw_resolver_make(&made, &conf, pool) != NULL,
       "a forwarder must be an address");
}

/* Zones of their own below the signed root, each in one way. */
static void test_zones(qw_resolver_t *dns)
{
    static const struct {
        const char *zone;
        qw_dnssec_e state;
    } good[] = { { "rsa", QW_DNSSEC_SECURE },
                 { "ed25519", QW_DNSSEC_SECURE },
                 { "ecdsa384", QW_DNSSEC_SECURE },
                 { "nsec3", QW_DNSSEC_SECURE },
                 { "unknown", QW_DNSSEC_INSECURE } };
    static const char *const bad[] = { "expired", "early", "nods" };
    qw_answer_t a;

    for (unsigned i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
        is_str(ask(dns, apr_pstrcat(pool, "ok.", good[i].zone, NULL), QW_RR_TXT,
                   &a),
               "[signed]", good[i].zone);
        ok(a.dnssec == good[i].state, "%s: %s", good[i].zone,
           qw_dnssec_name(a.dnssec));
    }
    for (unsigned i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        ok(has(ask(dns, apr_pstrcat(pool, "ok.", bad[i], NULL), QW_RR_TXT, &a),
               "DNSSEC validation failed"),
           "[DSC-02] %s", bad[i]);
    is_str(ask(dns, "none.nsec3", QW_RR_TXT, &a), "", "denial by NSEC3");
    ok(a.nxdomain && a.dnssec == QW_DNSSEC_SECURE, "is proven");
    is_str(ask(dns, "ok.nsec3", QW_RR_CAA, &a), "", "no CAA, by NSEC3");
    ok(!a.nxdomain && a.dnssec == QW_DNSSEC_SECURE, "is proven too");
    ok(has(ask(dns, "ok.noproof", QW_RR_CAA, &a), "DNSSEC validation failed"),
       "[DSC-03] no CAA, and no proof that there is none");
    ok(has(ask(dns, "none.noproof", QW_RR_CAA, &a), "DNSSEC validation failed"),
       "[DSC-03] nor that there is no such name");
}

static void test_anchors(qw_resolver_conf_t conf, const char *dir)
{
    qw_answer_t a;

    conf.trust_anchor = apr_pstrcat(pool, dir, "/two.key", NULL);
    is_str(ask(resolver(conf, rig_port(1)), "good", QW_RR_TXT, &a), "[signed]",
           "[DSC-07] two anchors, during a roll");
    ok(a.dnssec == QW_DNSSEC_SECURE, "[DSC-07] is secure");
}

static void test_dnssec(void)
{
    const char *dir = apr_pstrcat(pool, rig_dir(pool), "/root", NULL);
    const char *argv[] = { QW_SRCDIR "/t/lib/signed_root", dir,
                           apr_itoa(pool, rig_port(1)), NULL };
    qw_resolver_conf_t conf = { .trust_anchor =
                                    apr_pstrcat(pool, dir, "/root.key", NULL) };
    qw_resolver_t *dns;
    qw_answer_t a;

    ok(rig_start(argv), "a signed root");
    dns = resolver(conf, rig_port(1));
    is_str(ask(dns, "good", QW_RR_TXT, &a), "[signed]", "[DSC-01] signed");
    ok(a.dnssec == QW_DNSSEC_SECURE, "is secure");
    is_str(ask(dns, "alias", QW_RR_TXT, &a), "[signed]", "through a CNAME");
    ok(a.dnssec == QW_DNSSEC_SECURE, "too");
    is_str(ask(dns, "x.insecure", QW_RR_TXT, &a), "[unsigned]",
           "[DSC-04] proven unsigned");
    ok(a.dnssec == QW_DNSSEC_INSECURE, "is insecure");
    is_str(ask(dns, "none", QW_RR_TXT, &a), "", "denial");
    ok(a.nxdomain && a.dnssec == QW_DNSSEC_SECURE, "is proven");
    ok(has(ask(dns, "bogus", QW_RR_TXT, &a), "DNSSEC validation failed")
           && has(a.failure, "bogus"),
       "[DSC-02] a broken signature fails, with the reason");
    ok(has(ask(dns, "stripped", QW_RR_TXT, &a), "DNSSEC validation failed"),
       "[D-12] a stripped signature fails");
    test_zones(dns);
    test_anchors(conf, dir);
    conf.insecure = 1;
    is_str(ask(resolver(conf, rig_port(1)), "bogus", QW_RR_TXT, &a), "[false]",
           "not validating would have taken it");
}

int main(void)
{
    qw_resolver_conf_t conf = { .insecure = 1 };

    apr_initialize();
    apr_pool_create(&pool, NULL);
    rig_write("zone", zone, pool);
    ok(rig_dns(pool), "a name server");
    test_answers(resolver(conf, rig_port(0)));
    test_failures(resolver(conf, rig_port(0)));
    test_big(resolver(conf, rig_port(0)));
    test_attempts_are_apart();
    test_conf();
    test_dnssec();
    apr_pool_destroy(pool);
    return done_testing();
}
