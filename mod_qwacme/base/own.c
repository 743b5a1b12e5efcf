#include "base/own.h"

#include <apr_strings.h>
#include <openssl/crypto.h>
#include <openssl/err.h>

static void X509_stack_free(X509_stack *stack)
{
    sk_X509_pop_free(stack, X509_free);
}

#define QW_OWN_DEFINE(type, freefn)                                            \
    static apr_status_t free_##type(void *obj)                                 \
    {                                                                          \
        freefn((type *)obj);                                                   \
        return APR_SUCCESS;                                                    \
    }                                                                          \
    type *qw_own_##type(apr_pool_t *pool, type *obj)                           \
    {                                                                          \
        if (obj != NULL)                                                       \
            apr_pool_cleanup_register(pool, obj, free_##type,                  \
                                      apr_pool_cleanup_null);                  \
        return obj;                                                            \
    }
QW_OWNED_TYPES(QW_OWN_DEFINE)

typedef struct {
    apr_size_t len;
    unsigned char bytes[1];
} secret_t;

static apr_status_t wipe(void *data)
{
    secret_t *secret = data;

    OPENSSL_cleanse(secret->bytes, secret->len);
    return APR_SUCCESS;
}

unsigned char *qw_own_secret(apr_pool_t *pool, apr_size_t len)
{
    secret_t *secret = apr_pcalloc(pool, sizeof(*secret) + len);

    secret->len = len;
    apr_pool_cleanup_register(pool, secret, wipe, apr_pool_cleanup_null);
    return secret->bytes;
}

const char *qw_openssl_reasons(apr_pool_t *pool)
{
    const char *all = "";
    char buf[160];
    unsigned long e;

    while ((e = ERR_get_error()) != 0) {
        ERR_error_string_n(e, buf, sizeof(buf));
        all = apr_pstrcat(pool, all, *all != '\0' ? "; " : "", buf, NULL);
    }
    return all;
}
