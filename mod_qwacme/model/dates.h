/* dates.h -- the policy clock: limits that change on a day. Threads: any. */
#ifndef QW_MODEL_DATES_H
#define QW_MODEL_DATES_H

#include <apr_time.h>

typedef enum {
    QW_RULE_VALIDITY,      /* days of a certificate */
    QW_RULE_DCV_REUSE,     /* days a validation may be relied on */
    QW_RULE_IDENTITY_REUSE /* days a verified identity may be relied on */
} qw_rule_e;

/* How long a look at CAA records may be relied on. BR-4.2.1 */
#define QW_CAA_REUSE (apr_time_from_sec(8 * 3600))

/* Days that RULE allows at NOW; 0 before its first row. */
int qw_rule_days(qw_rule_e rule, apr_time_t now);

/* The same as a span. */
apr_interval_time_t qw_rule_span(qw_rule_e rule, apr_time_t now);

#endif
