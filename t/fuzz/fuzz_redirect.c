/* Where a Location header may lead: to http and https, on their ports, by name. */
#include "fuzz.h"

#include "net/http_url.h"

#include <arpa/inet.h>

void fuzz_one(const unsigned char *data, size_t len, apr_pool_t *pool)
{
    static const qw_http_ports_t ports = { 80, 443 };
    const char *text = fuzz_text(data, len, pool);
    qw_http_url_t from, to = { 0 }, again = { 0 };
    unsigned char address[16];

    if (text == NULL)
        return;
    FUZZ_MUST(
        qw_http_url_parse(&from,
                          "http://www.example.org/.well-known/acme-challenge/t",
                          &ports, pool)
        == NULL);
    if (qw_http_url_join(&to, &from, text, &ports, pool) != NULL)
        return;
    fuzz_taken++;
    FUZZ_MUST(strncmp(to.url, "http://", 7) == 0
              || strncmp(to.url, "https://", 8) == 0);
    FUZZ_MUST(to.dial_port == (to.tls ? 443 : 80));
    FUZZ_MUST(*to.host != '\0' && strpbrk(to.host, "@/?#: \t\r\n") == NULL);
    FUZZ_MUST(inet_pton(AF_INET, to.host, address) != 1);
    FUZZ_MUST(strpbrk(to.url, " \t\r\n@#") == NULL
              || strchr(to.url, '@') != NULL);
    FUZZ_MUST(strlen(to.url) <= 2000);
    /* what was taken is taken again, as it is */
    FUZZ_MUST(qw_http_url_parse(&again, to.url, &ports, pool) == NULL);
    FUZZ_MUST(strcmp(again.host, to.host) == 0);
}
