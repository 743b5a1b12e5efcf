/* profile_row.h -- what one row of profile.def decides. For this room and its
 * tests. */
#ifndef QW_X509_PROFILE_ROW_H
#define QW_X509_PROFILE_ROW_H

#include "x509/attr.h"
#include "x509/profile.h"

enum { QW_PROFILE_POLICIES_MAX = 4, QW_PROFILE_PURPOSES_MAX = 3 };

/* One bit per identity attribute */
#define QW_A(member) (1u << QW_ATTR_##member)

/* Whose rules win where they differ. EN319411-2: OVR-5.1-09 */
typedef enum {
    QW_RULES_BR = 1, /* the CA/Browser Forum's over ETSI's: browsers trust it */
    QW_RULES_ETSI    /* ETSI's alone */
} qw_rules_e;

/* Qualified certificate statements */
typedef enum {
    QW_STATES_COMPLIANCE = 1,
    QW_STATES_WEB = 2, /* QcType */
    QW_STATES_PDS = 4,
    /* pkixQCSyntax-v2: the syntax of EN 319 412-1 is promised for
     * organizationIdentifier, or for serialNumber; written if that is there */
    QW_STATES_LEGAL = 8,
    QW_STATES_NATURAL = 16,
    QW_STATES_PSD2 = 32 /* TS119495-5.1 */
} qw_statement_e;

/* First octet of the BIT STRING keyUsage */
typedef enum { QW_USAGE_DIGITAL_SIGNATURE = 0x80 } qw_usage_e;

typedef enum {
    QW_PROFILE_WILDCARD = 1,    /* "*." names may be ordered */
    QW_PROFILE_COMMON_NAME = 2, /* one of the names also stands in the CN */
    /* organizationIdentifier as EVG-H has it, repeated in the extension
     * 2.23.140.3.1 (EVG-7.1.2.2) */
    QW_PROFILE_EV_ORGID = 4,
    QW_PROFILE_CT = 8 /* logged before it is issued, where logs are named:
                       * CRP-1.3.4.1 */
} qw_profile_flag_e;

struct qw_profile_t {
    const char *name;
    const char *title;
    qw_rules_e rules;
    int policy_count;
    qw_oid_e policies[QW_PROFILE_POLICIES_MAX]; /* CA/Browser Forum's first */
    int purpose_count;
    qw_oid_e purposes[QW_PROFILE_PURPOSES_MAX]; /* extended key usage */
    unsigned usage;                             /* of qw_usage_e */
    unsigned statements;                        /* of qw_statement_e */
    unsigned must, may; /* QW_A() of attributes; all others are forbidden */
    unsigned any_of;    /* at least one of these, if not 0 */
    const char *orgid_schemes; /* words; NULL: any known one */
    int max_days;   /* of validity, where the policy clock allows more */
    unsigned flags; /* of qw_profile_flag_e */
};

/* 1 if STATEMENT (QW_STATES_*) stands in a certificate of IDENTITY. */
int qw_profile_states(const qw_profile_t *profile,
                      const qw_identity_t *identity, qw_statement_e qc);

#endif
