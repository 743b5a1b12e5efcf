/* preflight.h -- whether the files that a configuration names fit together.
 * Every start and `httpd -t` ask before anything serves. Threads: one. */
#ifndef QW_CA_PREFLIGHT_H
#define QW_CA_PREFLIGHT_H

#include "conf/conf.h"

/* Seal key, weak keys, certificate chains, profiles, anchors, and who may
 * change them. INVALID_INPUT for the first that is wrong: directive, value and
 * cure. */
qw_problem_t *qw_preflight_files(const qw_conf_t *conf,
                                 apr_pool_t *pool) QW_MUST_CHECK;

/* State directory, weak keys and issuing keys, as the user whose process calls: the
 * signer's. Opens each key once. INVALID_INPUT as above. */
qw_problem_t *qw_preflight_signer(const qw_conf_t *conf,
                                  apr_pool_t *pool) QW_MUST_CHECK;

#endif
