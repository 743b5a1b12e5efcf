#include "acme/keycache.h"

#include "base/json.h"

#include <apr_strings.h>
#include <apr_thread_mutex.h>

#include <string.h>

enum { SLOTS = 1024, THUMBPRINT_CHARS = 43 };

typedef struct {
    char thumbprint[THUMBPRINT_CHARS + 1];
    char kty[4], crv[8];
    EVP_PKEY *key; /* one reference of ours */
} slot_t;

struct qw_keycache_t {
    apr_thread_mutex_t *mutex;
    slot_t slots[SLOTS];
};

static apr_status_t empty(void *data)
{
    qw_keycache_t *cache = data;
    int i;

    for (i = 0; i < SLOTS; i++)
        EVP_PKEY_free(cache->slots[i].key);
    return APR_SUCCESS;
}

qw_problem_t *qw_keycache_make(qw_keycache_t **cache, apr_pool_t *pool)
{
    *cache = apr_pcalloc(pool, sizeof(**cache));
    if (apr_thread_mutex_create(&(*cache)->mutex, APR_THREAD_MUTEX_DEFAULT,
                                pool)
        != APR_SUCCESS)
        return QW_FAIL(pool, SERVER_INTERNAL, "no mutex for keys");
    apr_pool_cleanup_register(pool, *cache, empty, apr_pool_cleanup_null);
    return NULL;
}

/* A thumbprint is a hash already. */
static slot_t *slot_of(qw_keycache_t *cache, const char *thumbprint)
{
    unsigned n = 0;
    int i;

    for (i = 0; i < 6 && thumbprint[i] != '\0'; i++)
        n = n * 61 + (unsigned char)thumbprint[i];
    return &cache->slots[n % SLOTS];
}

static qw_jwk_t *look(qw_keycache_t *cache, const qw_account_t *account,
                      apr_pool_t *pool)
{
    slot_t *slot = slot_of(cache, account->thumbprint);
    qw_jwk_t *key = NULL;

    apr_thread_mutex_lock(cache->mutex);
    if (slot->key != NULL
        && strcmp(slot->thumbprint, account->thumbprint) == 0) {
        key = apr_pcalloc(pool, sizeof(*key));
        EVP_PKEY_up_ref(slot->key);
        key->key = slot->key;
        key->kty = apr_pstrdup(pool, slot->kty);
        key->crv = *slot->crv != '\0' ? apr_pstrdup(pool, slot->crv) : NULL;
    }
    apr_thread_mutex_unlock(cache->mutex);
    if (key == NULL)
        return NULL;
    qw_own_EVP_PKEY(pool, key->key);
    key->thumbprint = account->thumbprint;
    key->json = account->jwk;
    return key;
}

static void keep(qw_keycache_t *cache, const qw_jwk_t *key)
{
    slot_t *slot = slot_of(cache, key->thumbprint);
    EVP_PKEY *old;

    EVP_PKEY_up_ref(key->key);
    apr_thread_mutex_lock(cache->mutex);
    old = slot->key;
    slot->key = key->key;
    apr_cpystrn(slot->thumbprint, key->thumbprint, sizeof(slot->thumbprint));
    apr_cpystrn(slot->kty, key->kty, sizeof(slot->kty));
    apr_cpystrn(slot->crv, key->crv != NULL ? key->crv : "", sizeof(slot->crv));
    apr_thread_mutex_unlock(cache->mutex);
    EVP_PKEY_free(old);
}

qw_problem_t *qw_keycache_get(qw_jwk_t **key, qw_keycache_t *cache,
                              const qw_account_t *account, apr_pool_t *pool)
{
    json_t *object;

    *key = look(cache, account, pool);
    if (*key != NULL)
        return NULL;
    QW_TRY(qw_json_parse_object(&object, account->jwk, strlen(account->jwk),
                                "account key", pool));
    QW_TRY(qw_jwk_parse(key, object, pool));
    keep(cache, *key);
    return NULL;
}
