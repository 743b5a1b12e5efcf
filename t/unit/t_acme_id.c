/* What a tls-alpn-01 certificate must be: RFC8737-3, one deviation at a time. */
#include "acme_cert.h"
#include "tap.h"
#include "x509/acme_id.h"

#include <apr_general.h>
#include <apr_strings.h>
#include <openssl/err.h>

#define KEY_AUTH "token.thumbprint"

static apr_pool_t *pool;
static unsigned char digest[32]; /* of KEY_AUTH */

static qw_bytes_t der_of(const acme_cert_t *spec)
{
    EVP_PKEY *key;
    X509 *cert = acme_cert(spec, &key);
    unsigned char *der = NULL;
    int len = i2d_X509(cert, &der);
    qw_bytes_t bytes = { apr_pmemdup(pool, der, (apr_size_t)len),
                         (apr_size_t)len };

    OPENSSL_free(der);
    X509_free(cert);
    EVP_PKEY_free(key);
    return bytes;
}

static const char *verdict(const acme_cert_t *spec)
{
    qw_bytes_t der = der_of(spec);
    qw_problem_t *prob =
        qw_acme_id_check(&der, "www.example.org", digest, pool);

    ok(ERR_peek_error() == 0, "[T-10] the error queue is clean");
    if (prob == NULL)
        return "valid";
    return prob->code == QW_E_UNAUTHORIZED ? prob->detail : "?";
}

static void refuses(const acme_cert_t *spec, const char *why, const char *name)
{
    const char *got = verdict(spec);

    ok(strstr(got, why) != NULL, "%s", name);
    if (strstr(got, why) == NULL)
        printf("# %s\n", got);
}

static const acme_cert_t right = { .san = "DNS:www.example.org",
                                   .oid = ACME_OID,
                                   .key_auth = KEY_AUTH };

static void test_names(void)
{
    static const char *const wrong[] = {
        "DNS:example.org",
        "DNS:*.example.org",
        "DNS:www.example.org.evil.net",
        "DNS:www.example.org.",
        "DNS:www.example.org,DNS:a.example.org",
        "DNS:www.example.org,DNS:www.example.org",
        "DNS:www.example.org,email:a@example.org",
        "DNS:www.example.org,IP:192.0.2.1",
        "DNS:www.example.org,URI:http://www.example.org/",
        "IP:192.0.2.1",
        "email:www.example.org",
        NULL
    };
    acme_cert_t spec = right;

    for (int i = 0; wrong[i] != NULL; i++) {
        spec.san = wrong[i];
        refuses(&spec, "exactly the one name",
                apr_pstrcat(pool, "[ALP-07] ", wrong[i], NULL));
    }
    spec.san = NULL;
    refuses(&spec, "no subjectAltName", "[ALP-07] no subjectAltName");
    spec.san = spec.san2 = right.san;
    refuses(&spec, "not a single valid one", "[ALP-07] subjectAltName twice");
    spec = right;
    spec.san = "DNS:WWW.Example.ORG";
    is_str(verdict(&spec), "valid", "[T-02] another case");
}

static void test_digest(void)
{
    acme_cert_t spec = right;
    const char *digest =
        "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f";

    spec.uncritical = 1;
    refuses(&spec, "not critical", "[ALP-04] not critical");
    spec = right;
    spec.oid = "1.3.6.1.5.5.7.1.30.1";
    refuses(&spec, "no acmeIdentifier", "[ALP-05] obsolete OID");
    spec.oid = NULL;
    refuses(&spec, "no acmeIdentifier", "no digest at all");
    spec = right;
    spec.twice = 1;
    refuses(&spec, "twice", "digest twice");
    spec = right;
    spec.key_auth = "token.other";
    refuses(&spec, "not the SHA-256", "[T-07] another account's digest");
    spec = right;
    spec.value = apr_pstrcat(pool, "0420", digest, NULL);
    refuses(&spec, "not the SHA-256", "another digest");
    spec.value = digest;
    refuses(&spec, "not the SHA-256", "no OCTET STRING");
    spec.value = "0400";
    refuses(&spec, "not the SHA-256", "empty OCTET STRING");
    spec.value = "04";
    refuses(&spec, "not the SHA-256", "cut short");
}

static void test_trailing(void)
{
    acme_cert_t spec = right;
    unsigned char digest[32];
    char *hex;
    qw_bytes_t der = der_of(&right), longer;
    unsigned char *copy = apr_pcalloc(pool, der.len + 1);

    EVP_Digest(KEY_AUTH, strlen(KEY_AUTH), digest, NULL, EVP_sha256(), NULL);
    hex = OPENSSL_buf2hexstr(digest, 32);
    spec.value = apr_pstrcat(pool, "04:20:", hex, ":00", NULL);
    refuses(&spec, "not the SHA-256", "a byte after the digest");
    spec.value = apr_pstrcat(pool, "04:21:", hex, ":00", NULL);
    refuses(&spec, "not the SHA-256", "33 bytes");
    spec.value = apr_pstrcat(pool, "04:81:20:", hex, NULL);
    refuses(&spec, "not the SHA-256", "not DER");
    OPENSSL_free(hex);

    memcpy(copy, der.data, der.len);
    longer = (qw_bytes_t){ copy, der.len + 1 };
    ok(qw_acme_id_check(&longer, "www.example.org", digest, pool) != NULL,
       "a byte after the certificate");
    longer.len = der.len - 1;
    ok(qw_acme_id_check(&longer, "www.example.org", digest, pool) != NULL,
       "a certificate cut short");
    ok(ERR_peek_error() == 0, "[T-10] leaves no error behind");
}

int main(void)
{
    acme_cert_t spec = right;

    apr_initialize();
    apr_pool_create(&pool, NULL);
    EVP_Digest(KEY_AUTH, strlen(KEY_AUTH), digest, NULL, EVP_sha256(), NULL);
    is_str(verdict(&right), "valid", "[ALP-01] the right certificate");
    test_names();
    test_digest();
    test_trailing();
    spec.issuer_cn = "some CA";
    refuses(&spec, "not self-signed", "[T-09] issued by somebody");
    apr_pool_destroy(pool);
    return done_testing();
}
