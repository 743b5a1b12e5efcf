/* signer.h -- the process that holds the keys. Forked by httpd's parent; knows
 * nothing of httpd. */
#ifndef QW_SIGNER_SIGNER_H
#define QW_SIGNER_SIGNER_H

#include "conf/conf.h"

#include <apr_global_mutex.h>

#include <sys/types.h>

typedef struct {
    apr_global_mutex_t *write_lock; /* of the store, or NULL */
    const char *socket_path;        /* made and removed by the signer */
    uid_t client_uid;               /* who may ask, beside root and itself */
} qw_signer_env_t;

/* Open keys and store, settle what an earlier crash left, then answer on the
 * socket until SIGTERM. The privileges are dropped before. Returns the exit
 * code of the process: 0 after SIGTERM, else the reason is in the log. A second
 * signer on the same state directory refuses to start. Threads: the caller must
 * be the process's only one. */
int qw_signer_main(const qw_conf_t *conf, const qw_signer_env_t *env,
                   apr_pool_t *pool);

#endif
