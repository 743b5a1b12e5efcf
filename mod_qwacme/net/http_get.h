/* http_get.h -- fetch one small thing from a stranger's web server.
 * Threads: any, after qw_http_init(). */
#ifndef QW_NET_HTTP_GET_H
#define QW_NET_HTTP_GET_H

#include "base/bytes.h"
#include "base/json.h"
#include "net/http_url.h"

/* Once per process, before threads, after fork: libcurl until POOL goes, and
 * SIGPIPE ignored, as httpd has it. */
qw_problem_t *qw_http_init(apr_pool_t *pool) QW_MUST_CHECK;

enum { QW_HTTP_MAX_REDIRECTS = 10, QW_HTTP_MAX_ADDRESSES = 2 };

typedef struct {
    qw_http_ports_t ports;
    int allow_private; /* as qw_vet_address() */
    apr_size_t max_body;
    apr_time_t deadline;

    /* Push to ADDRESSES (const char *) those of HOST, the preferred one first;
     * at most QW_HTTP_MAX_ADDRESSES are tried. A problem if HOST is not a name
     * to talk to. Asked anew at each hop. */
    qw_problem_t *(*resolve)(apr_array_header_t *addresses, const char *host,
                             void *baton, apr_pool_t *pool);
    void *baton;
} qw_http_how_t;

typedef struct {
    int status;
    qw_bytes_t body; /* as sent, nothing decoded; NUL follows */
    int cut;         /* there was more than max_body */
    int redirects;
    const char *host; /* that answered */
} qw_http_reply_t;

/* GET URL, following redirects (301, 302, 307, 308) that qw_http_url_join()
 * takes; any other status is a reply. Only addresses that resolve() gave are
 * dialled; the second one only if the first cannot be connected to. The
 * certificate behind https is not checked. REQUESTS, an array, gets an object
 * per connection: url, address, status or error.
 *
 * CONNECTION: not reachable, broken or endless reply, redirect refused; TLS: no
 * handshake; what resolve() says. */
qw_problem_t *qw_http_get(qw_http_reply_t *reply, json_t *requests,
                          const char *url, const qw_http_how_t *how,
                          apr_pool_t *pool) QW_MUST_CHECK;

#endif
