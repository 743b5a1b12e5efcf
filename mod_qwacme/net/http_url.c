#include "net/http_url.h"

#include <apr_strings.h>
#include <arpa/inet.h>
#include <curl/curl.h>
#include <netinet/in.h>

#include <string.h>

enum { MAX_URL = 2000 };

/* Before any parser that forgives sees it. */
static const char *text_fault(const char *text)
{
    if (*text == '\0')
        return "it is empty";
    if (strlen(text) > MAX_URL)
        return "it is longer than 2000 bytes";
    for (; *text != '\0'; text++) {
        unsigned char c = (unsigned char)*text;

        if (c <= 0x20 || c >= 0x7f || c == '\\')
            return "it has a character that no URL has";
    }
    return NULL;
}

/* "http:/x", "http:///x" and "///x" name no host, though many parsers find
 * one. */
static int lacks_host(const char *text)
{
    apr_size_t scheme = strspn(text, "abcdefghijklmnopqrstuvwxyz"
                                     "ABCDEFGHIJKLMNOPQRSTUVWXYZ");

    if (strncmp(text, "///", 3) == 0)
        return 1;
    return text[scheme] == ':'
           && (strncmp(text + scheme, "://", 3) != 0 || text[scheme + 3] == '/'
               || text[scheme + 3] == '\0');
}

/* Copy of PART of HANDLE in POOL; NULL if there is none. */
static char *part(CURLU *handle, CURLUPart what, apr_pool_t *pool)
{
    char *value = NULL, *copy = NULL;

    if (curl_url_get(handle, what, &value,
                     what == CURLUPART_PORT ? CURLU_DEFAULT_PORT : 0)
        == CURLUE_OK)
        copy = apr_pstrdup(pool, value);
    curl_free(value);
    return copy;
}

static int is_address(const char *host)
{
    unsigned char bytes[sizeof(struct in6_addr)];

    return host[0] == '[' || inet_pton(AF_INET, host, bytes) == 1;
}

/* curl has decoded it: "%88" may be in it as a byte, "%30" as the number that
 * others take for 0.0.0.0. No name ends in a number. */
static int is_name(const char *host)
{
    const char *dot = strrchr(host, '.');
    const char *last = dot != NULL ? dot + 1 : host;

    return (*last < '0' || *last > '9')
           && strspn(host,
                     "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                     "0123456789-_.")
                  == strlen(host);
}

/* Is PORT of the URL the scheme's own, or the one that stands for it? */
static int port_fits(const char *port, int standard, int stands_for_it)
{
    apr_int64_t number = port == NULL ? -1 : apr_strtoi64(port, NULL, 10);

    return number == standard || number == stands_for_it;
}

static const char *judge(qw_http_url_t *url, CURLU *handle,
                         const qw_http_ports_t *ports, apr_pool_t *pool)
{
    const char *scheme = part(handle, CURLUPART_SCHEME, pool);
    const char *port = part(handle, CURLUPART_PORT, pool);

    url->url = part(handle, CURLUPART_URL, pool);
    url->host = part(handle, CURLUPART_HOST, pool);
    if (url->url == NULL || scheme == NULL)
        return "it does not parse";
    url->tls = strcmp(scheme, "https") == 0;
    url->dial_port = url->tls ? ports->tls : ports->http;
    if (!url->tls && strcmp(scheme, "http") != 0)
        return "only http and https are followed";
    if (!port_fits(port, url->tls ? 443 : 80, url->dial_port))
        return "only the ports 80 (http) and 443 (https) are allowed";
    if (url->host == NULL || *url->host == '\0')
        return "it has no host";
    if (is_address(url->host))
        return "its host is an address, not a name";
    if (!is_name(url->host))
        return "its host is no name";
    if (part(handle, CURLUPART_FRAGMENT, pool) != NULL)
        return "it has a fragment";
    return strlen(url->url) > MAX_URL ? "it is longer than 2000 bytes" : NULL;
}

/* BASE may be NULL. */
static const char *parse(qw_http_url_t *url, const char *base, const char *text,
                         const qw_http_ports_t *ports, apr_pool_t *pool)
{
    const char *fault = text_fault(text);
    CURLU *handle;
    CURLUcode rc = CURLUE_OK;

    if (fault != NULL)
        return fault;
    if (lacks_host(text))
        return "it has no host";
    handle = curl_url();
    if (handle == NULL)
        return "out of memory";
    if (base != NULL)
        rc = curl_url_set(handle, CURLUPART_URL, base, 0);
    if (rc == CURLUE_OK)
        rc = curl_url_set(handle, CURLUPART_URL, text, CURLU_DISALLOW_USER);
    if (rc == CURLUE_OK)
        fault = judge(url, handle, ports, pool);
    else if (rc == CURLUE_UNSUPPORTED_SCHEME)
        fault = "only http and https are followed";
    else if (rc == CURLUE_USER_NOT_ALLOWED)
        fault = "it has user information";
    else
        fault = "it does not parse";
    curl_url_cleanup(handle);
    return fault;
}

const char *qw_http_url_parse(qw_http_url_t *url, const char *text,
                              const qw_http_ports_t *ports, apr_pool_t *pool)
{
    return parse(url, NULL, text, ports, pool);
}

const char *qw_http_url_join(qw_http_url_t *url, const qw_http_url_t *from,
                             const char *location, const qw_http_ports_t *ports,
                             apr_pool_t *pool)
{
    return parse(url, from->url, location, ports, pool);
}
