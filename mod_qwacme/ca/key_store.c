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

static qw_problem_t *open_store(EVP_PKEY **key, const qw_issuer_conf_t *conf,
                                apr_pool_t *pool)
{
    UI_METHOD *method = UI_create_method("qwacme pin");
    OSSL_STORE_CTX *ctx;
    const char *pin;

    QW_TRY(qw_key_pin(&pin, conf, pool));
    UI_method_set_reader(method, read_pin);
    ctx = OSSL_STORE_open(conf->key_uri, method, (void *)pin, NULL, NULL);
    *key = qw_own_EVP_PKEY(pool, first_key(ctx));
    OSSL_STORE_close(ctx);
    UI_destroy_method(method);
    if (*key == NULL)
        return QW_FAIL_BECAUSE(pool, INVALID_INPUT, qw_openssl_reasons(pool),
                               "QwacmeIssuer: no private key at %s",
                               qw_text_safe(conf->key_uri, 120, pool));
    (void)qw_openssl_reasons(pool);
    return NULL;
}

const qw_key_driver_t qw_key_store = { "store", takes, open_store };
