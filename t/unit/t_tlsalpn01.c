/* tls-alpn-01 against a TLS server that lies. */
#include "acme_cert.h"
#include "base/json.h"
#include "base/world.h"
#include "check/check.h"
#include "rig.h"
#include "tap.h"

#include <apr_general.h>
#include <openssl/err.h>
#include <openssl/ssl.h>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <pthread.h>
#include <sys/socket.h>

#define KEY_AUTH "token.9jg46WB3rR_AHD-EBXdN7cBkH1WOu0tA3M9fm21mqTI"

typedef enum {
    HONEST,
    NO_ALPN,
    OTHER_ALPN,
    PLAIN_HTTP,
    CLOSE,
    SILENT,
    TLS11,
    WANTS_CLIENT_CERT,
    LONG_CHAIN
} manner_e;

static apr_pool_t *pool;
static qw_authority_t *authority;
static json_t *evidence;
static manner_e manner;
static acme_cert_t spec;
static char server_name[256];
static int got_more, client_certs;

static const char zone[] = "*.test A 127.0.0.1\n"
                           "refusing.test A 127.0.0.9\n"
                           "deaf6.test AAAA fd00::dead\n"
                           "deaf6.test A 127.0.0.1\n"
                           "metadata.test A 169.254.169.254\n"
                           "nowhere.test * NXDOMAIN\n";

static int choose(SSL *ssl, const unsigned char **out, unsigned char *out_len,
                  const unsigned char *in, unsigned in_len, void *unused)
{
    static const unsigned char other[] = "http/1.1";
    const char *name = SSL_get_servername(ssl, TLSEXT_NAMETYPE_host_name);

    /* Here, as the client may be done before the server is. */
    apr_cpystrn(server_name, name ? name : "", sizeof server_name);
    if (manner == NO_ALPN)
        return SSL_TLSEXT_ERR_NOACK;
    *out = manner == OTHER_ALPN ? other : in + 1;
    *out_len = manner == OTHER_ALPN ? 8 : in[0];
    return SSL_TLSEXT_ERR_OK;
}

static SSL_CTX *context(X509 *cert, EVP_PKEY *key)
{
    SSL_CTX *ctx = SSL_CTX_new(TLS_server_method());

    SSL_CTX_use_certificate(ctx, cert);
    SSL_CTX_use_PrivateKey(ctx, key);
    SSL_CTX_set_alpn_select_cb(ctx, choose, NULL);
    for (int i = 0; manner == LONG_CHAIN && i < 100; i++)
        SSL_CTX_add1_chain_cert(ctx, cert);
    if (manner == WANTS_CLIENT_CERT)
        SSL_CTX_set_verify(ctx, SSL_VERIFY_PEER, NULL);
    if (manner == TLS11) {
        SSL_CTX_set_security_level(ctx, 0);
        SSL_CTX_set_max_proto_version(ctx, TLS1_1_VERSION);
    }
    return ctx;
}

static void speak_tls(int fd)
{
    EVP_PKEY *key;
    X509 *cert = acme_cert(&spec, &key);
    SSL_CTX *ctx = context(cert, key);
    SSL *ssl = SSL_new(ctx);
    char byte;

    SSL_set_fd(ssl, fd);
    if (SSL_accept(ssl) == 1) {
        X509 *peer = SSL_get1_peer_certificate(ssl);

        client_certs += peer != NULL;
        X509_free(peer);
        got_more += SSL_read(ssl, &byte, 1) > 0;
    }
    ERR_clear_error();
    SSL_free(ssl);
    SSL_CTX_free(ctx);
    X509_free(cert);
    EVP_PKEY_free(key);
}

static void *serve(void *baton)
{
    int listener = *(int *)baton;

    for (;;) {
        int fd = accept(listener, NULL, NULL);
        char buf[256];

        if (fd < 0)
            return NULL;
        if (manner == PLAIN_HTTP) {
            const char *text = "HTTP/1.1 400 Bad Request\r\n\r\n";

            ok(read(fd, buf, sizeof buf) > 0
                   && write(fd, text, strlen(text)) > 0,
               "plain HTTP");
        }
        else if (manner == SILENT)
            while (read(fd, buf, sizeof buf) > 0)
                ;
        else if (manner != CLOSE)
            speak_tls(fd);
        close(fd);
    }
}

static int listen_on(int port)
{
    struct sockaddr_in at = { .sin_family = AF_INET,
                              .sin_port = htons((uint16_t)port),
                              .sin_addr = { htonl(INADDR_LOOPBACK) } };
    int fd = socket(AF_INET, SOCK_STREAM, 0), one = 1;

    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
    if (bind(fd, (struct sockaddr *)&at, sizeof at) != 0 || listen(fd, 16) != 0)
        abort();
    return fd;
}

static qw_problem_t *attempt(const char *host, int seconds)
{
    qw_dcv_t dcv = { authority, host, "token", KEY_AUTH,
                     qw_world()->now() + apr_time_from_sec(seconds) };
    qw_problem_t *prob;

    evidence = qw_json_new_object(pool);
    ok(qw_dcv_digest(&dcv, pool) == NULL, "the digest");
    prob = qw_validator_find("tls-alpn-01")->try(evidence, &dcv, pool);
    ok(ERR_peek_error() == 0, "[T-10] the error queue is clean");
    return prob;
}

static void is(const qw_problem_t *prob, qw_code_e code, const char *detail,
               const char *name)
{
    ok(prob != NULL && prob->code == code
           && strstr(prob->detail, detail) != NULL,
       "%s: %s", name, qw_problem_name(code));
    printf("# %s\n", prob != NULL ? prob->detail : "was taken");
}

static const char *seen(int n, const char *member)
{
    json_t *requests = json_object_get(evidence, "requests");

    return json_string_value(
        json_object_get(json_array_get(requests, (size_t)n), member));
}

static void with(manner_e how, qw_code_e code, const char *detail,
                 const char *name)
{
    manner = how;
    is(attempt("www.test", 2), code, detail, name);
    manner = HONEST;
}

static void test_server(void)
{
    with(NO_ALPN, QW_E_UNAUTHORIZED, "none", "[ALP-02] no ALPN");
    with(OTHER_ALPN, QW_E_TLS, "", "[ALP-02] a protocol that was not offered");
    with(PLAIN_HTTP, QW_E_TLS, "", "[ALP-09] plain HTTP");
    with(CLOSE, QW_E_TLS, "", "[ALP-09] closed at once");
    with(SILENT, QW_E_TLS, "in time", "silence ends at the deadline");
    with(TLS11, QW_E_TLS, "", "TLS 1.1");
    with(LONG_CHAIN, QW_E_TLS, "", "[ALP-13] a long chain");
    manner = WANTS_CLIENT_CERT;
    ok(attempt("www.test", 5) == NULL && client_certs == 0,
       "[T-06] no client certificate is shown");
    manner = HONEST;
}

static void test_certificate(void)
{
    spec.san = "DNS:other.test";
    is(attempt("www.test", 5), QW_E_UNAUTHORIZED, "subjectAltName",
       "[ALP-07] other name");
    spec.san = "DNS:www.test";
    spec.key_auth = "token.other";
    is(attempt("www.test", 5), QW_E_UNAUTHORIZED, "SHA-256",
       "[T-07] other account");
    spec.key_auth = KEY_AUTH;
    spec.oid = "1.3.6.1.5.5.7.1.30.1";
    is(attempt("www.test", 5), QW_E_UNAUTHORIZED, "acmeIdentifier",
       "[ALP-05] obsolete OID");
    spec.oid = ACME_OID;
}

static void test_addresses(void)
{
    is(attempt("refusing.test", 5), QW_E_CONNECTION, "127.0.0.9", "refused");
    is(attempt("metadata.test", 5), QW_E_CONNECTION, "link local",
       "[ALP-12] reserved address");
    is(attempt("nowhere.test", 5), QW_E_DNS, "NXDOMAIN", "no such name");
    spec.san = "DNS:deaf6.test";
    ok(attempt("deaf6.test", 5) == NULL, "IPv4 where IPv6 takes no connection");
    ok(seen(0, "error") != NULL && seen(1, "error") == NULL,
       "the evidence has both");
    spec.san = "DNS:www.test";
    authority->test_private_targets = 0;
    is(attempt("www.test", 5), QW_E_CONNECTION, "loopback",
       "[ALP-12] loopback, unless allowed");
    authority->test_private_targets = 1;
}

int main(void)
{
    pthread_t server;
    int listener;

    apr_initialize();
    apr_pool_create(&pool, NULL);
    rig_write("zone", zone, pool);
    ok(rig_dns(pool), "a name server");
    ok(qw_check_init(pool) == NULL, "init");
    listener = listen_on(rig_port(4));
    pthread_create(&server, NULL, serve, &listener);

    authority = qw_authority_make("t", pool);
    authority->kind = QW_KIND_TEST;
    APR_ARRAY_PUSH(authority->resolvers, const char *) =
        apr_psprintf(pool, "127.0.0.1@%d", rig_port(0));
    authority->test_insecure_dns = authority->test_private_targets = 1;
    authority->test_tls_port = rig_port(4);
    spec = (acme_cert_t){ .san = "DNS:www.test",
                          .oid = ACME_OID,
                          .key_auth = KEY_AUTH };

    ok(attempt("www.test", 5) == NULL, "[ALP-01] valid");
    is_str(seen(0, "alpn"), "acme-tls/1", "the evidence has the protocol");
    is_str(seen(0, "address"), "127.0.0.1", "the address");
    ok(seen(0, "certificate") != NULL, "and the certificate's digest");
    is_str(server_name, "www.test", "SNI is the name");
    test_server();
    test_certificate();
    test_addresses();
    ok(got_more == 0, "nothing is sent after the handshake");

    shutdown(listener, SHUT_RDWR);
    pthread_join(server, NULL);
    close(listener);
    apr_pool_destroy(pool);
    return done_testing();
}
