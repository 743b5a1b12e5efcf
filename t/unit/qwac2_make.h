/* qwac2_make.h -- 2-QWACs and what is around them, right and wrong in any one
 * respect, as of 2026-11-24. */
#ifndef QWAC2_MAKE_H
#define QWAC2_MAKE_H

#include "base/bytes.h"
#include "base/own.h"

#include <apr_strings.h>
#include <apr_tables.h>
#include <openssl/conf.h>
#include <openssl/ec.h>
#include <openssl/rsa.h>
#include <openssl/x509v3.h>

#include <stdlib.h>
#include <string.h>

enum { QWAC2_NOW = 1795521600, QWAC2_DAY = 86400 };

#define TLS_BINDING "0.4.0.194115.1.0"
#define QNCP_W_GEN  "0.4.0.194112.1.6"
/* qcStatements of QcCompliance and QcType web, and wrong ones */
#define QC_WEB                                                                 \
    "DER:301f3008060604008e4601013013060604008e4601063009060704008e46"         \
    "010603"
#define QC_NO_COMPLIANCE "DER:30153013060604008e4601063009060704008e46010603"
#define QC_NO_TYPE       "DER:300a3008060604008e460101"
#define QC_SEAL                                                                \
    "DER:301f3008060604008e4601013013060604008e4601063009060704008e46"         \
    "010602"
#define QC_WEB_AND_SEAL                                                        \
    "DER:30283008060604008e460101301c060604008e4601063012060704008e46"         \
    "010603060704008e46010602"

typedef struct {
    const char *group;      /* "P-256", "P-384"; "RSA" */
    const char *purpose;    /* NULL: no extended key usage */
    const char *statements; /* "DER:..."; NULL: none */
    const char *policy;     /* NULL: none */
    const char *san;
    long from, to; /* days from QWAC2_NOW */
} qwac2_t;

/* One of them: certificate and key. */
typedef struct {
    X509 *cert;
    EVP_PKEY *key;
    qw_bytes_t der;
} qwac2_made_t;

static inline void qwac2_add(X509 *cert, const char *name, const char *value)
{
    X509V3_CTX ctx;
    X509_EXTENSION *ext;
    CONF *conf;

    if (value == NULL)
        return;
    conf = NCONF_new(NULL); /* policies are not read without one */
    X509V3_set_ctx(&ctx, cert, cert, NULL, NULL, 0);
    X509V3_set_nconf(&ctx, conf);
    ext = X509V3_EXT_nconf(conf, &ctx, name, value);
    if (ext == NULL)
        abort();
    X509_add_ext(cert, ext, -1);
    X509_EXTENSION_free(ext);
    NCONF_free(conf);
}

static inline X509 *qwac2_blank(const char *cn, EVP_PKEY *key, long from,
                                long to)
{
    static long serial;
    X509 *cert = X509_new();

    X509_set_version(cert, X509_VERSION_3);
    ASN1_INTEGER_set(X509_get_serialNumber(cert), ++serial);
    ASN1_TIME_set(X509_getm_notBefore(cert), QWAC2_NOW + from * QWAC2_DAY);
    ASN1_TIME_set(X509_getm_notAfter(cert), QWAC2_NOW + to * QWAC2_DAY);
    X509_NAME_add_entry_by_txt(X509_get_subject_name(cert), "CN", MBSTRING_ASC,
                               (const unsigned char *)cn, -1, -1, 0);
    X509_set_pubkey(cert, key);
    return cert;
}

static inline qwac2_made_t qwac2_done(X509 *cert, EVP_PKEY *key,
                                      const qwac2_made_t *by, apr_pool_t *pool)
{
    qwac2_made_t made = { qw_own_X509(pool, cert),
                          qw_own_EVP_PKEY(pool, key),
                          { NULL, 0 } };
    unsigned char *der = NULL;
    int len;

    X509_set_issuer_name(cert,
                         X509_get_subject_name(by != NULL ? by->cert : cert));
    X509_sign(cert, by != NULL ? by->key : key, EVP_sha256());
    len = i2d_X509(cert, &der);
    made.der.data = apr_pmemdup(pool, der, (apr_size_t)len);
    made.der.len = (apr_size_t)len;
    OPENSSL_free(der);
    return made;
}

/* A CA named CN, by BY or by itself. */
static inline qwac2_made_t qwac2_ca(const char *cn, const qwac2_made_t *by,
                                    long to, apr_pool_t *pool)
{
    EVP_PKEY *key = EVP_EC_gen("P-256");
    X509 *cert = qwac2_blank(cn, key, -9, to);

    qwac2_add(cert, "basicConstraints", "critical,CA:TRUE");
    qwac2_add(cert, "keyUsage", "critical,keyCertSign,cRLSign");
    return qwac2_done(cert, key, by, pool);
}

static inline EVP_PKEY *qwac2_key(const char *group)
{
    return strcmp(group, "RSA") == 0 ? EVP_RSA_gen(2048) : EVP_EC_gen(group);
}

static inline qwac2_made_t qwac2_make(const qwac2_t *spec,
                                      const qwac2_made_t *by, apr_pool_t *pool)
{
    EVP_PKEY *key = qwac2_key(spec->group);
    X509 *cert = qwac2_blank("2-QWAC", key, spec->from, spec->to);

    qwac2_add(cert, "keyUsage", "critical,digitalSignature");
    qwac2_add(cert, "extendedKeyUsage", spec->purpose);
    qwac2_add(cert, "1.3.6.1.5.5.7.1.3", spec->statements);
    qwac2_add(cert, "certificatePolicies", spec->policy);
    qwac2_add(cert, "subjectAltName", spec->san);
    return qwac2_done(cert, key, by, pool);
}

/* An ordinary TLS certificate that ends TO days from now. */
static inline qwac2_made_t qwac2_leaf(long to, apr_pool_t *pool)
{
    EVP_PKEY *key = EVP_EC_gen("P-256");
    X509 *cert = qwac2_blank("www.example.fr", key, -9, to);

    qwac2_add(cert, "extendedKeyUsage", "serverAuth");
    qwac2_add(cert, "subjectAltName", "DNS:www.example.fr");
    return qwac2_done(cert, key, NULL, pool);
}

static inline apr_array_header_t *qwac2_list(apr_pool_t *pool)
{
    return apr_array_make(pool, 3, sizeof(qw_bytes_t));
}

#endif
