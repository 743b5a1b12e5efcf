/* A private key in a PKCS#11 token, by the engine of OpenSSL 3.0; where there
 * are no engines any more, the store opens the same URI by a provider. */
/* before any OpenSSL header: engines are a decision, not an accident */
#define OPENSSL_SUPPRESS_DEPRECATED

#include "ca/key_driver.h"

#include "base/text.h"

#include <openssl/opensslconf.h>
#ifndef OPENSSL_NO_ENGINE
#include <openssl/engine.h>
#endif

#include <stdlib.h>
#include <string.h>

static int takes(const char *uri)
{
    return strncmp(uri, "pkcs11:", 7) == 0;
}

#ifndef OPENSSL_NO_ENGINE

static apr_status_t finish(void *engine)
{
    ENGINE_finish(engine);
    ENGINE_free(engine);
    return APR_SUCCESS;
}

/* The token's module: the engine's own default, or what the environment of
 * httpd names (PKCS11_MODULE_PATH, as p11-kit's tools do). */
static ENGINE *start_engine(const char *pin)
{
    const char *module = getenv("PKCS11_MODULE_PATH");
    ENGINE *engine;

    ENGINE_load_builtin_engines();
    engine = ENGINE_by_id("pkcs11");
    if (engine == NULL)
        return NULL;
    if ((module == NULL
         || ENGINE_ctrl_cmd_string(engine, "MODULE_PATH", module, 0))
        && (pin == NULL || ENGINE_ctrl_cmd_string(engine, "PIN", pin, 0))
        && ENGINE_init(engine))
        return engine;
    ENGINE_free(engine);
    return NULL;
}

static qw_problem_t *no_key(const char *uri, apr_pool_t *pool)
{
    return QW_FAIL_BECAUSE(pool, INVALID_INPUT, qw_openssl_reasons(pool),
                           "no private key at %s",
                           qw_text_safe(uri, 120, pool));
}

static qw_problem_t *open_token(qw_key_held_t *held, const char *uri,
                                const char *pin, apr_pool_t *pool)
{
    ENGINE *engine = start_engine(pin);

    if (engine == NULL)
        return QW_FAIL_BECAUSE(pool, INVALID_INPUT, qw_openssl_reasons(pool),
                               "%s: the pkcs11 engine does not "
                               "start; install libengine-pkcs11-openssl and "
                               "set PKCS11_MODULE_PATH",
                               qw_text_safe(uri, 120, pool));
    apr_pool_cleanup_register(pool, engine, finish, apr_pool_cleanup_null);
    held->by = engine;
    held->pkey =
        qw_own_EVP_PKEY(pool, ENGINE_load_private_key(engine, uri, NULL, NULL));
    return held->pkey != NULL ? NULL : no_key(uri, pool);
}

/* The engine looks for the object in the token again, in the same session. */
static qw_problem_t *touch_token(const qw_key_held_t *held, const char *uri,
                                 const char *pin, apr_pool_t *pool)
{
    EVP_PKEY *found = ENGINE_load_private_key(held->by, uri, NULL, NULL);

    if (found == NULL)
        return no_key(uri, pool);
    EVP_PKEY_free(found);
    return NULL;
}

const qw_key_driver_t qw_key_pkcs11 = { "pkcs11", 1, takes, open_token,
                                        touch_token };

#else

static qw_problem_t *open_token(qw_key_held_t *held, const char *uri,
                                const char *pin, apr_pool_t *pool)
{
    return qw_key_store.open(held, uri, pin, pool);
}

static qw_problem_t *touch_token(const qw_key_held_t *held, const char *uri,
                                 const char *pin, apr_pool_t *pool)
{
    return qw_key_store.touch(held, uri, pin, pool);
}

const qw_key_driver_t qw_key_pkcs11 = { "pkcs11", 1, takes, open_token,
                                        touch_token };

#endif
