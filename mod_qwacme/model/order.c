#include "model/order.h"

#include <apr_strings.h>

#include <string.h>

enum { SUFFIX_LENGTH = sizeof(QW_DRY_RUN) - 1 };

int qw_order_is_dry(const char *profile)
{
    size_t len = profile != NULL ? strlen(profile) : 0;

    return len > SUFFIX_LENGTH
           && strcmp(profile + len - SUFFIX_LENGTH, QW_DRY_RUN) == 0;
}

const char *qw_order_profile(const char *profile, apr_pool_t *pool)
{
    return qw_order_is_dry(profile)
               ? apr_pstrndup(pool, profile, strlen(profile) - SUFFIX_LENGTH)
               : profile;
}

const char *qw_authz_identifier(const qw_authz_t *authz, apr_pool_t *pool)
{
    return authz->wildcard ? apr_pstrcat(pool, "*.", authz->name, NULL)
                           : authz->name;
}
