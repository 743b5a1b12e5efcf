/* key_driver.h -- ways to open a private key. The driver decides nothing.
 * Threads: one. */
#ifndef QW_CA_KEY_DRIVER_H
#define QW_CA_KEY_DRIVER_H

#include "base/own.h"
#include "model/authority.h"

typedef struct {
    const char *name;
    int (*takes)(const char *uri);
    /* *KEY owned by POOL. INVALID_INPUT. */
    qw_problem_t *(*open)(EVP_PKEY **key, const qw_issuer_conf_t *conf,
                          apr_pool_t *pool);
} qw_key_driver_t;

extern const qw_key_driver_t qw_key_file, qw_key_pkcs11, qw_key_store;

/* The one that takes URI; qw_key_store if no other does. */
const qw_key_driver_t *qw_key_driver_find(const char *uri);

/* *PIN of the file that CONF names, wiped with POOL; NULL if it names none. */
qw_problem_t *qw_key_pin(const char **pin, const qw_issuer_conf_t *conf,
                         apr_pool_t *pool) QW_MUST_CHECK;

#endif
