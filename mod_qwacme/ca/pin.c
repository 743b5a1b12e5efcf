#include "ca/pin.h"

#include "base/file.h"
#include "base/own.h"

#include <apr_strings.h>

#include <stdlib.h>
#include <string.h>

enum { PIN_MOST = 256 };

static const char *directive_of(const qw_issuer_conf_t *conf)
{
    return conf->for_ocsp ? "QwacmeOCSPKey" : "QwacmeIssuer";
}

/* *PATH of the file that CONF's PIN is in; NULL if it has none. */
static qw_problem_t *find_file(const char **path, const qw_issuer_conf_t *conf,
                               apr_pool_t *pool)
{
    const char *dir = getenv("CREDENTIALS_DIRECTORY");

    *path = conf->pin_path;
    if (conf->pin_credential == NULL)
        return NULL;
    if (dir == NULL)
        return QW_FAIL(pool, INVALID_INPUT,
                       "%s: 'credential:%s': systemd passes no "
                       "credentials; add LoadCredential=%s:FILE to httpd's "
                       "service",
                       directive_of(conf), conf->pin_credential,
                       conf->pin_credential);
    *path = apr_pstrcat(pool, dir, "/", conf->pin_credential, NULL);
    return NULL;
}

static qw_problem_t *read_file(const char **pin, const char *path,
                               const char *directive, apr_pool_t *pool)
{
    char *text = (char *)qw_own_secret(pool, PIN_MOST + 1), buf[120];
    apr_size_t len = PIN_MOST;
    apr_status_t rv = qw_file_read(text, &len, path, pool);

    if (rv != APR_SUCCESS && rv != APR_EOF)
        return QW_FAIL(pool, INVALID_INPUT, "%s: PIN file %s: %s", directive,
                       path, apr_strerror(rv, buf, sizeof(buf)));
    text[strcspn(text, "\r\n")] = '\0';
    if (*text == '\0')
        return QW_FAIL(pool, INVALID_INPUT,
                       "%s: PIN file %s: is empty; write the PIN "
                       "into it",
                       directive, path);
    *pin = text;
    return NULL;
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
        prob = read_file(pin, path, directive_of(conf), pool);
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
