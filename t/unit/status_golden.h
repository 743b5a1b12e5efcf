/* status_golden.h -- references of certificate status (t/golden/make-status),
 * and an authority of this test that signs. */
#ifndef STATUS_GOLDEN_H
#define STATUS_GOLDEN_H

#include "base/b64.h"
#include "base/json.h"
#include "base/text.h"
#include "x509/cert.h"
#include "x509/demo_ca.h"
#include "x509/issuer.h"
#include "x509/responder.h"
#include "x509/sigalg.h"
#include "x509/tbs.h"

#include <apr_general.h>
#include <apr_strings.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <stdlib.h>
#include <string.h>

#define STATUS_DIR QW_SRCDIR "/t/golden/"

static const char *const status_kinds[] = { "ec", "rsa" };

static inline json_t *status_member(const json_t *object, const char *name)
{
    return json_object_get(object, name);
}

static inline const char *status_text(const json_t *object, const char *name)
{
    return json_string_value(status_member(object, name));
}

static inline apr_int64_t status_int(const json_t *object, const char *name)
{
    return json_integer_value(status_member(object, name));
}

static inline apr_time_t status_time(const json_t *object, const char *name)
{
    return apr_time_from_sec(status_int(object, name));
}

static inline qw_bytes_t status_hex(const char *hex, apr_pool_t *p)
{
    qw_bytes_t bytes = { NULL, 0 };

    if (hex != NULL)
        (void)qw_hex_decode(&bytes, hex, p);
    return bytes;
}

static inline qw_bytes_t status_octets(const json_t *object, const char *name,
                                       apr_pool_t *p)
{
    return status_hex(status_text(object, name), p);
}

static inline const char *status_show(const qw_bytes_t *bytes, apr_pool_t *p)
{
    return qw_hex_encode(bytes->data, bytes->len, p);
}

/* status.json; NULL if it is not there. */
static inline json_t *status_all(apr_pool_t *p)
{
    json_t *all = json_load_file(STATUS_DIR "status.json", 0, NULL);

    return qw_own_json_t(p, all);
}

static inline qw_issuer_t *status_issuer(const char *kind, apr_pool_t *p)
{
    qw_issuer_t *issuer = NULL;
    qw_problem_t *problem =
        qw_issuer_read(&issuer,
                       apr_pstrcat(p, STATUS_DIR "status-", kind, ".pem", NULL),
                       p);

    return problem == NULL ? issuer : NULL;
}

/* COUNT octets that differ from each other. */
static inline qw_bytes_t status_fill(apr_size_t count, apr_pool_t *p)
{
    unsigned char *data = apr_palloc(p, count + 1);
    qw_bytes_t bytes = { data, count };
    apr_size_t i;

    for (i = 0; i < count; i++)
        data[i] = (unsigned char)(i + 1);
    return bytes;
}

static inline qw_bytes_t status_cut(const qw_bytes_t *bytes, apr_size_t len,
                                    apr_pool_t *p)
{
    qw_bytes_t cut = { apr_pmemdup(p, bytes->data, len + 1), len };

    return cut;
}

/* BYTES with the octet at AT changed. */
static inline qw_bytes_t status_flip(const qw_bytes_t *bytes, apr_size_t at,
                                     apr_pool_t *p)
{
    unsigned char *data = apr_pmemdup(p, bytes->data, bytes->len);
    qw_bytes_t flipped = { data, bytes->len };

    data[at] ^= 0x01;
    return flipped;
}

/* An issuing CA in a directory of its own, its key, and a responder's. */
typedef struct {
    qw_issuer_t *issuer;
    EVP_PKEY *key, *responder_key;
    qw_bytes_t responder, spki; /* DER, once status_responder() was called */
    X509 *root;
} status_ca_t;

static inline EVP_PKEY *status_key(const char *path, apr_pool_t *p)
{
    BIO *bio = BIO_new_file(path, "r");
    EVP_PKEY *key = PEM_read_bio_PrivateKey(bio, NULL, NULL, NULL);

    BIO_free(bio);
    return qw_own_EVP_PKEY(p, key);
}

static inline X509 *status_cert(const char *path, apr_pool_t *p)
{
    BIO *bio = BIO_new_file(path, "r");
    X509 *cert = PEM_read_bio_X509(bio, NULL, NULL, NULL);

    BIO_free(bio);
    return qw_own_X509(p, cert);
}

/* KEY_TYPE as the demo CA knows it. */
static inline int status_ca(status_ca_t *ca, const char *key_type,
                            apr_pool_t *p)
{
    char template[] = "/tmp/t_status.XXXXXX";
    const char *dir = mkdtemp(template), *command;
    qw_demo_ca_t wanted = { dir,  "Example QTSP", "NTRFR-123456789",
                            "FR", key_type,       NULL };
    int made;

    if (dir == NULL || qw_demo_ca_make(&wanted, p) != NULL)
        return 0;
    made = qw_issuer_read(&ca->issuer,
                          apr_pstrcat(p, dir, "/issuing.pem", NULL), p)
           == NULL;
    ca->key = status_key(apr_pstrcat(p, dir, "/issuing-key.pem", NULL), p);
    ca->root = status_cert(apr_pstrcat(p, dir, "/root.pem", NULL), p);
    ca->responder_key = qw_own_EVP_PKEY(p, EVP_EC_gen("P-256"));
    command = apr_pstrcat(p, "rm -r ", dir, NULL);
    return system(command) == 0 && made && ca->key != NULL && ca->root != NULL;
}

/* Signature over DATA as the issuer's algorithm has it. */
static inline qw_bytes_t status_sign(EVP_PKEY *key, const char *digest,
                                     const qw_bytes_t *data, apr_pool_t *p)
{
    EVP_MD_CTX *ctx = EVP_MD_CTX_new();
    unsigned char *out = apr_palloc(p, 1024);
    size_t len = 1024;
    qw_bytes_t signature = { NULL, 0 };

    if (EVP_DigestSignInit_ex(ctx, NULL, digest, NULL, NULL, key, NULL) == 1
        && EVP_DigestSign(ctx, out, &len, data->data, data->len) == 1) {
        signature.data = out;
        signature.len = len;
    }
    EVP_MD_CTX_free(ctx);
    return signature;
}

static inline qw_bytes_t status_spki(EVP_PKEY *key, apr_pool_t *p)
{
    unsigned char *der = NULL;
    int len = i2d_PUBKEY(key, &der);
    qw_bytes_t spki = { apr_pmemdup(p, der, (apr_size_t)len), (apr_size_t)len };

    OPENSSL_free(der);
    return spki;
}

static inline qw_responder_in_t status_responder_in(const status_ca_t *ca,
                                                    apr_pool_t *p)
{
    qw_responder_in_t in = { ca->issuer, status_spki(ca->responder_key, p),
                             status_fill(16, p), ca->issuer->not_before,
                             ca->issuer->not_before
                                 + apr_time_from_sec(30 * 86400) };

    return in;
}

/* The responder's certificate, signed by the issuer. */
static inline int status_responder(status_ca_t *ca, apr_pool_t *p)
{
    qw_responder_in_t in = status_responder_in(ca, p);
    qw_bytes_t tbs, signature;

    if (qw_responder_tbs(&tbs, &in, p) != NULL)
        return 0;
    signature = status_sign(ca->key, ca->issuer->digest, &tbs, p);
    ca->spki = in.spki;
    return qw_cert_assemble(&ca->responder, &tbs, ca->issuer, &signature, p)
               == NULL
           && qw_cert_verify(&ca->responder, &tbs, ca->issuer, p) == NULL;
}

static inline X509 *status_x509(const qw_bytes_t *der, apr_pool_t *p)
{
    const unsigned char *at = der->data;
    X509 *cert = d2i_X509(NULL, &at, (long)der->len);

    return qw_own_X509(p, cert);
}

/* 1 if PROBLEM is ours to mend and says CAUSE. */
static inline int status_broke(const qw_problem_t *problem, const char *cause)
{
    return problem != NULL && problem->code == QW_E_SERVER_INTERNAL
           && problem->cause != NULL && strstr(problem->cause, cause) != NULL;
}

#endif
