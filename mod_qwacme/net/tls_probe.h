/* tls_probe.h -- look at the certificate that a stranger's TLS server shows.
 * Threads: any, after qw_http_init(), which turns SIGPIPE off. */
#ifndef QW_NET_TLS_PROBE_H
#define QW_NET_TLS_PROBE_H

#include "base/bytes.h"
#include "base/problem.h"

typedef struct {
    const char *address; /* text */
    int port;
    const char *name; /* SNI */
    const char *alpn; /* the only protocol offered */
    int allow_private;
    apr_time_t deadline;
} qw_tls_target_t;

typedef struct {
    int connected;       /* TCP stood, whatever came after */
    const char *version; /* "TLSv1.3" */
    const char *alpn;    /* what the server selected, NULL if nothing; safe */
    qw_bytes_t leaf;     /* DER of its certificate, not verified in any way */
} qw_tls_seen_t;

/* TLS 1.2 or newer; no client certificate, no resumption; chains beyond 16 KiB
 * are refused; after the handshake nothing is exchanged (RFC8737-3). SEEN is
 * filled as far as it went, also on failure. CONNECTION: as qw_dial();
 * TLS: no handshake, before DEADLINE. OpenSSL's error queue is left empty. */
qw_problem_t *qw_tls_probe(qw_tls_seen_t *seen, const qw_tls_target_t *target,
                           apr_pool_t *pool) QW_MUST_CHECK;

#endif
