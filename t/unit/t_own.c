#include "base/own.h"

#include "tap.h"

#include <apr_general.h>
#include <openssl/err.h>

/* A JSON string whose count tells that it was released. */
static void test_pool_frees(void)
{
    apr_pool_t *pool;
    json_t *value = json_string("x");

    apr_pool_create(&pool, NULL);
    json_incref(value);
    ok(qw_own_json_t(pool, value) == value, "what is owned is returned");
    ok(value->refcount == 2, "and lives");
    apr_pool_destroy(pool);
    ok(value->refcount == 1, "until its pool goes");
    json_decref(value);
}

static void test_null(void)
{
    apr_pool_t *pool;

    apr_pool_create(&pool, NULL);
    ok(qw_own_X509(pool, NULL) == NULL && qw_own_EVP_PKEY(pool, NULL) == NULL
           && qw_own_BIO(pool, NULL) == NULL
           && qw_own_json_t(pool, NULL) == NULL,
       "nothing is owned of nothing");
    ok(qw_own_BIGNUM(pool, BN_new()) != NULL
           && qw_own_BIO(pool, BIO_new(BIO_s_mem())) != NULL
           && qw_own_EVP_MD_CTX(pool, EVP_MD_CTX_new()) != NULL
           && qw_own_X509(pool, X509_new()) != NULL
           && qw_own_X509_REQ(pool, X509_REQ_new()) != NULL
           && qw_own_X509_NAME(pool, X509_NAME_new()) != NULL
           && qw_own_EVP_PKEY(pool, EVP_PKEY_new()) != NULL
           && qw_own_SSL_CTX(pool, SSL_CTX_new(TLS_client_method())) != NULL,
       "the rest is freed with the pool, or the leak checker tells");
    apr_pool_destroy(pool);
}

static const unsigned char *seen;

static apr_status_t look(void *data)
{
    int i, all = 0;

    for (i = 0; i < 32; i++)
        all |= seen[i];
    ok(all == 0, "and is wiped when its pool goes");
    return APR_SUCCESS;
}

static void test_secret(void)
{
    apr_pool_t *pool;
    unsigned char *secret;
    int i, all = 0;

    apr_pool_create(&pool, NULL);
    /* Cleanups run last registered first: this one after the wipe. */
    apr_pool_cleanup_register(pool, NULL, look, apr_pool_cleanup_null);
    secret = qw_own_secret(pool, 32);
    for (i = 0; i < 32; i++)
        all |= secret[i];
    ok(all == 0, "a secret begins as zero");
    memset(secret, 0xa5, 32);
    seen = secret;
    apr_pool_destroy(pool);
}

static void test_reasons(void)
{
    apr_pool_t *pool;
    const char *reasons;

    apr_pool_create(&pool, NULL);
    ERR_clear_error();
    is_str(qw_openssl_reasons(pool), "", "no reason when nothing failed");
    ERR_raise(ERR_LIB_EVP, EVP_R_BAD_DECRYPT);
    ERR_raise(ERR_LIB_EVP, EVP_R_INVALID_KEY_LENGTH);
    reasons = qw_openssl_reasons(pool);
    ok(strstr(reasons, "bad decrypt") != NULL
           && strstr(reasons, "; ") > strstr(reasons, "bad decrypt"),
       "reasons, the oldest first");
    ok(ERR_peek_error() == 0, "the queue is empty afterwards");
    apr_pool_destroy(pool);
}

int main(void)
{
    apr_initialize();
    SSL_CTX_free(SSL_CTX_new(TLS_client_method())); /* OpenSSL begins */
    test_pool_frees();
    test_null();
    test_secret();
    test_reasons();
    apr_terminate();
    return done_testing();
}
