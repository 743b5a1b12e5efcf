#include "x509/pem.h"

#include <apr_strings.h>
#include <openssl/err.h>
#include <openssl/pem.h>

#include <string.h>

qw_problem_t *qw_pem_certificate(qw_bytes_t *der, const char *pem,
                                 const char *where, apr_pool_t *pool)
{
    BIO *bio = qw_own_BIO(pool, BIO_new_mem_buf(pem, -1));
    unsigned char *bytes = NULL;
    long len = 0;

    if (bio == NULL
        || PEM_bytes_read_bio(&bytes, &len, NULL, PEM_STRING_X509, bio, NULL,
                              NULL)
               != 1)
        return QW_FAIL_BECAUSE(pool, INVALID_INPUT, qw_openssl_reasons(pool),
                               "%s: no certificate in PEM form", where);
    der->data = apr_pmemdup(pool, bytes, (apr_size_t)len);
    der->len = (apr_size_t)len;
    OPENSSL_free(bytes);
    return NULL;
}

qw_problem_t *qw_pem_certificates(apr_array_header_t **ders, const char *pem,
                                  const char *where, apr_pool_t *pool)
{
    BIO *bio = qw_own_BIO(pool, BIO_new_mem_buf(pem, -1));
    unsigned char *bytes = NULL;
    long len = 0;

    *ders = apr_array_make(pool, 3, sizeof(qw_bytes_t));
    while (bio != NULL
           && PEM_bytes_read_bio(&bytes, &len, NULL, PEM_STRING_X509, bio, NULL,
                                 NULL)
                  == 1) {
        qw_bytes_t *der = &APR_ARRAY_PUSH(*ders, qw_bytes_t);

        der->data = apr_pmemdup(pool, bytes, (apr_size_t)len);
        der->len = (apr_size_t)len;
        OPENSSL_free(bytes);
    }
    if ((*ders)->nelts == 0
        || ERR_GET_REASON(ERR_peek_last_error()) != PEM_R_NO_START_LINE)
        return QW_FAIL_BECAUSE(pool, INVALID_INPUT, qw_openssl_reasons(pool),
                               "%s: certificate %d is not there or not in PEM "
                               "form",
                               where, (*ders)->nelts + 1);
    ERR_clear_error();
    return NULL;
}

/* Asked for a passphrase: ours, or none; never a terminal. */
static int give_pin(char *buf, int size, int writing, void *pin)
{
    int len = pin != NULL ? (int)strlen(pin) : 0;

    if (len == 0 || len > size)
        return 0;
    memcpy(buf, pin, (size_t)len);
    return len;
}

EVP_PKEY *qw_pem_private_key(const char *path, const char *pin,
                             apr_pool_t *pool)
{
    BIO *bio = qw_own_BIO(pool, BIO_new_file(path, "r"));

    if (bio == NULL)
        return NULL;
    return qw_own_EVP_PKEY(pool, PEM_read_bio_PrivateKey(bio, NULL, give_pin,
                                                         (void *)pin));
}
