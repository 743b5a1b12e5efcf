/* Domain names: what is taken, what is refused and why, what covers what. */
#include "dns/name.h"
#include "tap.h"

#include <apr_general.h>
#include <apr_strings.h>

#define L63 "aaaaaaaaabaaaaaaaaabaaaaaaaaabaaaaaaaaabaaaaaaaaabaaaaaaaaab123"

static apr_pool_t *pool;

static void takes(const char *text, const char *want, int wildcard)
{
    qw_name_t name = { NULL, 0 };
    qw_problem_t *prob = qw_name_parse(&name, text, 0, pool);

    ok(prob == NULL, "%s is taken", text);
    is_str(name.name, want, "in its canonical form");
    ok(name.wildcard == wildcard, "wildcard: %d", wildcard);
}

static void refuses(const char *text, const char *why)
{
    qw_name_t name = { NULL, 0 };
    qw_problem_t *prob = qw_name_parse(&name, text, 0, pool);

    ok(prob != NULL && prob->code == QW_E_REJECTED_IDENTIFIER,
       "'%.60s' is refused: %s", text, why);
    ok(prob != NULL && strstr(prob->detail, why) != NULL, "and says so");
    if (prob != NULL && strstr(prob->detail, why) == NULL)
        printf("# %s\n", prob->detail);
    ok(name.name == NULL, "and nothing is set");
}

static void test_forms(void)
{
    takes("example.org", "example.org", 0);
    takes("ExAmPlE.OrG", "example.org", 0);
    takes("*.example.org", "example.org", 1);
    takes("a-b.1.example.co.uk", "a-b.1.example.co.uk", 0);
    takes("xn--bcher-kva.example.com", "xn--bcher-kva.example.com", 0);
    takes("XN--BCHER-KVA.example.com", "xn--bcher-kva.example.com", 0);
    takes("example.xn--p1ai", "example.xn--p1ai", 0);
    takes("www.ck", "www.ck", 0);
    takes("someone.github.io", "someone.github.io", 0);
    takes("github.io", "github.io", 0);
    takes(L63 ".org", L63 ".org", 0);
    takes(L63 "." L63 "." L63 ".aaaaaaaaabaaaaaaaaabaaaaaaaaabaaaaaaaaabaaaaaa"
              "aaabaaaaaaa.org",
          L63 "." L63 "." L63 ".aaaaaaaaabaaaaaaaaabaaaaaaaaabaaaaaaaaabaaaaaa"
              "aaabaaaaaaa.org",
          0);
}

static void test_refusals(void)
{
    refuses("", "empty");
    refuses("*.", "empty");
    refuses("*", "\"*\"");
    refuses("*.*.example.org", "\"*\"");
    refuses("foo.*.org", "\"*\"");
    refuses("*foo.org", "\"*\"");
    refuses("f*.example.org", "\"*\"");
    refuses(".example.org", "a label is empty");
    refuses("example.org.", "a label is empty");
    refuses("a..example.org", "a label is empty");
    refuses("a" L63 ".org", "63");
    refuses(L63 "." L63 "." L63 "." L63 ".org", "253");
    refuses("-a.example.org", "hyphen");
    refuses("a-.example.org", "hyphen");
    refuses("ab--cd.example.org", "A-label");
    refuses("xn--.example.org", "hyphen");
    refuses("xn--a.example.org", "A-label");
    refuses("xn--n3h.example.org", "A-label");
    refuses("xn--zzzz9999zz.example.org", "A-label");
    refuses("foo_bar.example.org", "only letters");
    refuses("b\xc3\xbc"
            "cher.example.org",
            "only letters");
    refuses("a b.example.org", "only letters");
    refuses("example.org:443", "only letters");
    refuses("http://example.org/", "only letters");
    refuses("user@example.org", "only letters");
    refuses("example.org#x", "only letters");
    refuses("$(id).example.org", "only letters");
    refuses("a%0ab.example.org", "only letters");
    refuses("192.0.2.1", "address");
    refuses("127.1", "address");
    refuses("2130706433", "address");
    refuses("2001:db8::1", "only letters");
    refuses("[::1]", "only letters");
    refuses("localhost", "single label");
    refuses("com", "single label");
    refuses("*.com", "single label");
    refuses("printer.local", "reserved");
    refuses("db.internal", "reserved");
    refuses("www.test", "reserved");
    refuses("www.invalid", "reserved");
    refuses("www.example", "reserved");
    refuses("a.localhost", "reserved");
    refuses("abc.alt", "reserved");
    refuses("expyuzz4wqqyqhjn.onion", "reserved");
    refuses("1.2.0.192.in-addr.arpa", "reserved");
    refuses("b.ip6.arpa", "reserved");
    refuses("intranet.corp", "public suffix list");
    refuses("co.uk", "public suffix");
    refuses("*.co.uk", "public suffix");
    refuses("com.np", "public suffix");
}

static void test_detail_is_safe(void)
{
    qw_name_t name;
    qw_problem_t *prob =
        qw_name_parse(&name, "a\x1b[31m\"\n%n.example.org", 0, pool);

    ok(prob != NULL && strpbrk(prob->detail, "\x1b\n\"") == NULL,
       "[ORD-09] a hostile value is not echoed raw");
    prob = qw_name_parse(&name, apr_psprintf(pool, "%0*d", 70000, 0), 0, pool);
    ok(prob != NULL && strlen(prob->detail) < 400, "nor at full length");
}

static void test_test_tld(void)
{
    qw_name_t name;

    ok(qw_name_parse(&name, "*.www.test", 1, pool) == NULL,
       "a test authority takes .test");
    ok(qw_name_parse(&name, "www.localhost", 1, pool) != NULL,
       "but no other reserved name");
    ok(qw_name_parse(&name, "test", 1, pool) != NULL, "nor test alone");
}

static const char *from_user(const char *text)
{
    qw_name_t name;
    qw_problem_t *prob = qw_name_from_user(&name, text, 0, pool);

    if (prob != NULL)
        return prob->code == QW_E_INVALID_INPUT ? "INVALID_INPUT" : "?";
    return apr_pstrcat(pool, name.wildcard ? "*." : "", name.name, NULL);
}

static void test_from_user(void)
{
    is_str(from_user("B\xc3\xbc"
                     "cher.example.com"),
           "xn--bcher-kva.example.com", "[LST-05] U-labels become A-labels");
    is_str(from_user(" *.B\xc3\x9c"
                     "CHER.example.com\n"),
           "*.xn--bcher-kva.example.com", "capitals, blanks and wildcard");
    is_str(from_user("stra\xc3\x9f"
                     "e.de"),
           "xn--strae-oqa.de", "IDNA2008 keeps the sharp s");
    is_str(from_user("xn--bcher-kva.example.com"), "xn--bcher-kva.example.com",
           "A-labels stay");
    is_str(from_user("\xe2\x98\x83.example.com"), "INVALID_INPUT",
           "a symbol is no letter");
    is_str(from_user("\xff.example.com"), "INVALID_INPUT", "invalid UTF-8");
    is_str(from_user("\xe2\x91\xa0\xe2\x91\xa1.0.0.1"), "INVALID_INPUT",
           "digits in circles make no address");
    is_str(from_user("example.org."), "INVALID_INPUT", "final dot");
    is_str(from_user(""), "INVALID_INPUT", "empty");
    is_str(from_user("*.\xd1\x80\xd1\x84"), "INVALID_INPUT",
           "wildcard over a public suffix");
}

static void test_registered(void)
{
    static const char *const pairs[][2] = {
        { "example.org", "example.org" },
        { "*.example.org", "example.org" },
        { "a.b.example.org", "example.org" },
        { "example.co.uk", "example.co.uk" },
        { "www.example.co.uk", "example.co.uk" },
        { "*.a.b.shop.test", "shop.test" },
        { "a.example.github.io", "github.io" }, /* not ICANN's part */
    };

    for (unsigned i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++)
        is_str(qw_name_registered(pairs[i][0], pool), pairs[i][1], pairs[i][0]);
}

int main(void)
{
    apr_initialize();
    apr_pool_create(&pool, NULL);

    test_forms();
    test_refusals();
    test_detail_is_safe();
    test_test_tld();
    test_registered();
    test_from_user();

    ok(qw_name_covers("example.org", 0, "example.org"), "a name covers itself");
    ok(!qw_name_covers("example.org", 0, "www.example.org"),
       "an exact entry covers nothing below");
    ok(qw_name_covers("example.org", 1, "a.b.example.org"),
       "[LST-03] a subtree covers what is below");
    ok(!qw_name_covers("example.org", 1, "evil-example.org")
           && !qw_name_covers("example.org", 1, "xexample.org")
           && !qw_name_covers("example.org", 1, "example.org.evil.net")
           && !qw_name_covers("example.org", 1, ".example.org"),
       "[LST-04] at label boundaries only");
    ok(!qw_name_covers("www.example.org", 1, "example.org"),
       "never what is above");
    apr_terminate();
    return done_testing();
}
