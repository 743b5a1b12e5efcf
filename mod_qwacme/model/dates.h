/* dates.h -- the policy clock: limits that change on a day. Threads: any. */
#ifndef QW_MODEL_DATES_H
#define QW_MODEL_DATES_H

#include <apr_time.h>

typedef enum {
    QW_RULE_VALIDITY,        /* days of a certificate */
    QW_RULE_DCV_REUSE,       /* days a validation may be relied on */
    QW_RULE_IDENTITY_REUSE,  /* days a verified identity may be relied on */
    QW_RULE_PERSPECTIVES,    /* remote network perspectives, at least */
    QW_RULE_CLIENT_AUTH_BAN, /* 1: no clientAuth where browsers trust it */
    QW_RULE_ONE_PURPOSE      /* 1: an issuing CA made now serves one purpose */
} qw_rule_e;

/* Of the TLS Baseline Requirements that validations follow. */
#define QW_BR_VERSION "2.2.6"

/* How long a look at CAA records may be relied on. BR-4.2.1 */
#define QW_CAA_REUSE (apr_time_from_sec(8 * 3600))

/* How long before a rule changes a start warns of it. */
enum { QW_FORECAST_DAYS = 30 };

/* What RULE allows or asks for at NOW; 0 before its first row. */
int qw_rule(qw_rule_e rule, apr_time_t now);

/* The section that says so, for people; "" before its first row. Static. */
const char *qw_rule_source(qw_rule_e rule, apr_time_t now);

/* What a rule in days allows, as a span. */
apr_interval_time_t qw_rule_span(qw_rule_e rule, apr_time_t now);

/* When what dates from SINCE may no longer be relied on by RULE, in days: the
 * first time T at which SINCE <= T - its span at T, by all rows of the table. */
apr_time_t qw_rule_lapses(qw_rule_e rule, apr_time_t since);

#endif
