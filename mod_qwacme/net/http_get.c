#include "net/http_get.h"

#include "base/text.h"
#include "base/world.h"
#include "net/vet.h"

#include <apr_signal.h>
#include <apr_strings.h>
#include <arpa/inet.h>
#include <curl/curl.h>
#include <netinet/in.h>
#include <openssl/err.h>

#include <string.h>
#include <strings.h>

enum {
    MAX_HEADERS = 65536,
    MAX_CONNECT_MS = 5000,
    MAX_SHOWN_URL = 512,
    MAX_SHOWN_ERROR = 160
};

/* One connection and what came over it. */
typedef struct {
    const qw_http_how_t *how;
    const qw_http_url_t *url;
    const char *address;
    int last_address; /* no other one to fall back to */
    apr_pool_t *pool;

    unsigned char *body;
    apr_size_t body_len;
    int cut;
    apr_size_t header_len;
    const char *location;
    int locations; /* how many there were: two is one too many */
    int head_over; /* a status line begins the next head, no header does */
    long status;
    int connected;
    CURLcode rc;
    char error[CURL_ERROR_SIZE];
} exchange_t;

static apr_status_t end_curl(void *unused)
{
    curl_global_cleanup();
    return APR_SUCCESS;
}

qw_problem_t *qw_http_init(apr_pool_t *pool)
{
    CURLcode rc = curl_global_init(CURL_GLOBAL_DEFAULT);

    if (rc != CURLE_OK)
        return QW_FAIL_BECAUSE(pool, SERVER_INTERNAL, curl_easy_strerror(rc),
                               "libcurl cannot be used");
    apr_pool_cleanup_register(pool, NULL, end_curl, apr_pool_cleanup_null);
    /* As httpd does: a peer that hangs up is an error code, not a signal. */
    apr_signal(SIGPIPE, SIG_IGN);
    return NULL;
}

static int is_redirect(long status)
{
    return status == 301 || status == 302 || status == 307 || status == 308;
}

static size_t take_body(char *data, size_t size, size_t n, void *baton)
{
    exchange_t *x = baton;
    apr_size_t room = x->how->max_body - x->body_len;
    apr_size_t len = size * n;

    memcpy(x->body + x->body_len, data, len < room ? len : room);
    x->body_len += len < room ? len : room;
    if (len <= room)
        return len;
    x->cut = 1;
    return 0;
}

static size_t take_header(char *data, size_t size, size_t n, void *baton)
{
    static const char name[] = "location:";
    exchange_t *x = baton;
    apr_size_t len = size * n, at = sizeof name - 1;

    x->header_len += len;
    if (x->header_len > MAX_HEADERS)
        return 0;
    if (x->head_over && len >= 5 && strncasecmp(data, "HTTP/", 5) == 0) {
        x->locations = 0;
        x->head_over = 0;
    }
    if (len > 0 && (data[0] == '\r' || data[0] == '\n'))
        x->head_over = 1;
    if (len < at || strncasecmp(data, name, at) != 0)
        return len;
    while (at < len && (data[at] == ' ' || data[at] == '\t'))
        at++;
    while (len > at && strchr("\r\n \t", data[len - 1]) != NULL)
        len--;
    x->locations++;
    /* A NUL inside would cut the text; then it is no URL either. */
    x->location = memchr(data + at, '\0', len - at) != NULL
                      ? "\\"
                      : apr_pstrmemdup(x->pool, data + at, len - at);
    return size * n;
}

static int same_address(const struct sockaddr *got, const char *want)
{
    unsigned char bytes[sizeof(struct in6_addr)];

    if (got->sa_family == AF_INET)
        return inet_pton(AF_INET, want, bytes) == 1
               && memcmp(&((const struct sockaddr_in *)got)->sin_addr, bytes,
                         sizeof(struct in_addr))
                      == 0;
    return got->sa_family == AF_INET6 && inet_pton(AF_INET6, want, bytes) == 1
           && memcmp(&((const struct sockaddr_in6 *)got)->sin6_addr, bytes,
                     sizeof(struct in6_addr))
                  == 0;
}

/* The last gate before a packet leaves: whatever curl thinks it does, only the
 * address that was vetted is dialled. */
static curl_socket_t open_socket(void *baton, curlsocktype purpose,
                                 struct curl_sockaddr *to)
{
    const exchange_t *x = baton;

    if (purpose != CURLSOCKTYPE_IPCXN || !same_address(&to->addr, x->address)
        || qw_vet_address(&to->addr, x->how->allow_private) != NULL)
        return CURL_SOCKET_BAD;
    return socket(to->family, to->socktype | SOCK_CLOEXEC, to->protocol);
}

static void set_timeouts(CURL *curl, const exchange_t *x)
{
    apr_interval_time_t left = x->how->deadline - qw_world()->now();
    long total = left <= 0 ? 1 : (long)apr_time_as_msec(left) + 1;
    long connecting = x->last_address ? total : total / 2;

    curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, total);
    curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT_MS,
                     connecting < MAX_CONNECT_MS ? connecting : MAX_CONNECT_MS);
}

/* Everything that curl would do on its own is off: proxies of the environment,
 * redirects, name lookups, decoding, connection reuse, certificate checks. */
static void set_manners(CURL *curl)
{
#if LIBCURL_VERSION_NUM >= 0x075500
    curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https");
#else
    curl_easy_setopt(curl, CURLOPT_PROTOCOLS,
                     (long)(CURLPROTO_HTTP | CURLPROTO_HTTPS));
#endif
    curl_easy_setopt(curl, CURLOPT_PROXY, "");
    curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(curl, CURLOPT_FOLLOWLOCATION, 0L);
    curl_easy_setopt(curl, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
    curl_easy_setopt(curl, CURLOPT_HTTP_CONTENT_DECODING, 0L);
    curl_easy_setopt(curl, CURLOPT_BUFFERSIZE, 1024L);
    curl_easy_setopt(curl, CURLOPT_FRESH_CONNECT, 1L);
    curl_easy_setopt(curl, CURLOPT_FORBID_REUSE, 1L);
    curl_easy_setopt(curl, CURLOPT_USERAGENT, "mod_qwacme (ACME validation)");
    curl_easy_setopt(curl, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
    curl_easy_setopt(curl, CURLOPT_SSL_VERIFYPEER, 0L);
    curl_easy_setopt(curl, CURLOPT_SSL_VERIFYHOST, 0L);
    curl_easy_setopt(curl, CURLOPT_SSL_SESSIONID_CACHE, 0L);
    curl_easy_setopt(curl, CURLOPT_CAINFO, NULL);
    curl_easy_setopt(curl, CURLOPT_CAPATH, NULL);
}

/* CONNECT_TO rather than RESOLVE: it also moves the port, so the request reads
 * the same when a test's port stands for 80. */
static struct curl_slist *connect_to(const exchange_t *x)
{
    const char *form = strchr(x->address, ':') ? "::[%s]:%d" : "::%s:%d";

    return curl_slist_append(NULL, apr_psprintf(x->pool, form, x->address,
                                                x->url->dial_port));
}

static void perform(exchange_t *x)
{
    struct curl_slist *where = connect_to(x);
    CURL *curl = where != NULL ? curl_easy_init() : NULL;
    double connecting = 0;

    x->rc = CURLE_OUT_OF_MEMORY;
    x->body = apr_palloc(x->pool, x->how->max_body + 1);
    if (curl != NULL) {
        set_manners(curl);
        set_timeouts(curl, x);
        curl_easy_setopt(curl, CURLOPT_URL, x->url->url);
        curl_easy_setopt(curl, CURLOPT_CONNECT_TO, where);
        curl_easy_setopt(curl, CURLOPT_OPENSOCKETFUNCTION, open_socket);
        curl_easy_setopt(curl, CURLOPT_OPENSOCKETDATA, x);
        curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, take_body);
        curl_easy_setopt(curl, CURLOPT_WRITEDATA, x);
        curl_easy_setopt(curl, CURLOPT_HEADERFUNCTION, take_header);
        curl_easy_setopt(curl, CURLOPT_HEADERDATA, x);
        curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, x->error);
        x->rc = curl_easy_perform(curl);
        curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &x->status);
        curl_easy_getinfo(curl, CURLINFO_CONNECT_TIME, &connecting);
    }
    x->connected = connecting > 0;
    x->body[x->body_len] = '\0';
    /* Our own callback broke off, having seen enough. */
    if (x->rc == CURLE_WRITE_ERROR && x->header_len <= MAX_HEADERS
        && (x->cut || is_redirect(x->status)))
        x->rc = CURLE_OK;
    curl_easy_cleanup(curl);
    curl_slist_free_all(where);
    ERR_clear_error();
}

static void witness(json_t *requests, const exchange_t *x)
{
    json_t *seen = json_object();

    json_object_set_new(seen, "url",
                        json_string(
                            qw_text_safe(x->url->url, MAX_SHOWN_URL, x->pool)));
    json_object_set_new(seen, "address", json_string(x->address));
    if (x->status != 0)
        json_object_set_new(seen, "status", json_integer(x->status));
    if (x->rc != CURLE_OK)
        json_object_set_new(seen, "error",
                            json_string(
                                qw_text_safe(x->error[0] != '\0'
                                                 ? x->error
                                                 : curl_easy_strerror(x->rc),
                                             MAX_SHOWN_ERROR, x->pool)));
    json_array_append_new(requests, seen);
}

static qw_problem_t *failed(const exchange_t *x)
{
    const char *what =
        qw_text_safe(x->error[0] != '\0' ? x->error : curl_easy_strerror(x->rc),
                     MAX_SHOWN_ERROR, x->pool);
    const char *scheme = x->url->tls ? "https" : "http";

    if (x->header_len > MAX_HEADERS)
        what = "the headers are longer than 64 KiB";
    if (x->rc == CURLE_SSL_CONNECT_ERROR || x->rc == CURLE_SSL_CIPHER)
        return QW_FAIL(x->pool, TLS, "fetching from %s://%s (%s): %s", scheme,
                       x->url->host, x->address, what);
    return QW_FAIL(x->pool, CONNECTION, "fetching from %s://%s (%s): %s",
                   scheme, x->url->host, x->address, what);
}

/* X: the exchange with the first address that takes a connection. */
static qw_problem_t *fetch(exchange_t *x, json_t *requests,
                           const qw_http_url_t *url, const qw_http_how_t *how,
                           apr_pool_t *pool)
{
    apr_array_header_t *addresses =
        apr_array_make(pool, QW_HTTP_MAX_ADDRESSES, sizeof(char *));
    int n;

    QW_TRY(how->resolve(addresses, url->host, how->baton, pool));
    n = addresses->nelts < QW_HTTP_MAX_ADDRESSES ? addresses->nelts
                                                 : QW_HTTP_MAX_ADDRESSES;
    if (n <= 0)
        return QW_FAIL(pool, CONNECTION, "%s has no address", url->host);
    for (int i = 0; i < n; i++) {
        const char *address = APR_ARRAY_IDX(addresses, i, const char *);

        *x = (exchange_t){ .how = how,
                           .url = url,
                           .address = address,
                           .last_address = i == n - 1,
                           .pool = pool };
        perform(x);
        witness(requests, x);
        if (x->rc == CURLE_OK)
            return NULL;
        if (x->connected)
            break;
    }
    return failed(x);
}

static int was_here(const apr_array_header_t *visited, const char *url)
{
    return qw_text_in(visited, url);
}

/* *NEXT of the redirect X, or why it is not followed. */
static qw_problem_t *follow(qw_http_url_t *next, const exchange_t *x,
                            const apr_array_header_t *visited)
{
    const char *fault;

    if (x->locations != 1)
        return QW_FAIL(x->pool, CONNECTION,
                       "redirect by %s refused: it has %d Location headers",
                       x->url->host, x->locations);
    fault =
        qw_http_url_join(next, x->url, x->location, &x->how->ports, x->pool);
    if (fault == NULL && visited->nelts > QW_HTTP_MAX_REDIRECTS)
        fault = "more than 10 redirects";
    if (fault == NULL && was_here(visited, next->url))
        fault = "it leads back to where we were, a redirect loop";
    if (fault != NULL)
        return QW_FAIL(x->pool, CONNECTION, "redirect by %s to %s refused: %s",
                       x->url->host, qw_text_safe(x->location, 100, x->pool),
                       fault);
    return NULL;
}

qw_problem_t *qw_http_get(qw_http_reply_t *reply, json_t *requests,
                          const char *url, const qw_http_how_t *how,
                          apr_pool_t *pool)
{
    apr_array_header_t *visited = apr_array_make(pool, 4, sizeof(char *));
    qw_http_url_t *here = apr_pcalloc(pool, sizeof(*here));
    const char *fault = qw_http_url_parse(here, url, &how->ports, pool);
    exchange_t x = { .how = how };

    if (fault != NULL)
        return QW_FAIL(pool, CONNECTION, "%s is not fetched: %s",
                       qw_text_safe(url, MAX_SHOWN_URL, pool), fault);
    for (;;) {
        qw_http_url_t *next = apr_pcalloc(pool, sizeof(*next));

        APR_ARRAY_PUSH(visited, const char *) = here->url;
        QW_TRY(fetch(&x, requests, here, how, pool));
        if (!is_redirect(x.status))
            break;
        QW_TRY(follow(next, &x, visited));
        here = next;
    }
    reply->status = (int)x.status;
    reply->body.data = x.body;
    reply->body.len = x.body_len;
    reply->cut = x.cut;
    reply->redirects = visited->nelts - 1;
    reply->host = here->host;
    return NULL;
}
