#include "ca/pin.h"

#include "base/secret.h"

#include <apr_strings.h>

static const char *directive_of(const qw_issuer_conf_t *conf)
{
    return conf->for_ocsp ? "QwacmeOCSPKey" : "QwacmeIssuer";
}

/* *PATH of the file that CONF's PIN is in; NULL if it has none. */
static qw_problem_t *find_file(const char **path, const qw_issuer_conf_t *conf,
                               apr_pool_t *pool)
{
    *path = conf->pin_path;
    if (conf->pin_credential == NULL)
        return NULL;
    return qw_secret_credential(path, conf->pin_credential, directive_of(conf),
                                pool);
}

qw_problem_t *qw_pin_read(const char **pin, const qw_issuer_conf_t *conf,
                          apr_pool_t *pool)
{
    const char *path;
    qw_problem_t *prob = find_file(&path, conf, pool);

    *pin = NULL;
    if (prob == NULL && path == NULL)
        return NULL;
    if (prob == NULL)
        prob = qw_secret_read(pin, path,
                              apr_pstrcat(pool, directive_of(conf),
                                          ": PIN file ", path, NULL),
                              "PIN", pool);
    if (prob == NULL || conf->pin == NULL)
        return prob;
    *pin = conf->pin;
    return NULL;
}

static qw_problem_t *load_all(const apr_array_header_t *keys, apr_pool_t *pool)
{
    for (int i = 0; i < keys->nelts; i++) {
        qw_issuer_conf_t *key = &APR_ARRAY_IDX(keys, i, qw_issuer_conf_t);

        if (key->pin_credential != NULL && key->key_uri != NULL)
            QW_TRY(qw_pin_read(&key->pin, key, pool));
    }
    return NULL;
}

qw_problem_t *qw_pins_load(const qw_conf_t *conf, apr_pool_t *pool)
{
    for (int i = 0; i < conf->authorities->nelts; i++) {
        const qw_authority_t *a =
            APR_ARRAY_IDX(conf->authorities, i, qw_authority_t *);

        QW_TRY(load_all(a->issuers, pool));
        QW_TRY(load_all(a->ocsp_keys, pool));
    }
    return NULL;
}
