#include "x509/subject.h"

#include "x509/profile_row.h"

#include <string.h>

enum { COMMON_NAME_MAX = 64 };

static void put_rdn(qw_der_t *der, qw_oid_e oid, int tag, const char *value)
{
    qw_bytes_t type = qw_oid_der(oid);
    apr_size_t set = qw_der_open(der, QW_DER_SET);
    apr_size_t pair = qw_der_open(der, QW_DER_SEQUENCE);

    qw_der_raw(der, &type);
    qw_der_text(der, tag, value);
    qw_der_close(der, pair);
    qw_der_close(der, set);
}

void qw_subject_put(qw_der_t *der, const qw_identity_t *identity,
                    const char *common_name)
{
    apr_size_t name = qw_der_open(der, QW_DER_SEQUENCE);
    int i;

    for (i = 0; i < QW_ATTR_IN_SUBJECT; i++) {
        const qw_attr_row_t *row = qw_attr_row((qw_attr_e)i);
        const char *value = qw_identity_get(identity, (qw_attr_e)i);

        /* BR-7.1.4.2: after the given name, before what has no order */
        if (i == QW_ATTR_business_category && common_name != NULL)
            put_rdn(der, QW_OID_COMMON_NAME, QW_DER_UTF8, common_name);
        if (value != NULL)
            put_rdn(der, row->oid, row->tag, value);
    }
    qw_der_close(der, name);
}

qw_problem_t *qw_subject_common_name(const char **name,
                                     const qw_profile_t *profile,
                                     const apr_array_header_t *names,
                                     apr_pool_t *pool)
{
    int i;

    if ((profile->flags & QW_PROFILE_COMMON_NAME) == 0) {
        *name = NULL;
        return NULL;
    }
    for (i = 0; i < names->nelts; i++) {
        const char *candidate = APR_ARRAY_IDX(names, i, const char *);

        if (strlen(candidate) <= COMMON_NAME_MAX && candidate[0] != '*') {
            *name = candidate;
            return NULL;
        }
    }
    return QW_FAIL(pool, INVALID_INPUT,
                   "profile %s needs a commonName, and no name of the order is "
                   "of 64 characters or fewer without a wildcard",
                   profile->name);
}
