/* publish.h -- one precertificate on its way to the logs: ask them, keep what they
 * promise, have the certificate signed. Threads: any; one job, one thread. */
#ifndef QW_WORK_PUBLISH_H
#define QW_WORK_PUBLISH_H

#include "ca/client.h"
#include "conf/conf.h"
#include "model/order.h"
#include "store/store.h"

/* Read-only once it is made. */
typedef struct {
    const qw_conf_t *conf;
    qw_store_t *store;
    const qw_signer_client_t *signer;
    apr_hash_t *chains; /* issuer (spki hash) -> "\"base64\",\"base64\"" */
} qw_publisher_t;

/* *PUBLISHER in POOL. ISSUERS: of each authority by its name, an array of
 * qw_issuer_t *. Child init only. */
qw_problem_t *qw_publisher_make(qw_publisher_t **publisher,
                                const qw_conf_t *conf, qw_store_t *store,
                                const qw_signer_client_t *signer,
                                apr_hash_t *issuers,
                                apr_pool_t *pool) QW_MUST_CHECK;

/* Do JOB, whose lease this thread holds. Logs that do not answer, and a signer
 * that is away, leave it to be tried again, until the authority's ct_deadline:
 * then the order fails. */
void qw_publish(const qw_publisher_t *publisher, const qw_job_t *job);

#endif
