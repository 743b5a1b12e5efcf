/* pin.h -- PINs and passphrases of issuing keys. Threads: one. */
#ifndef QW_CA_PIN_H
#define QW_CA_PIN_H

#include "conf/conf.h"

/* *PIN of the file or credential that CONF names, read anew and wiped with POOL;
 * what qw_pins_load() kept if that cannot be read any more; NULL if CONF names
 * none. INVALID_INPUT. */
qw_problem_t *qw_pin_read(const char **pin, const qw_issuer_conf_t *conf,
                          apr_pool_t *pool) QW_MUST_CHECK;

/* Keep in CONF, for this process, the credentials that its keys name: systemd
 * shows them to the user of the service, and a signer becomes another one.
 * INVALID_INPUT with name and cure. Threads: before any. */
qw_problem_t *qw_pins_load(const qw_conf_t *conf,
                           apr_pool_t *pool) QW_MUST_CHECK;

#endif
