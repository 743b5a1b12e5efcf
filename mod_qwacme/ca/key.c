#include "ca/key.h"

#include "base/text.h"
#include "ca/key_driver.h"
#include "ca/witness.h"

#include <apr_strings.h>

#include <string.h>

struct qw_key_t {
    const qw_key_driver_t *driver;
    const qw_issuer_conf_t *conf;
    const qw_issuer_t *issuer;
    EVP_PKEY *pkey;   /* NULL after a failure */
    apr_pool_t *pool; /* of the key, cleared when it is opened anew */
};

static const qw_key_driver_t *const drivers[] = { &qw_key_pkcs11, &qw_key_file,
                                                  &qw_key_store };

const qw_key_driver_t *qw_key_driver_find(const char *uri)
{
    unsigned i;

    for (i = 0; i < sizeof(drivers) / sizeof(drivers[0]) - 1; i++)
        if (drivers[i]->takes(uri))
            break;
    return drivers[i];
}

static qw_problem_t *load(qw_key_t *key, apr_pool_t *pool)
{
    EVP_PKEY *pkey = NULL;

    apr_pool_clear(key->pool);
    QW_TRY(key->driver->open(&pkey, key->conf, key->pool));
    if (EVP_PKEY_eq(pkey, key->issuer->key) != 1) {
        (void)qw_openssl_reasons(pool);
        return QW_FAIL(pool, INVALID_INPUT,
                       "QwacmeIssuer: the key %s is not that of the "
                       "certificate %s",
                       qw_text_safe(key->conf->key_uri, 120, pool),
                       key->conf->chain_path);
    }
    key->pkey = pkey;
    return NULL;
}

qw_problem_t *qw_key_open(qw_key_t **key, const qw_issuer_conf_t *conf,
                          const qw_issuer_t *issuer, apr_pool_t *pool)
{
    qw_key_t *opened = apr_pcalloc(pool, sizeof(*opened));

    opened->driver = qw_key_driver_find(conf->key_uri);
    opened->conf = conf;
    opened->issuer = issuer;
    apr_pool_create(&opened->pool, pool);
    QW_TRY(load(opened, pool));
    *key = opened;
    return NULL;
}

qw_problem_t *qw_key_health(qw_key_t *key, apr_pool_t *pool)
{
    qw_problem_t *prob = key->pkey == NULL ? load(key, pool) : NULL;

    if (prob == NULL)
        return NULL;
    return QW_FAIL_BECAUSE(pool, UNAVAILABLE, prob->detail,
                           "the issuing key is away; try again later");
}

qw_problem_t *qw_key_sign(qw_bytes_t *signature, qw_key_t *key,
                          const qw_bytes_t *tbs, apr_pool_t *pool)
{
    EVP_MD_CTX *ctx = qw_own_EVP_MD_CTX(pool, EVP_MD_CTX_new());
    size_t len = (size_t)EVP_PKEY_get_size(key->pkey);
    unsigned char *bytes = apr_palloc(pool, len);

    if (ctx == NULL
        || EVP_DigestSignInit_ex(ctx, NULL, key->issuer->digest, NULL, NULL,
                                 key->pkey, NULL)
               != 1
        || EVP_DigestSign(ctx, bytes, &len, tbs->data, tbs->len) != 1) {
        key->pkey = NULL;
        return QW_FAIL_BECAUSE(pool, UNAVAILABLE, qw_openssl_reasons(pool),
                               "the issuing key does not sign; try again "
                               "later");
    }
    qw_witness(tbs);
    signature->data = bytes;
    signature->len = len;
    return NULL;
}
