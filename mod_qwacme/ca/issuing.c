#include "ca/issuing.h"

#include "base/log.h"
#include "base/text.h"
#include "base/world.h"

#include <apr_file_io.h>
#include <apr_strings.h>

#include <string.h>

enum { WHY_MOST = 1024, NODE_MOST = 64 };

/* As certificates of its issuer are to show them. */
static void set_urls(qw_issuing_t *issuing, apr_pool_t *pool)
{
    const qw_authority_t *authority = issuing->authority;
    const char *id = issuing->issuer->id;

    issuing->issuer_url = qw_issuer_url(authority->issuer_url, id, pool);
    issuing->crl_url = qw_issuer_url(authority->crl_url, id, pool);
    issuing->ocsp_url = qw_issuer_url(authority->ocsp_url, id, pool);
}

static qw_problem_t *open_one(const qw_ca_t *ca,
                              const qw_authority_t *authority,
                              const qw_issuer_conf_t *conf, apr_pool_t *pool)
{
    qw_issuing_t *made = apr_pcalloc(pool, sizeof(*made));

    made->authority = authority;
    made->conf = conf;
    QW_TRY(qw_issuer_read(&made->issuer, conf->chain_path, pool));
    set_urls(made, pool);
    if (ca->known != NULL)
        qw_known_add(ca->known, made->issuer);
    if (ca->ring != NULL && conf->key_uri != NULL)
        made->key = qw_key_make(ca->ring, conf, made->issuer, pool);
    QW_TRY(qw_spool_open(&made->spool, ca->conf->state_dir, authority->name,
                         made->issuer->spki_hash, pool));
    APR_ARRAY_PUSH(ca->issuings, qw_issuing_t *) = made;
    return NULL;
}

static qw_problem_t *open_all(const qw_ca_t *ca,
                              const qw_authority_t *authority, apr_pool_t *pool)
{
    int i;

    for (i = 0; i < authority->issuers->nelts; i++)
        QW_TRY(open_one(ca, authority,
                        &APR_ARRAY_IDX(authority->issuers, i, qw_issuer_conf_t),
                        pool));
    return NULL;
}

qw_problem_t *qw_ca_open(qw_ca_t **ca, const qw_conf_t *conf, qw_store_t *store,
                         const char *node, int with_keys, apr_pool_t *pool)
{
    qw_ca_t *opened = apr_pcalloc(pool, sizeof(*opened));
    int i;

    opened->conf = conf;
    opened->store = store;
    opened->node = node;
    opened->issuings = apr_array_make(pool, 4, sizeof(qw_issuing_t *));
    if (with_keys) {
        QW_TRY(qw_known_load(&opened->known, conf, pool));
        QW_TRY(qw_keyring_make(&opened->ring, conf->key_wait, pool));
    }
    for (i = 0; i < conf->authorities->nelts; i++)
        QW_TRY(open_all(opened,
                        APR_ARRAY_IDX(conf->authorities, i, qw_authority_t *),
                        pool));
    *ca = opened;
    return NULL;
}

static qw_problem_t *make_node(const char *path, apr_pool_t *pool)
{
    apr_file_t *file;
    const char *id;
    char buf[120];
    apr_status_t rv;

    QW_TRY(qw_id_make(&id, pool));
    rv = apr_file_open(&file, path,
                       APR_FOPEN_WRITE | APR_FOPEN_CREATE | APR_FOPEN_EXCL,
                       APR_FPROT_UREAD | APR_FPROT_UWRITE | APR_FPROT_GREAD
                           | APR_FPROT_WREAD,
                       pool);
    if (rv == APR_SUCCESS) {
        rv = apr_file_write_full(file, id, strlen(id), NULL);
        if (rv == APR_SUCCESS)
            rv = apr_file_sync(file);
        apr_file_close(file);
    }
    if (rv != APR_SUCCESS && !APR_STATUS_IS_EEXIST(rv))
        return QW_FAIL(pool, INVALID_INPUT, "%s: %s", path,
                       apr_strerror(rv, buf, sizeof(buf)));
    return NULL;
}

qw_problem_t *qw_ca_node(const char **node, const qw_conf_t *conf,
                         apr_pool_t *pool)
{
    const char *path = apr_pstrcat(pool, conf->state_dir, "/node", NULL);
    char *text = apr_pcalloc(pool, NODE_MOST + 1);
    apr_size_t len = NODE_MOST;
    apr_file_t *file;

    if (apr_file_open(&file, path, APR_FOPEN_READ, APR_FPROT_OS_DEFAULT, pool)
        != APR_SUCCESS) {
        QW_TRY(make_node(path, pool));
        return qw_ca_node(node, conf, pool);
    }
    (void)apr_file_read_full(file, text, len, &len);
    apr_file_close(file);
    if (!qw_id_is(text))
        return QW_FAIL(pool, INVALID_INPUT,
                       "%s: is no node id; remove it, and run 'qwacmectl "
                       "ledger reconcile' a minute later",
                       path);
    *node = text;
    return NULL;
}

qw_issuing_t *qw_ca_issuing(const qw_ca_t *ca, const char *authority,
                            const char *issuer)
{
    int i;

    for (i = 0; i < ca->issuings->nelts; i++) {
        qw_issuing_t *one = APR_ARRAY_IDX(ca->issuings, i, qw_issuing_t *);

        if (strcmp(one->authority->name, authority) == 0
            && strcmp(one->issuer->spki_hash, issuer) == 0)
            return one;
    }
    return NULL;
}

static int takes(const qw_issuing_t *issuing, const EVP_PKEY *key)
{
    static const int types[] = { 0, EVP_PKEY_RSA, EVP_PKEY_EC };
    int type = types[issuing->conf->takes];

    return issuing->key != NULL
           && (type == 0 || type == EVP_PKEY_get_base_id(key));
}

qw_problem_t *qw_ca_choose(qw_issuing_t **issuing, const qw_ca_t *ca,
                           const char *authority, const EVP_PKEY *key,
                           apr_pool_t *pool)
{
    int i, found = 0, fits = 0;

    for (i = 0; i < ca->issuings->nelts; i++) {
        qw_issuing_t *one = APR_ARRAY_IDX(ca->issuings, i, qw_issuing_t *);

        if (strcmp(one->authority->name, authority) != 0)
            continue;
        found = 1;
        if (!takes(one, key))
            continue;
        fits = 1;
        if (!qw_issuer_is_valid(one->issuer, qw_authority_now(one->authority)))
            continue;
        *issuing = one;
        return NULL;
    }
    if (!found)
        return QW_FAIL(pool, NOT_FOUND, "no such resource");
    if (!fits)
        return QW_FAIL(pool, BAD_CSR, "%s keys are not certified here",
                       EVP_PKEY_get_base_id(key) == EVP_PKEY_RSA ? "RSA"
                                                                 : "EC");
    return QW_FAIL_BECAUSE(pool, UNAVAILABLE,
                           apr_pstrcat(pool, authority,
                                       ": no QwacmeIssuer is valid now", NULL),
                           "issuance failed; try again later");
}

static const char *halt_path(const qw_conf_t *conf, apr_pool_t *pool)
{
    return apr_pstrcat(pool, conf->state_dir, "/halted", NULL);
}

void qw_ca_halt(const qw_ca_t *ca, const char *why, apr_pool_t *pool)
{
    const char *path = halt_path(ca->conf, pool);
    apr_file_t *file;
    apr_status_t rv =
        apr_file_open(&file, path,
                      APR_FOPEN_WRITE | APR_FOPEN_CREATE | APR_FOPEN_APPEND,
                      APR_FPROT_UREAD | APR_FPROT_UWRITE | APR_FPROT_GREAD,
                      pool);

    if (rv == APR_SUCCESS) {
        apr_file_printf(file, "%s %s\n", qw_text_time(qw_world()->now(), pool),
                        why);
        apr_file_sync(file);
        apr_file_close(file);
    }
    qw_log(QW_LOG_ERR, rv, pool,
           "QW0161: issuance halted: %s; find the cause, then 'qwacmectl "
           "ledger resume'",
           why);
}

const char *qw_ca_halted(const qw_conf_t *conf, apr_pool_t *pool)
{
    char *why = apr_pcalloc(pool, WHY_MOST + 1);
    apr_size_t len = WHY_MOST;
    apr_file_t *file;

    if (apr_file_open(&file, halt_path(conf, pool), APR_FOPEN_READ,
                      APR_FPROT_OS_DEFAULT, pool)
        != APR_SUCCESS)
        return NULL;
    (void)apr_file_read_full(file, why, len, &len);
    apr_file_close(file);
    return qw_text_safe(why, WHY_MOST, pool);
}

qw_problem_t *qw_ca_resume(const qw_conf_t *conf, apr_pool_t *pool)
{
    if (apr_file_remove(halt_path(conf, pool), pool) == APR_SUCCESS)
        return NULL;
    return QW_FAIL(pool, NOT_FOUND, "issuance is not halted");
}
