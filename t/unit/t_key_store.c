/* A key by OpenSSL's store: of a provider, as the token of another scheme, here
 * of a loader that this test registers and that asks for a PIN. */
#define OPENSSL_SUPPRESS_DEPRECATED
#include "rig.h"
#include "tap.h"

#include "base/world.h"
#include "ca/key.h"
#include "x509/demo_ca.h"

#include <apr_general.h>
#include <openssl/pem.h>
#include <openssl/store.h>
#include <openssl/ui.h>

static apr_pool_t *pool;
static const char *key_path;

struct ossl_store_loader_ctx_st {
    int done, opened;
};

static int ask_pin(const UI_METHOD *method, void *data, char *pin, int size)
{
    UI *ui = UI_new_method(method);
    int good;

    UI_add_user_data(ui, data);
    UI_add_input_string(ui, "PIN", 0, pin, 1, size - 1);
    good = UI_process(ui) == 0;
    UI_free(ui);
    return good;
}

static OSSL_STORE_LOADER_CTX *open_it(const OSSL_STORE_LOADER *loader,
                                      const char *uri, const UI_METHOD *method,
                                      void *data)
{
    OSSL_STORE_LOADER_CTX *ctx = OPENSSL_zalloc(sizeof(*ctx));
    char pin[64] = "";

    ctx->opened = strcmp(uri, "qwtest:issuing") == 0
                  && ask_pin(method, data, pin, sizeof(pin))
                  && strcmp(pin, "1234") == 0;
    return ctx;
}

static OSSL_STORE_INFO *load_it(OSSL_STORE_LOADER_CTX *ctx,
                                const UI_METHOD *method, void *data)
{
    BIO *bio = BIO_new_file(key_path, "r");
    EVP_PKEY *key = NULL;

    ctx->done = 1;
    if (bio != NULL && ctx->opened)
        key = PEM_read_bio_PrivateKey(bio, NULL, NULL, NULL);
    BIO_free(bio);
    return key != NULL ? OSSL_STORE_INFO_new_PKEY(key) : NULL;
}

static int is_done(OSSL_STORE_LOADER_CTX *ctx)
{
    return ctx->done;
}

static int has_failed(OSSL_STORE_LOADER_CTX *ctx)
{
    return !ctx->opened;
}

static int close_it(OSSL_STORE_LOADER_CTX *ctx)
{
    OPENSSL_free(ctx);
    return 1;
}

static int add_loader(void)
{
    OSSL_STORE_LOADER *loader = OSSL_STORE_LOADER_new(NULL, "qwtest");

    return loader != NULL && OSSL_STORE_LOADER_set_open(loader, open_it)
           && OSSL_STORE_LOADER_set_load(loader, load_it)
           && OSSL_STORE_LOADER_set_eof(loader, is_done)
           && OSSL_STORE_LOADER_set_error(loader, has_failed)
           && OSSL_STORE_LOADER_set_close(loader, close_it)
           && OSSL_STORE_register_loader(loader);
}

static int make_ca(const char *dir)
{
    const qw_demo_ca_t wanted = { dir,  "Demo",  "NTRFR-000000000",
                                  "FR", "P-256", NULL };

    return qw_demo_ca_make(&wanted, pool) == NULL;
}

static qw_problem_t *try_open(qw_keyring_t *ring, qw_issuer_conf_t *conf,
                              const qw_issuer_t *issuer)
{
    return qw_key_open(qw_key_make(ring, conf, issuer, pool), pool);
}

int main(void)
{
    static const qw_bytes_t tbs = { (const unsigned char *)"tbs", 3 };
    qw_issuer_conf_t conf = { 0 };
    qw_issuer_t *issuer;
    qw_keyring_t *ring;
    qw_bytes_t signature;
    qw_digest_t digest;
    qw_problem_t *prob;
    const char *dir;
    qw_key_t *key;

    apr_initialize();
    apr_pool_create(&pool, NULL);
    dir = apr_psprintf(pool, "%s/ca", rig_dir(pool));
    key_path = apr_psprintf(pool, "%s/issuing-key.pem", dir);
    conf.chain_path = apr_psprintf(pool, "%s/issuing.pem", dir);
    ok(make_ca(dir)
           && qw_issuer_load(&issuer, conf.chain_path, qw_world()->now(), pool)
                  == NULL
           && qw_keyring_make(&ring, apr_time_from_sec(5), pool) == NULL
           && add_loader(),
       "a CA, and a store of keys");
    conf.key_uri = "qwtest:issuing";
    conf.pin_path = rig_write("pin", "1234\n", pool);
    key = qw_key_make(ring, &conf, issuer, pool);
    ok(qw_key_health(key, pool) == NULL, "a key by its URI, with its PIN");
    qw_digest_make(&digest, issuer, &tbs);
    ok(qw_key_sign(&signature, key, &digest, pool) == NULL
           && signature.len > 60,
       "signs");
    apr_sleep(apr_time_from_msec(1100));
    ok(qw_key_health(key, pool) == NULL, "and is still there");

    rig_write("pin", "4321\n", pool);
    ok(try_open(ring, &conf, issuer) != NULL, "not with another PIN");
    conf.pin_path = NULL;
    ok(try_open(ring, &conf, issuer) != NULL, "nor without: nobody is asked");
    conf.key_uri = "qwtest:other";
    ok(try_open(ring, &conf, issuer) != NULL, "a key that is not there");
    conf.key_uri = "unheard:of";
    prob = try_open(ring, &conf, issuer);
    ok(prob != NULL && strstr(prob->detail, "unheard:of") != NULL,
       "nor is one of a scheme that nobody knows");
    conf.key_uri = apr_pstrcat(pool, "file:", key_path, NULL);
    ok(try_open(ring, &conf, issuer) == NULL, "a file by its URI");
    conf.key_uri = apr_pstrcat(pool, "file://", key_path, NULL);
    ok(try_open(ring, &conf, issuer) == NULL, "in either form");
    return done_testing();
}
