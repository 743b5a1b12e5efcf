#include "x509/cms.h"

#include "base/file.h"
#include "x509/pem.h"

#include <apr_strings.h>
#include <openssl/cms.h>

#include <string.h>

enum { FILE_MOST = 65536, PIN_MOST = 255 };

struct qw_cms_signer_t {
    X509 *cert;
    EVP_PKEY *key;
};

static qw_problem_t *cannot_read(const char *path, apr_status_t rv,
                                 apr_pool_t *pool)
{
    char buf[120];

    return QW_FAIL(pool, INVALID_INPUT, "QwacmeAuditKey: '%s': %s", path,
                   apr_strerror(rv, buf, sizeof(buf)));
}

static qw_problem_t *load_cert(X509 **cert, const char *path, apr_pool_t *pool)
{
    char *pem = apr_palloc(pool, FILE_MOST + 1);
    apr_size_t len = FILE_MOST;
    apr_status_t rv = qw_file_read(pem, &len, path, pool);
    const unsigned char *at;
    qw_bytes_t der;

    if (rv != APR_EOF)
        return cannot_read(path, rv == APR_SUCCESS ? APR_ENOSPC : rv, pool);
    QW_TRY(qw_pem_certificate(&der, pem, path, pool));
    at = der.data;
    *cert = qw_own_X509(pool, d2i_X509(NULL, &at, (long)der.len));
    if (*cert == NULL)
        return QW_FAIL_BECAUSE(pool, INVALID_INPUT, qw_openssl_reasons(pool),
                               "QwacmeAuditKey: '%s' has a certificate that "
                               "does not decode",
                               path);
    return NULL;
}

/* *PIN: the first line of the file, wiped with POOL; NULL without a file. */
static qw_problem_t *read_pin(char **pin, const char *path, apr_pool_t *pool)
{
    apr_size_t len = PIN_MOST;
    apr_status_t rv;

    *pin = NULL;
    if (path == NULL)
        return NULL;
    *pin = (char *)qw_own_secret(pool, PIN_MOST + 1);
    rv = qw_file_read(*pin, &len, path, pool);
    if (rv != APR_EOF)
        return cannot_read(path, rv == APR_SUCCESS ? APR_ENOSPC : rv, pool);
    (*pin)[strcspn(*pin, "\r\n")] = '\0';
    return NULL;
}

static qw_problem_t *load_key(EVP_PKEY **key, const char *path,
                              const char *pin_path, apr_pool_t *pool)
{
    char *pin;

    QW_TRY(read_pin(&pin, pin_path, pool));
    *key = qw_pem_private_key(path, pin, pool);
    if (*key == NULL)
        return QW_FAIL_BECAUSE(
            pool, INVALID_INPUT, qw_openssl_reasons(pool),
            "QwacmeAuditKey: no private key can be read from "
            "'%s'; name a PEM file, and behind it the file "
            "of its passphrase if it has one",
            path);
    return NULL;
}

qw_problem_t *qw_cms_signer_load(qw_cms_signer_t **signer,
                                 const char *cert_path, const char *key_path,
                                 const char *pin_path, apr_pool_t *pool)
{
    qw_cms_signer_t *made = apr_pcalloc(pool, sizeof(*made));

    QW_TRY(load_cert(&made->cert, cert_path, pool));
    QW_TRY(load_key(&made->key, key_path, pin_path, pool));
    if (X509_check_private_key(made->cert, made->key) != 1)
        return QW_FAIL_BECAUSE(pool, INVALID_INPUT, qw_openssl_reasons(pool),
                               "QwacmeAuditKey: '%s' is not the key of the "
                               "first certificate in '%s'",
                               key_path, cert_path);
    *signer = made;
    return NULL;
}

qw_problem_t *qw_cms_sign(qw_bytes_t *signature, const qw_cms_signer_t *signer,
                          const qw_bytes_t *content, int attached,
                          apr_pool_t *pool)
{
    BIO *in =
        qw_own_BIO(pool, BIO_new_mem_buf(content->data, (int)content->len));
    unsigned flags =
        CMS_BINARY | CMS_NOSMIMECAP | (attached ? 0 : CMS_DETACHED);
    CMS_ContentInfo *cms = NULL;
    unsigned char *der = NULL;
    int len = -1;

    if (in != NULL)
        cms = CMS_sign(signer->cert, signer->key, NULL, in, flags);
    if (cms != NULL)
        len = i2d_CMS_ContentInfo(cms, &der);
    CMS_ContentInfo_free(cms);
    if (len < 0)
        return QW_FAIL_BECAUSE(pool, SERVER_INTERNAL, qw_openssl_reasons(pool),
                               "the audit key does not sign");
    signature->data = apr_pmemdup(pool, der, (apr_size_t)len);
    signature->len = (apr_size_t)len;
    OPENSSL_free(der);
    return NULL;
}

static X509_stack *stack_of(const apr_array_header_t *ders, apr_pool_t *pool)
{
    X509_stack *stack = qw_own_X509_stack(pool, sk_X509_new_null());

    for (int i = 0; stack != NULL && i < ders->nelts; i++) {
        const qw_bytes_t *der = &APR_ARRAY_IDX(ders, i, qw_bytes_t);
        const unsigned char *at = der->data;
        X509 *cert = d2i_X509(NULL, &at, (long)der->len);

        if (cert != NULL && sk_X509_push(stack, cert) == 0)
            X509_free(cert);
    }
    return stack;
}

/* CMS_NOINTERN: certificates inside of the signature prove nothing. */
qw_problem_t *qw_cms_verify(const qw_bytes_t *signature,
                            const qw_bytes_t *content,
                            const apr_array_header_t *trusted, apr_pool_t *pool)
{
    const unsigned flags =
        CMS_BINARY | CMS_NO_SIGNER_CERT_VERIFY | CMS_NOINTERN;
    BIO *in =
        qw_own_BIO(pool, BIO_new_mem_buf(content->data, (int)content->len));
    X509_stack *certs = stack_of(trusted, pool);
    const unsigned char *at = signature->data;
    CMS_ContentInfo *cms = d2i_CMS_ContentInfo(NULL, &at, (long)signature->len);
    int good = in != NULL && certs != NULL && cms != NULL
               && at == signature->data + signature->len
               && CMS_verify(cms, certs, NULL, in, NULL, flags) == 1;

    CMS_ContentInfo_free(cms);
    if (!good)
        return QW_FAIL_BECAUSE(pool, UNAUTHORIZED, qw_openssl_reasons(pool),
                               "the signature is not by a trusted key over "
                               "this");
    return NULL;
}
