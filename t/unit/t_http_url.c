/* Where a redirect may lead. */
#include "net/http_url.h"
#include "tap.h"

#include <apr_general.h>
#include <apr_strings.h>

static apr_pool_t *pool;
static const qw_http_ports_t standard = { 80, 443 };

static void leads_to(const char *location, const char *want, int port)
{
    qw_http_url_t from, url;
    const char *fault = qw_http_url_parse(&from, "http://www.example.org/a/b?c",
                                          &standard, pool);

    fault = fault ? fault
                  : qw_http_url_join(&url, &from, location, &standard, pool);
    ok(fault == NULL, "%s may be followed", location);
    if (fault != NULL)
        printf("# %s\n", fault);
    else {
        is_str(url.url, want, "to where it says");
        ok(url.dial_port == port, "by port %d", port);
    }
}

static void refuses(const char *location, const char *why)
{
    qw_http_url_t from, url;
    const char *fault = qw_http_url_parse(&from, "http://www.example.org/a/b?c",
                                          &standard, pool);

    fault = fault ? fault
                  : qw_http_url_join(&url, &from, location, &standard, pool);
    ok(fault != NULL && strstr(fault, why) != NULL, "refused: '%.*s'",
       (int)strcspn(location, "\r\n"), location);
    if (fault == NULL)
        printf("# led to %s, host %s\n", url.url, url.host);
    else if (strstr(fault, why) == NULL)
        printf("# %s\n", fault);
}

int main(void)
{
    const qw_http_ports_t test = { 5002, 5001 };
    qw_http_url_t url;

    apr_initialize();
    apr_pool_create(&pool, NULL);

    leads_to("https://other.example.org/x", "https://other.example.org/x", 443);
    leads_to("http://other.example.org:80/x", "http://other.example.org:80/x",
             80);
    leads_to("HTTP://other.example.org/", "http://other.example.org/", 80);
    leads_to("//other.example.org/y", "http://other.example.org/y", 80);
    leads_to("/z?q=1", "http://www.example.org/z?q=1", 80);
    leads_to("../up", "http://www.example.org/up", 80);
    leads_to("https://other.example.org", "https://other.example.org/", 443);

    /* [H01-12, H-06] */
    refuses("ftp://www.example.org/", "http and https");
    refuses("file:///etc/passwd", "");
    refuses("gopher://www.example.org/", "http and https");
    refuses("dict://www.example.org/", "http and https");
    refuses("ldap://www.example.org/", "http and https");
    refuses("ftps://www.example.org:443/", "http and https");
    refuses("javascript:alert(1)", "");
    refuses("data:text/plain,x", "");
    refuses("\\\\www.example.org\\x", "character");
    refuses("http:\\\\www.example.org", "character");

    /* [H01-13, H-07] */
    refuses("http://www.example.org:22/", "port");
    refuses("http://www.example.org:25/", "port");
    refuses("http://www.example.org:8080/", "port");
    refuses("http://www.example.org:443/", "port");
    refuses("https://www.example.org:80/", "port");
    refuses("http://www.example.org:65536/", "");
    refuses("http://www.example.org:-1/", "");
    refuses("http://www.example.org:0/", "");
    refuses("http://www.example.org:80x/", "");

    /* [H-04] */
    refuses("http://127.0.0.1/", "address");
    refuses("http://2130706433/", "address");
    refuses("http://0x7f.1/", "address");
    refuses("http://0177.0.0.1/", "address");
    refuses("http://[::1]/", "address");
    refuses("http://[::ffff:7f00:1]/", "address");
    refuses("http://a@127.0.0.1/", "user");
    refuses("http://\xe2\x91\xa0\xe2\x91\xa1\xe2\x91\xa6.0.0.1/", "character");

    /* [H01-17, H-09] */
    refuses("http://user:pw@www.example.org/", "user");
    refuses("http://www.example.org/#top", "fragment");
    refuses("//w%88//g", "its host is no name");
    refuses("//%30", "its host is no name");
    refuses("//%32130706433/", "its host is no name");
    refuses("http:///path", "no host");
    refuses("http:/www.example.org/", "no host");
    refuses("///www.example.org/", "no host");
    refuses("//user@www.example.org/", "user");
    refuses("http://", "no host");
    refuses("", "empty");
    refuses("http://www.example.org/\r\nX: y", "character");
    refuses("http://www.example.org/a b", "character");
    refuses("http://www.example.org/\xff", "character");
    refuses(apr_psprintf(pool, "http://www.example.org/%02100d", 0), "2000");
    refuses(apr_psprintf(pool, "/%0100000d", 0), "2000");

    ok(qw_http_url_parse(&url, "http://www.test:5002/", &test, pool) == NULL
           && url.dial_port == 5002,
       "a test's port is taken");
    ok(qw_http_url_parse(&url, "https://www.test/", &test, pool) == NULL
           && url.dial_port == 5001,
       "and stands for the standard one");
    ok(qw_http_url_parse(&url, "http://www.test:5001/", &test, pool) != NULL,
       "each for its own scheme");
    return done_testing();
}
