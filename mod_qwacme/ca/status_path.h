/* status_path.h -- where the signer of this node leaves what the status service
 * shows. A file's time of change is its thisUpdate; it is replaced by renaming
 * another over it, so that a reader sees a whole one. Threads: any. */
#ifndef QW_CA_STATUS_PATH_H
#define QW_CA_STATUS_PATH_H

#include "conf/conf.h"
#include "x509/issuer.h"

/* Folder of ISSUER, in POOL: <QwacmeStateDir>/status/<issuer's id>. */
const char *qw_status_dir(const qw_conf_t *conf, const qw_issuer_t *issuer,
                          apr_pool_t *pool);

/* OCSP response (DER) of ISSUER for SERIAL (lower-case hex), asked for by hashes
 * of DIGEST ("sha1", "sha256"), in POOL. */
const char *qw_status_ocsp_path(const qw_conf_t *conf,
                                const qw_issuer_t *issuer, const char *serial,
                                const char *digest, apr_pool_t *pool);

/* File whose time of change is the thisUpdate of the oldest OCSP answer that the
 * last round over all of ISSUER's left, in POOL; none if no answer grows old. */
const char *qw_status_oldest_path(const qw_conf_t *conf,
                                  const qw_issuer_t *issuer, apr_pool_t *pool);

/* CRL (DER) of ISSUER for PERIOD ("": the full one), in POOL. */
const char *qw_status_crl_path(const qw_conf_t *conf, const qw_issuer_t *issuer,
                               const char *period, apr_pool_t *pool);

#endif
