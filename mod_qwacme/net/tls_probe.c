#include "net/tls_probe.h"

#include "base/own.h"
#include "base/text.h"
#include "net/dial.h"

#include <apr_strings.h>
#include <openssl/err.h>
#include <openssl/ssl.h>

#include <poll.h>
#include <string.h>
#include <unistd.h>

enum { MAX_CHAIN = 16384 };

/* The caller judges the certificate; building a chain from a stranger's would
 * only be work that he orders and we pay. */
static int take_any(X509_STORE_CTX *context, void *baton)
{
    return 1;
}

/* The protocol list on the wire: length byte, name. */
static int offer(SSL *ssl, const char *alpn, apr_pool_t *pool)
{
    apr_size_t len = strlen(alpn);
    const char *list = apr_psprintf(pool, "%c%s", (char)len, alpn);

    return SSL_set_alpn_protos(ssl, (const unsigned char *)list,
                               (unsigned)len + 1)
           == 0;
}

static SSL *client(int fd, const qw_tls_target_t *target, apr_pool_t *pool)
{
    SSL_CTX *context = qw_own_SSL_CTX(pool, SSL_CTX_new(TLS_client_method()));
    SSL *ssl;

    if (context == NULL
        || SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION) != 1)
        return NULL;
    SSL_CTX_set_options(context, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_TICKET);
    SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
    SSL_CTX_set_max_cert_list(context, MAX_CHAIN);
    SSL_CTX_set_cert_verify_callback(context, take_any, NULL);
    ssl = qw_own_SSL(pool, SSL_new(context));
    if (ssl == NULL || SSL_set_fd(ssl, fd) != 1
        || SSL_set_tlsext_host_name(ssl, target->name) != 1
        || !offer(ssl, target->alpn, pool))
        return NULL;
    return ssl;
}

/* NULL once the handshake is done, else what went wrong. */
static const char *shake_hands(SSL *ssl, int fd, apr_time_t deadline,
                               apr_pool_t *pool)
{
    for (;;) {
        int rc = SSL_connect(ssl);
        int error = SSL_get_error(ssl, rc);
        const char *reason;

        if (rc == 1)
            return NULL;
        if (error != SSL_ERROR_WANT_READ && error != SSL_ERROR_WANT_WRITE) {
            reason = qw_openssl_reasons(pool);
            return *reason != '\0' ? reason : "the peer closed the connection";
        }
        if (!qw_dial_wait(fd, error == SSL_ERROR_WANT_READ ? POLLIN : POLLOUT,
                          deadline))
            return "no answer in time";
    }
}

static void look(qw_tls_seen_t *seen, SSL *ssl, apr_pool_t *pool)
{
    X509 *leaf = qw_own_X509(pool, SSL_get1_peer_certificate(ssl));
    const unsigned char *alpn = NULL;
    unsigned alpn_len = 0;
    int len = leaf == NULL ? 0 : i2d_X509(leaf, NULL);

    seen->version = SSL_get_version(ssl);
    SSL_get0_alpn_selected(ssl, &alpn, &alpn_len);
    if (alpn_len > 0)
        seen->alpn =
            qw_text_safe(apr_pstrmemdup(pool, (const char *)alpn, alpn_len), 64,
                         pool);
    if (len > 0) {
        unsigned char *der = apr_palloc(pool, (apr_size_t)len), *end = der;

        seen->leaf.len = (apr_size_t)i2d_X509(leaf, &end);
        seen->leaf.data = der;
    }
}

static qw_problem_t *talk(qw_tls_seen_t *seen, int fd,
                          const qw_tls_target_t *target, apr_pool_t *pool)
{
    SSL *ssl = client(fd, target, pool);
    const char *fault;

    if (ssl == NULL)
        return QW_FAIL_BECAUSE(pool, SERVER_INTERNAL, qw_openssl_reasons(pool),
                               "no TLS client could be made");
    fault = shake_hands(ssl, fd, target->deadline, pool);
    if (fault != NULL)
        return QW_FAIL_BECAUSE(pool, TLS, fault,
                               "TLS handshake with %s (%s port %d): %s",
                               target->name, target->address, target->port,
                               qw_text_safe(fault, 160, pool));
    look(seen, ssl, pool);
    SSL_shutdown(ssl);
    return NULL;
}

qw_problem_t *qw_tls_probe(qw_tls_seen_t *seen, const qw_tls_target_t *target,
                           apr_pool_t *pool)
{
    qw_problem_t *prob;
    int fd;

    *seen = (qw_tls_seen_t){ 0 };
    QW_TRY(qw_dial(&fd, target->address, target->port, target->allow_private,
                   target->deadline, pool));
    seen->connected = 1;
    prob = talk(seen, fd, target, pool);
    close(fd);
    ERR_clear_error();
    return prob;
}
