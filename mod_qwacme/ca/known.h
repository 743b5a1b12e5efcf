/* known.h -- which keys may serve nobody, by the configuration.
 * Threads: any. */
#ifndef QW_CA_KNOWN_H
#define QW_CA_KNOWN_H

#include "conf/conf.h"
#include "x509/issuer.h"
#include "x509/keycheck.h"

/* *KNOWN in POOL: the list of QwacmeWeakKeys; the keys of issuing CAs are to be
 * added. INVALID_INPUT with directive, value and cure. */
qw_problem_t *qw_known_load(qw_known_keys_t **known, const qw_conf_t *conf,
                            apr_pool_t *pool) QW_MUST_CHECK;

/* The key of ISSUER, which outlives KNOWN, is one of ours. */
void qw_known_add(qw_known_keys_t *known, const qw_issuer_t *issuer);

/* *LIST of QwacmeWeakKeys alone; NULL if there is none. */
qw_problem_t *qw_known_list(qw_keylist_t **list, const qw_conf_t *conf,
                            apr_pool_t *pool) QW_MUST_CHECK;

#endif
