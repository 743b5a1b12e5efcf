#include "x509/acme_id.h"

#include "base/own.h"

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <string.h>
#include <strings.h>

enum { DIGEST = 32 };

/* RFC8737-6.1: id-pe-acmeIdentifier. OpenSSL has no name for it. */
static const char acme_identifier[] = "1.3.6.1.5.5.7.1.31";

static int is_only_name(const GENERAL_NAMES *names, const char *domain)
{
    const GENERAL_NAME *name;
    const ASN1_IA5STRING *text;

    if (sk_GENERAL_NAME_num(names) != 1)
        return 0;
    name = sk_GENERAL_NAME_value(names, 0);
    if (name->type != GEN_DNS)
        return 0;
    text = name->d.dNSName;
    return (size_t)ASN1_STRING_length(text) == strlen(domain)
           && strncasecmp((const char *)ASN1_STRING_get0_data(text), domain,
                          strlen(domain))
                  == 0;
}

static const char *names_fault(const X509 *cert, const char *domain)
{
    int critical = 0, right;
    /* NULL with -1: none; with -2: more than one */
    GENERAL_NAMES *names =
        X509_get_ext_d2i(cert, NID_subject_alt_name, &critical, NULL);

    if (names == NULL)
        return critical == -1 ? "it has no subjectAltName"
                              : "its subjectAltName is not a single valid one";
    right = is_only_name(names, domain);
    GENERAL_NAMES_free(names);
    return right ? NULL
                 : "its subjectAltName is not exactly the one name validated";
}

/* The extension's value: an OCTET STRING of 32 bytes in DER, nothing after. */
static int holds_digest(const ASN1_OCTET_STRING *value,
                        const unsigned char digest[DIGEST])
{
    const unsigned char *data = ASN1_STRING_get0_data(value);

    return ASN1_STRING_length(value) == DIGEST + 2
           && data[0] == V_ASN1_OCTET_STRING && data[1] == DIGEST
           && memcmp(data + 2, digest, DIGEST) == 0;
}

static const char *digest_fault(const X509 *cert,
                                const unsigned char digest[DIGEST])
{
    ASN1_OBJECT *oid = OBJ_txt2obj(acme_identifier, 1);
    int at = oid == NULL ? -1 : X509_get_ext_by_OBJ(cert, oid, -1);
    int again = at < 0 ? -1 : X509_get_ext_by_OBJ(cert, oid, at);
    X509_EXTENSION *ext = at < 0 ? NULL : X509_get_ext(cert, at);

    ASN1_OBJECT_free(oid);
    if (ext == NULL)
        return "it has no acmeIdentifier extension (1.3.6.1.5.5.7.1.31)";
    if (again >= 0)
        return "it has the acmeIdentifier extension twice";
    if (!X509_EXTENSION_get_critical(ext))
        return "its acmeIdentifier extension is not critical";
    if (!holds_digest(X509_EXTENSION_get_data(ext), digest))
        return "its acmeIdentifier is not the SHA-256 of the key authorization";
    return NULL;
}

static const char *fault(const X509 *cert, const char *domain,
                         const unsigned char digest[DIGEST])
{
    const char *what = names_fault(cert, domain);

    if (what == NULL)
        what = digest_fault(cert, digest);
    if (what == NULL
        && X509_NAME_cmp(X509_get_subject_name(cert),
                         X509_get_issuer_name(cert))
               != 0)
        what = "it is not self-signed";
    return what;
}

qw_problem_t *qw_acme_id_check(const qw_bytes_t *der, const char *domain,
                               const unsigned char *digest, apr_pool_t *pool)
{
    const unsigned char *end = der->data;
    X509 *cert = qw_own_X509(pool, d2i_X509(NULL, &end, (long)der->len));
    const char *what;

    if (cert == NULL || end != der->data + der->len)
        what = "it does not parse";
    else
        what = fault(cert, domain, digest);
    ERR_clear_error();
    if (what != NULL)
        return QW_FAIL(pool, UNAUTHORIZED,
                       "the certificate shown for %s does not answer the "
                       "challenge: %s",
                       domain, what);
    return NULL;
}
