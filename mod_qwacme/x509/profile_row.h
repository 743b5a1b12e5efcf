/* profile_row.h -- what one row of profile.def decides. For this room and its
 * tests. */
#ifndef QW_X509_PROFILE_ROW_H
#define QW_X509_PROFILE_ROW_H

#include "x509/attr.h"
#include "x509/profile.h"

enum { QW_PROFILE_POLICIES_MAX = 4 };

/* One bit per identity attribute */
#define QW_A(member) (1u << QW_ATTR_##member)

typedef enum {
    QW_PROFILE_WILDCARD = 1,    /* "*." names may be ordered */
    QW_PROFILE_COMMON_NAME = 2, /* one of the names also stands in the CN */
    /* organizationIdentifier as EVG-H has it, repeated in the extension
     * 2.23.140.3.1 (EVG-7.1.2.2) */
    QW_PROFILE_EV_ORGID = 4,
    QW_PROFILE_CT = 8 /* logged before it is issued, where logs are named */
} qw_profile_flag_e;

struct qw_profile_t {
    const char *name;
    const char *title;
    int policy_count;
    qw_oid_e policies[QW_PROFILE_POLICIES_MAX]; /* CA/Browser Forum's first */
    qw_oid_e purpose;                           /* extended key usage */
    unsigned must, may; /* QW_A() of attributes; all others are forbidden */
    unsigned any_of;    /* at least one of these, if not 0 */
    unsigned flags;     /* of qw_profile_flag_e */
};

#endif
