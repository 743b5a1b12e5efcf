/* own.h -- hand a foreign object to a pool. Threads: one pool, one thread.
 *
 *     X509_REQ *req = qw_own_X509_REQ(p, d2i_X509_REQ(NULL, &der, len));
 *
 * From then on the pool frees it. qw_own_*(p, NULL) returns NULL, so one
 * check after the call covers both failures. Own an object once. */
#ifndef QW_BASE_OWN_H
#define QW_BASE_OWN_H

#include <apr_pools.h>
#include <jansson.h>
#include <openssl/bn.h>
#include <openssl/evp.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

/* A stack and the certificates in it. */
typedef STACK_OF(X509) X509_stack;

/* QW_OWN(type, free function): the whole list, in one place */
#define QW_OWNED_TYPES(QW_OWN)                                                 \
    QW_OWN(BIGNUM, BN_free)                                                    \
    QW_OWN(BIO, BIO_vfree)                                                     \
    QW_OWN(EVP_MD_CTX, EVP_MD_CTX_free)                                        \
    QW_OWN(EVP_PKEY, EVP_PKEY_free)                                            \
    QW_OWN(SSL, SSL_free)                                                      \
    QW_OWN(SSL_CTX, SSL_CTX_free)                                              \
    QW_OWN(X509, X509_free)                                                    \
    QW_OWN(X509_REQ, X509_REQ_free)                                            \
    QW_OWN(X509_NAME, X509_NAME_free)                                          \
    QW_OWN(X509_STORE, X509_STORE_free)                                        \
    QW_OWN(X509_STORE_CTX, X509_STORE_CTX_free)                                \
    QW_OWN(X509_stack, X509_stack_free)                                        \
    QW_OWN(json_t, json_decref)

#define QW_OWN_DECLARE(type, freefn)                                           \
    type *qw_own_##type(apr_pool_t *pool, type *obj);
QW_OWNED_TYPES(QW_OWN_DECLARE)
#undef QW_OWN_DECLARE

/* LEN zero bytes in POOL, wiped when the pool goes. */
unsigned char *qw_own_secret(apr_pool_t *pool, apr_size_t len);

/* OpenSSL's reasons, oldest first, "; " between; the queue is empty afterwards.
 * For the CAUSE of a problem, never for its detail. */
const char *qw_openssl_reasons(apr_pool_t *pool);

#endif
