/* acme_cert.h -- certificates as a tls-alpn-01 server shows them, right and
 * wrong in any one respect. */
#ifndef ACME_CERT_H
#define ACME_CERT_H

#include "base/bytes.h"

#include <apr_pools.h>
#include <openssl/evp.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <stdlib.h>
#include <string.h>

typedef struct {
    const char *san;  /* as openssl.cnf, "DNS:a.test"; NULL: none */
    const char *san2; /* a second extension of the same kind */
    const char *oid;  /* of the digest; NULL: no such extension */
    int uncritical;
    int twice;
    const char *value; /* hex of the extension's content, NULL: the digest */
    const char *issuer_cn; /* NULL: self-signed */
    const char *key_auth;
} acme_cert_t;

#define ACME_OID "1.3.6.1.5.5.7.1.31"

static inline void acme_cert_add(X509 *cert, const acme_cert_t *spec)
{
    unsigned char content[256] = { 0x04, 32 };
    long len = 34;
    ASN1_OBJECT *oid = OBJ_txt2obj(spec->oid, 1);
    ASN1_OCTET_STRING *string = ASN1_OCTET_STRING_new();
    X509_EXTENSION *ext;

    if (spec->value == NULL)
        EVP_Digest(spec->key_auth, strlen(spec->key_auth), content + 2, NULL,
                   EVP_sha256(), NULL);
    else {
        unsigned char *bytes = OPENSSL_hexstr2buf(spec->value, &len);

        memcpy(content, bytes, (size_t)len);
        OPENSSL_free(bytes);
    }
    ASN1_OCTET_STRING_set(string, content, (int)len);
    ext = X509_EXTENSION_create_by_OBJ(NULL, oid, !spec->uncritical, string);
    X509_add_ext(cert, ext, -1);
    X509_EXTENSION_free(ext);
    ASN1_OCTET_STRING_free(string);
    ASN1_OBJECT_free(oid);
}

static inline void acme_cert_san(X509 *cert, const char *san)
{
    X509_EXTENSION *ext =
        X509V3_EXT_conf_nid(NULL, NULL, NID_subject_alt_name, san);

    if (ext == NULL)
        abort();
    X509_add_ext(cert, ext, -1);
    X509_EXTENSION_free(ext);
}

/* The caller frees both. */
static inline X509 *acme_cert(const acme_cert_t *spec, EVP_PKEY **key)
{
    X509 *cert = X509_new();
    X509_NAME *name = X509_get_subject_name(cert);

    *key = EVP_EC_gen("P-256");
    X509_set_version(cert, X509_VERSION_3);
    ASN1_INTEGER_set(X509_get_serialNumber(cert), 1);
    X509_gmtime_adj(X509_getm_notBefore(cert), -3600);
    X509_gmtime_adj(X509_getm_notAfter(cert), 3600);
    X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC,
                               (const unsigned char *)"x", -1, -1, 0);
    X509_set_issuer_name(cert, name);
    if (spec->issuer_cn != NULL)
        X509_NAME_add_entry_by_txt(X509_get_issuer_name(cert), "CN",
                                   MBSTRING_ASC,
                                   (const unsigned char *)spec->issuer_cn, -1,
                                   -1, 0);
    X509_set_pubkey(cert, *key);
    if (spec->san != NULL)
        acme_cert_san(cert, spec->san);
    if (spec->san2 != NULL)
        acme_cert_san(cert, spec->san2);
    for (int i = 0; spec->oid != NULL && i <= spec->twice; i++)
        acme_cert_add(cert, spec);
    X509_sign(cert, *key, EVP_sha256());
    return cert;
}

#endif
