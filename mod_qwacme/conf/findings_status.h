/* findings_status.h -- what a configuration says against itself about the status
 * service: keys of OCSP responders, and URLs. Threads: any. */
#ifndef QW_CONF_FINDINGS_STATUS_H
#define QW_CONF_FINDINGS_STATUS_H

#include "conf/conf.h"

/* Of the Nth authority of CONF, beside those behind it: texts as those of
 * qw_conf_findings(), without the authority's name, in POOL. */
apr_array_header_t *qw_conf_status_findings(const qw_conf_t *conf, int n,
                                            apr_pool_t *pool);

#endif
