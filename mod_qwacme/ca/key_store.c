/* A private key by any URI that OpenSSL's store opens (providers). */
#include "ca/key_driver.h"

#include "base/text.h"

#include <openssl/store.h>
#include <openssl/ui.h>

#include <string.h>

static int takes(const char *uri)
{
    return 1;
}

static int read_pin(UI *ui, UI_STRING *string)
{
    const char *pin = UI_get0_user_data(ui);

    return pin != NULL && UI_set_result(ui, string, pin) == 0;
}

static EVP_PKEY *first_key(OSSL_STORE_CTX *ctx)
{
    EVP_PKEY *key = NULL;

    while (ctx != NULL && key == NULL && !OSSL_STORE_eof(ctx)) {
        OSSL_STORE_INFO *info = OSSL_STORE_load(ctx);

        if (info != NULL
            && OSSL_STORE_INFO_get_type(info) == OSSL_STORE_INFO_PKEY)
            key = OSSL_STORE_INFO_get1_PKEY(info);
        OSSL_STORE_INFO_free(info);
    }
    return key;
}

static qw_problem_t *open_store(qw_key_held_t *held, const char *uri,
                                const char *pin, apr_pool_t *pool)
{
    UI_METHOD *method = UI_create_method("qwacme pin");
    OSSL_STORE_CTX *ctx;

    UI_method_set_reader(method, read_pin);
    ctx = OSSL_STORE_open(uri, method, (void *)pin, NULL, NULL);
    held->pkey = qw_own_EVP_PKEY(pool, first_key(ctx));
    OSSL_STORE_close(ctx);
    UI_destroy_method(method);
    if (held->pkey == NULL)
        return QW_FAIL_BECAUSE(pool, INVALID_INPUT, qw_openssl_reasons(pool),
                               "no private key at %s",
                               qw_text_safe(uri, 120, pool));
    (void)qw_openssl_reasons(pool);
    return NULL;
}

/* There is no question that a provider must answer but this one. */
static qw_problem_t *touch_store(const qw_key_held_t *held, const char *uri,
                                 const char *pin, apr_pool_t *pool)
{
    qw_key_held_t another = { NULL, NULL };

    return open_store(&another, uri, pin, pool);
}

const qw_key_driver_t qw_key_store = { "store", 1, takes, open_store,
                                       touch_store };
