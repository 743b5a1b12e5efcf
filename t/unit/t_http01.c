/* http-01 against a web server and a name server that lie. */
#include "base/text.h"
#include "base/world.h"
#include "check/check.h"
#include "rig.h"
#include "tap.h"

#include <apr_general.h>

#define TOKEN    "DGyRejmCefe7v4NfDGDKfA"
#define KEY_AUTH TOKEN ".9jg46WB3rR_AHD-EBXdN7cBkH1WOu0tA3M9fm21mqTI"
#define OTHER    TOKEN ".LoqXcYV8q5ONbJQxbmR7SCTNo3tiAXDfowyjxAjEuX0"
#define PATH     "/.well-known/acme-challenge/" TOKEN
#define OK(len)  "HTTP/1.1 200 OK\\r\\nContent-Length: " #len "\\r\\n\\r\\n"
#define UNTIL    "HTTP/1.1 200 OK\\r\\n\\r\\n"
/* A kilobyte. */
#define PAD64   "0123456789012345678901234567890123456789012345678901234567890123"
#define PAD256  PAD64 PAD64 PAD64 PAD64
#define PAD     PAD256 PAD256 PAD256 PAD256
#define TO(url) "HTTP/1.1 302 Found\\r\\nLocation: " url "\\r\\n\\r\\n"

static apr_pool_t *pool;
static qw_authority_t *authority;
static json_t *evidence;

static const char zone[] = "*.test A 127.0.0.1\n"
                           "both.test A 127.0.0.1\n"
                           "both.test AAAA ::1\n"
                           "deaf6.test A 127.0.0.1\n"
                           "deaf6.test AAAA fd00::dead\n"
                           "refusing.test A 127.0.0.9\n"
                           "nowhere.test * NXDOMAIN\n"
                           "servfail.test * SERVFAIL\n"
                           "metadata.test A 169.254.169.254\n"
                           "nat64.test AAAA 64:ff9b::7f00:1\n"
                           "mixed.test A 169.254.169.254\n"
                           "mixed.test A 127.0.0.1\n"
                           "evil.test CNAME metadata.test\n";

/* The problem of one attempt, NULL if valid. The host's behaviour is STEPS. */
static qw_problem_t *attempt(const char *host, const char *plan, int seconds)
{
    qw_dcv_t dcv = { authority, host, TOKEN, KEY_AUTH,
                     qw_world()->now() + apr_time_from_sec(seconds) };

    rig_write("plan", plan, pool);
    rig_write("http.log", "", pool);
    rig_write("log", "", pool);
    evidence = qw_json_new_object(pool);
    return qw_validator_find("http-01")->try(evidence, &dcv, pool);
}

static qw_problem_t *answer(const char *steps)
{
    return attempt("www.test",
                   apr_pstrcat(pool, "{\"www.test\": [", steps, "]}", NULL),
                   10);
}

static void valid(const char *steps, const char *name)
{
    qw_problem_t *prob = answer(steps);

    ok(prob == NULL, "%s: valid", name);
    if (prob != NULL)
        printf("# %s\n", prob->detail);
}

static void is(const qw_problem_t *prob, qw_code_e code, const char *detail,
               const char *name)
{
    ok(prob != NULL && prob->code == code, "%s: %s", name,
       qw_problem_name(code));
    ok(prob != NULL && strstr(prob->detail, detail) != NULL, "and says why");
    if (prob == NULL)
        printf("# was taken\n");
    else if (prob->code != code || strstr(prob->detail, detail) == NULL)
        printf("# %s: %s\n", qw_problem_name(prob->code), prob->detail);
}

static void test_valid(void)
{
    valid("\"" OK(66) KEY_AUTH "\"", "[H01-01] key authorization");
    is_str(rig_read("http.log", pool),
           apr_psprintf(pool, "4 GET www.test " PATH "\n"
                              "> Host: www.test\n"
                              "> User-Agent: mod_qwacme (ACME validation)\n"
                              "> Accept: */*\n"),
           "[H01-22] one request, by http, as a browser would send to port 80");
    is_str(json_string_value(json_object_get(
               json_array_get(json_object_get(evidence, "requests"), 0),
               "address")),
           "127.0.0.1", "the evidence has the address");
    is_str(json_string_value(json_object_get(evidence, "body")), KEY_AUTH,
           "and the answer");
    ok(json_array_size(json_object_get(evidence, "lookups")) == 2,
       "and the lookups");
    valid("\"" UNTIL KEY_AUTH "\\r\\n\"", "[H01-01] CRLF after it");
    valid("\"" UNTIL KEY_AUTH "  \\t\\n\\n\"", "[H01-01] white space after it");
    valid("\"HTTP/1.1 200 OK\\r\\nContent-Type: application/octet-stream\\r\\n"
          "Set-Cookie: a=b\\r\\nAlt-Svc: h3=\\\":443\\\"\\r\\n"
          "Strict-Transport-Security: max-age=9\\r\\n\\r\\n" KEY_AUTH "\"",
          "[H01-23] other headers");
    valid("\"HTTP/1.1 200 OK\\r\\nTransfer-Encoding: chunked\\r\\n\\r\\n"
          "42\\r\\n" KEY_AUTH "\\r\\n0\\r\\n\\r\\n\"",
          "in chunks");
    valid("\"HTTP/1.1 203 Non-Authoritative\\r\\n\\r\\n" KEY_AUTH "\"",
          "another 2xx");
    valid("\"HTTP/1.1 200\\r\\n\\r\\n" KEY_AUTH "\"", "[H-13] no reason");
}

static void test_wrong_content(void)
{
    is(answer("\"" UNTIL OTHER "\""), QW_E_UNAUTHORIZED, OTHER,
       "[H01-03] other account");
    is(answer("\"" UNTIL TOKEN "\""), QW_E_UNAUTHORIZED, "key authorization",
       "[H-14] token alone");
    is(answer("\"" UNTIL KEY_AUTH "x\""), QW_E_UNAUTHORIZED, "",
       "[H-14] prefix");
    is(answer("\"" UNTIL " " KEY_AUTH "\""), QW_E_UNAUTHORIZED, "",
       "[H-14] white space in front");
    is(answer("\"" UNTIL "\\u00ef\\u00bb\\u00bf" KEY_AUTH "\""),
       QW_E_UNAUTHORIZED, "", "[H-14] BOM");
    is(answer("\"" UNTIL KEY_AUTH "\\u0000\""), QW_E_UNAUTHORIZED, "",
       "NUL after it");
    is(answer("\"" UNTIL "<html>" PATH " not found " KEY_AUTH "</html>\""),
       QW_E_UNAUTHORIZED, "html", "[H-14] echoed path");
    is(answer("\"HTTP/1.1 404 Not Found\\r\\n\\r\\n" KEY_AUTH "\""),
       QW_E_UNAUTHORIZED, "404", "[H01-04] 404");
    is(answer("\"HTTP/1.1 500 No\\r\\n\\r\\n" KEY_AUTH "\""), QW_E_UNAUTHORIZED,
       "500", "[H01-04] 500");
    is(answer("\"HTTP/1.1 204 No Content\\r\\n\\r\\n\""), QW_E_UNAUTHORIZED,
       "204", "[H01-04] 204");
    is(answer("\"HTTP/1.1 206 Partial Content\\r\\n\\r\\n" KEY_AUTH "\""),
       QW_E_UNAUTHORIZED, "206", "[H01-04] 206");
    is(answer("\"HTTP/1.1 304 Not Modified\\r\\n\\r\\n\""), QW_E_UNAUTHORIZED,
       "304", "[H01-04] 304");
    is(answer("\"HTTP/1.1 303 See Other\\r\\nLocation: http://b.test/\\r\\n\\r"
              "\\n\""),
       QW_E_UNAUTHORIZED, "303", "[H-08] 303 is not followed");
    is(answer("\"HTTP/1.1 200 OK\\r\\nContent-Encoding: gzip\\r\\n\\r\\n"
              "\\u001f\\u008b\\u0008\""),
       QW_E_UNAUTHORIZED, "", "[H-12] nothing is decoded");
}

static void test_hostile_content(void)
{
    qw_problem_t *prob =
        answer("\"" UNTIL "%n%s\\u001b[31m\\u0000\\u00ff\\u0007\"");

    is(prob, QW_E_UNAUTHORIZED, "%n%s\\x1B", "[H01-20] hostile bytes");
    ok(prob != NULL && strpbrk(prob->detail, "\x1b\x07\xff") == NULL
           && qw_text_is_utf8(prob->detail, strlen(prob->detail)),
       "are shown safely");
    prob = answer("\"" UNTIL "\", [\"repeat\", 10000, \""
                  "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\"]");
    is(prob, QW_E_UNAUTHORIZED, "more than 1024", "[H01-18] long body");
    ok(prob != NULL && strlen(prob->detail) < 300, "[H01-02] is cut");
    prob = answer("\"" UNTIL "\", [\"repeat\", 128, \"\\u0001\"]");
    ok(prob != NULL && strlen(prob->detail) < 300,
       "[H01-02] also if it grows by being made safe");
    is(answer("\"" UNTIL KEY_AUTH "\", [\"repeat\", 2000, \"\\n\"]"),
       QW_E_UNAUTHORIZED, "more than", "even if only white space is too much");
    is(answer("\"HTTP/1.1 200 OK\\r\\nTransfer-Encoding: chunked\\r\\n\\r\\n\","
              "[\"repeat\", 100000000, \"5\\r\\nAAAAA\\r\\n\"]"),
       QW_E_UNAUTHORIZED, "more than", "[H01-18, H-11] endless chunks");
    is(answer(
           "\"HTTP/1.1 200 OK\\r\\nContent-Length: 10737418240\\r\\n\\r\\n\","
           "[\"repeat\", 100000000, \"AAAAAAAAAA\"]"),
       QW_E_UNAUTHORIZED, "more than", "[H-11] 10 GB");
    is(answer("\"HTTP/1.1 200 OK\\r\\nTransfer-Encoding: chunked\\r\\n\\r\\n"
              "8000000000000000\\r\\n" KEY_AUTH "\""),
       QW_E_CONNECTION, "", "[H-11] chunk of 2^63");
    is(answer("\"" OK(9999) KEY_AUTH "\""), QW_E_CONNECTION, "",
       "[H01-25] body shorter than Content-Length");
    is(answer("\"" OK(10) KEY_AUTH "\""), QW_E_UNAUTHORIZED, "",
       "[H01-25] body longer than Content-Length");
    is(answer("\"HTTP/1.1 200 OK\\r\\n\", [\"repeat\", 100000000, "
              "\"X-Filler: AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\\r\\n\"]"),
       QW_E_CONNECTION, "headers", "[H-13] endless headers");
    is(answer("[\"repeat\", 100000000, \"HTTP/1.1 100 Continue\\r\\n\\r\\n\"]"),
       QW_E_CONNECTION, "headers", "[H-13] endless 1xx");
    is(answer("\"" KEY_AUTH "\""), QW_E_CONNECTION, "", "[H-13] HTTP/0.9");
    is(answer("\"PRI * HTTP/2.0\\r\\n\\r\\nSM\\r\\n\\r\\n\""), QW_E_CONNECTION,
       "", "[H-13] HTTP/2 preface");
}

static void test_connection(void)
{
    apr_time_t start;

    is(attempt("refusing.test", "{}", 10), QW_E_CONNECTION, "127.0.0.9",
       "[H01-05] refused");
    is(answer("[\"reset\"]"), QW_E_CONNECTION, "", "[H01-05] reset");
    is(answer("\"\""), QW_E_CONNECTION, "", "[H01-05] closed");
    start = qw_world()->now();
    is(attempt("www.test", "{\"www.test\": [[\"hang\"]]}", 1), QW_E_CONNECTION,
       "timed out", "[H01-05] silence");
    is(attempt("www.test",
               "{\"www.test\": [\"" UNTIL "\", [\"drip\", 0.1, \"" KEY_AUTH
               "\"]]}",
               1),
       QW_E_CONNECTION, "timed out", "[H01-19] slow body");
    ok(qw_world()->now() - start < apr_time_from_sec(4),
       "each ends at the deadline");
    is(attempt("nowhere.test", "{}", 10), QW_E_DNS, "NXDOMAIN", "no such name");
    is(attempt("servfail.test", "{}", 10), QW_E_DNS, "SERVFAIL",
       "[D01-06] SERVFAIL");
}

static void test_families(void)
{
    is(attempt("both.test",
               "{\"6 both.test\": [\"" UNTIL
               "no\"], \"both.test\": [\"" UNTIL KEY_AUTH "\"]}",
               10),
       QW_E_UNAUTHORIZED, "no", "[H01-08] IPv6 answers wrong, no fallback");
    ok(strncmp(rig_read("http.log", pool), "6 GET", 5) == 0
           && strstr(rig_read("http.log", pool), "4 GET") == NULL,
       "IPv4 was not asked");
    ok(attempt("deaf6.test", "{\"deaf6.test\": [\"" UNTIL KEY_AUTH "\"]}", 10)
           == NULL,
       "an IPv6 address that takes no connection: IPv4 is tried");
    ok(json_array_size(json_object_get(evidence, "requests")) == 2,
       "the evidence has both");
    is(attempt(
           "both.test",
           "{\"6 both.test\": [[\"reset\"]], \"both.test\": [\"" UNTIL KEY_AUTH
           "\"]}",
           10),
       QW_E_CONNECTION, "::1", "a reset after connecting is no reason to");
}

static void test_addresses(void)
{
    is(attempt("metadata.test", "{}", 10), QW_E_CONNECTION, "link local",
       "[H01-15] reserved address");
    ok(json_array_size(json_object_get(evidence, "requests")) == 0,
       "no packet sent");
    is(attempt("nat64.test", "{}", 10), QW_E_CONNECTION, "NAT64",
       "an address with another one inside");
    is(attempt("evil.test", "{}", 10), QW_E_CONNECTION, "169.254.169.254",
       "[H-05] by CNAME");
    ok(attempt("mixed.test", "{\"mixed.test\": [\"" UNTIL KEY_AUTH "\"]}", 10)
           == NULL,
       "the public one of several is dialled");

    authority->test_private_targets = 0;
    is(attempt("www.test", "{\"www.test\": [\"" UNTIL KEY_AUTH "\"]}", 10),
       QW_E_CONNECTION, "loopback", "[H01-15] loopback, unless allowed");
    is_str(rig_read("http.log", pool), "", "and nothing arrived");
    authority->test_private_targets = 1;
}

/* The same settings in a production authority: every one of them is void. */
static void test_production(void)
{
    const char *root = apr_pstrcat(pool, rig_dir(pool), "/root", NULL);
    const char *argv[] = { QW_SRCDIR "/t/lib/signed_root", root,
                           apr_itoa(pool, rig_port(1)), NULL };
    static const char plan[] =
        "{\"host.example.org\": [\"" UNTIL KEY_AUTH
        "\"], \"bogus.example.org\": [\"" UNTIL KEY_AUTH "\"]}";
    json_t *lookup;

    ok(rig_start(argv), "a signed root");
    APR_ARRAY_IDX(authority->resolvers, 0, const char *) =
        apr_psprintf(pool, "127.0.0.1@%d", rig_port(1));
    authority->trust_anchor = apr_pstrcat(pool, root, "/root.key", NULL);
    ok(attempt("bogus.example.org", plan, 10) == NULL,
       "a test authority that does not validate takes a bogus address");
    authority->test_insecure_dns = 0;
    is(attempt("bogus.example.org", plan, 10), QW_E_DNS, "DNSSEC",
       "[DSC-02] one that does refuses it");
    ok(attempt("host.example.org", plan, 10) == NULL, "[DSC-01] and goes on");
    lookup = json_array_get(json_object_get(evidence, "lookups"), 1);
    is_str(json_string_value(json_object_get(lookup, "dnssec")), "secure",
           "what is secure");

    authority->kind = QW_KIND_PRODUCTION;
    authority->test_insecure_dns = 1;
    is(attempt("bogus.example.org", plan, 10), QW_E_DNS, "DNSSEC",
       "[DSC-05] production always validates");
    is(attempt("host.example.org", plan, 10), QW_E_CONNECTION, "loopback",
       "[H01-15] and dials public addresses only");
    is(attempt("www.test", plan, 10), QW_E_CONNECTION, "reserved",
       "and no reserved name");
    is_str(rig_read("http.log", pool), "", "nothing arrived");
    authority->trust_anchor = "/nonexistent";
    is(attempt("host.example.org", plan, 10), QW_E_SERVER_INTERNAL, "resolver",
       "and without a trust anchor there is no validation");
}

static qw_problem_t *redirect(const char *location)
{
    return attempt("www.test",
                   apr_psprintf(pool,
                                "{\"www.test\": [\"HTTP/1.1 302 Found\\r\\n"
                                "Location: %s\\r\\n\\r\\n\"],"
                                "\"other.test\": [\"" UNTIL KEY_AUTH "\"],"
                                "\"s other.test\": [\"" UNTIL KEY_AUTH "\"],"
                                "\"s wrong.test\": [\"" UNTIL "secret\"],"
                                "\"wrong.test\": [\"" UNTIL "secret\"]}",
                                location),
                   10);
}

static void test_redirects(void)
{
    qw_problem_t *prob;

    ok(redirect("http://other.test/x") == NULL, "a redirect is followed");
    ok(strstr(rig_read("http.log", pool), "4 GET other.test /x") != NULL,
       "to where it leads");
    ok(json_array_size(json_object_get(evidence, "requests")) == 2,
       "the evidence has the chain");
    ok(json_object_get(evidence, "body") == NULL, "but no body");
    ok(redirect("https://other.test/x") == NULL, "to https");
    ok(redirect(apr_psprintf(pool, "http://other.test:%d/x", rig_port(2)))
           == NULL,
       "to the test's own port");

    prob = redirect("http://wrong.test/");
    is(prob, QW_E_UNAUTHORIZED, "redirect", "[H-16] wrong content");
    ok(prob != NULL && strstr(prob->detail, "secret") == NULL,
       "is not quoted after a redirect");
    is(redirect("ftp://other.test/"), QW_E_CONNECTION, "http and https",
       "[H01-12] other scheme");
    is(redirect("http://other.test:8080/"), QW_E_CONNECTION, "port",
       "[H01-13] other port");
    is(redirect("http://127.0.0.1/"), QW_E_CONNECTION, "address",
       "[H-04] address");
    is(redirect("http://localhost./"), QW_E_CONNECTION, "not connecting",
       "[H-04] localhost");
    is(redirect("http://intranet/"), QW_E_CONNECTION, "single label",
       "single label");
    is(redirect("http://a_b.test/"), QW_E_CONNECTION, "only letters",
       "no domain name");
    is(redirect("http://metadata.test/"), QW_E_CONNECTION, "link local",
       "[H-05] metadata by name");
    is(redirect("http://nowhere.test/"), QW_E_DNS, "NXDOMAIN",
       "to a name that does not exist");
    is(redirect(""), QW_E_CONNECTION, "empty", "[H-09] empty Location");
    is(redirect("http://other.test/\\r\\nLocation: http://wrong.test/"),
       QW_E_CONNECTION, "2 Location", "[H-09] two Locations");
    is(redirect("http://wrong.test/\\r\\nHTTP/x: y\\r\\n"
                "Location: http://other.test/"),
       QW_E_CONNECTION, "2 Location", "[H-09] nor parted by a false status");
    is(answer("\"HTTP/1.1 302 Found\\r\\nLocation: http://b.test/\\r\\n\","
              "[\"repeat\", 80, \"X: " PAD "\\r\\n\"], \"\\r\\n\""),
       QW_E_CONNECTION, "headers are longer", "[H-09] a head without end");
    is(answer("\"HTTP/1.1 301 Moved\\r\\n\\r\\n\""), QW_E_CONNECTION,
       "0 Location", "[H-09] no Location");
    is(redirect("http://other.test/\\u0000x"), QW_E_CONNECTION, "",
       "[H-09] NUL in Location");
    is(redirect("http://www.test" PATH), QW_E_CONNECTION, "loop",
       "[H01-11] to itself");
    is(attempt("a.test",
               "{\"a.test\": [\"" TO(
                   "http://b.test/") "\"],"
                                     "\"b.test\": [\"" TO(
                                         "http://a.test" PATH) "\"]}",
               10),
       QW_E_CONNECTION, "loop", "[H01-11] in a circle");
}

/* www.test -> h1.test -> ... -> hN.test, which answers right. */
static qw_problem_t *chain(int n)
{
    const char *plan =
        apr_psprintf(pool, "{\"www.test\": [\"" TO("http://h1.test/") "\"]");

    for (int i = 1; i < n; i++)
        plan =
            apr_psprintf(pool,
                         "%s, \"h%d.test\": [\"" TO("http://h%d.test/") "\"]",
                         plan, i, i + 1);
    plan = apr_psprintf(pool, "%s, \"h%d.test\": [\"" UNTIL KEY_AUTH "\"]}",
                        plan, n);
    return attempt("www.test", plan, 20);
}

static void make_tls_pem(void)
{
    const char *pem = apr_pstrcat(pool, rig_dir(pool), "/tls.pem", NULL);
    const char *argv[] = {
        "sh", "-c",
        apr_psprintf(pool,
                     "openssl req -x509 -newkey ec -pkeyopt "
                     "ec_paramgen_curve:P-256 -noenc -subj /CN=x -days 1 "
                     "-keyout %s.key -out %s 2>/dev/null && cat %s.key >>%s "
                     "&& echo ready",
                     pem, pem, pem, pem),
        NULL
    };

    ok(rig_start(argv), "a certificate nobody trusts");
}

int main(void)
{
    apr_initialize();
    apr_pool_create(&pool, NULL);
    rig_write("zone", zone, pool);
    rig_write("plan", "{}", pool);
    make_tls_pem();
    ok(rig_dns(pool) && rig_http(pool), "two liars");
    ok(qw_check_init(pool) == NULL, "init");

    authority = qw_authority_make("t", pool);
    authority->kind = QW_KIND_TEST;
    APR_ARRAY_PUSH(authority->resolvers, const char *) =
        apr_psprintf(pool, "127.0.0.1@%d", rig_port(0));
    authority->test_insecure_dns = authority->test_private_targets = 1;
    authority->test_http_port = rig_port(2);
    authority->test_tls_port = rig_port(3);

    test_valid();
    test_wrong_content();
    test_hostile_content();
    test_connection();
    test_families();
    test_addresses();
    test_redirects();
    ok(chain(10) == NULL, "ten redirects are followed");
    is(chain(11), QW_E_CONNECTION, "more than 10", "[H01-11] eleven are not");
    test_production();
    apr_pool_destroy(pool);
    return done_testing();
}
