/* http_url.h -- URLs that a validation may fetch, and where redirects may lead.
 * Threads: any. */
#ifndef QW_NET_HTTP_URL_H
#define QW_NET_HTTP_URL_H

#include <apr_pools.h>

typedef struct {
    int http, tls; /* 80 and 443; a test authority has others that stand for
                      them: both the standard port and this one are taken, and
                      this one is dialled */
} qw_http_ports_t;

typedef struct {
    const char *url;  /* normalised */
    const char *host; /* as written: a name, never an address */
    int tls;
    int dial_port;
} qw_http_url_t;

/* Fill URL from TEXT. NULL, or why it is refused: other scheme than http and
 * https, other port than the scheme's, user info, fragment, an address or no
 * name as host, more than 2000 bytes, characters that no URL has. */
const char *qw_http_url_parse(qw_http_url_t *url, const char *text,
                              const qw_http_ports_t *ports, apr_pool_t *pool);

/* The same of a Location header's value, which may be relative to FROM. */
const char *qw_http_url_join(qw_http_url_t *url, const qw_http_url_t *from,
                             const char *location, const qw_http_ports_t *ports,
                             apr_pool_t *pool);

#endif
