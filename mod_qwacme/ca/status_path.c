#include "ca/status_path.h"

#include <apr_strings.h>

#include <string.h>

const char *qw_status_dir(const qw_conf_t *conf, const qw_issuer_t *issuer,
                          apr_pool_t *pool)
{
    return apr_pstrcat(pool, conf->state_dir, "/status/", issuer->id, NULL);
}

/* By the last octet of the serial, which is random: 256 folders. */
const char *qw_status_ocsp_path(const qw_conf_t *conf,
                                const qw_issuer_t *issuer, const char *serial,
                                const char *digest, apr_pool_t *pool)
{
    apr_size_t len = strlen(serial);

    return apr_pstrcat(pool, qw_status_dir(conf, issuer, pool), "/ocsp/",
                       len > 2 ? serial + len - 2 : serial, "/", serial, ".",
                       digest, NULL);
}

const char *qw_status_oldest_path(const qw_conf_t *conf,
                                  const qw_issuer_t *issuer, apr_pool_t *pool)
{
    return apr_pstrcat(pool, qw_status_dir(conf, issuer, pool), "/oldest",
                       NULL);
}

const char *qw_status_crl_path(const qw_conf_t *conf, const qw_issuer_t *issuer,
                               const char *period, apr_pool_t *pool)
{
    return apr_pstrcat(pool, qw_status_dir(conf, issuer, pool), "/crl/",
                       *period != '\0' ? period : "full", ".crl", NULL);
}
