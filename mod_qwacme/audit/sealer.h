/* sealer.h -- events get their places in the chain, in batches; what the chain has
 * come to is signed, and timestamped by somebody else. Events are written without
 * waiting for it, and are sealed in the order in which they are found, not of
 * their times: what is committed late gets in.
 *
 * The audit key is a file's. httpd's parent reads it while it is root, children
 * inherit it and sign; it is no issuing key and the signer process has nothing to
 * do with it. */
#ifndef QW_AUDIT_SEALER_H
#define QW_AUDIT_SEALER_H

#include "conf/conf.h"
#include "store/store.h"
#include "x509/cms.h"

/* Read-only once it is made. */
typedef struct {
    const qw_cms_signer_t *signer; /* NULL: nothing is signed */
    const char *timestamp_url;     /* NULL: nobody is asked */
    const char *timestamp_roots;   /* as timestamp.h has it */
} qw_sealer_t;

/* *SEALER in POOL, with the key that CONF names. INVALID_INPUT with directive,
 * file and reason. Threads: one. */
qw_problem_t *qw_sealer_make(qw_sealer_t **sealer, const qw_conf_t *conf,
                             apr_pool_t *pool) QW_MUST_CHECK;

/* Seal every event that waits, in transactions of some hundred, one sealer at a
 * time over all nodes; then sign a checkpoint, unless the newest is of the last
 * record or there is no key. *N: events that were sealed. Threads: any. */
qw_problem_t *qw_audit_seal(int *n, const qw_sealer_t *sealer,
                            qw_store_t *store, apr_pool_t *pool) QW_MUST_CHECK;

/* Get a timestamp for the newest checkpoint unless it has one; it covers all
 * before it. UNAVAILABLE and MALFORMED: to be tried again. Takes seconds.
 * Threads: any, after qw_post_init(). */
qw_problem_t *qw_audit_timestamp(const qw_sealer_t *sealer, qw_store_t *store,
                                 apr_pool_t *pool) QW_MUST_CHECK;

#endif
