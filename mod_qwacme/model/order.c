#include "model/order.h"

#include <apr_strings.h>

const char *qw_authz_identifier(const qw_authz_t *authz, apr_pool_t *pool)
{
    return authz->wildcard ? apr_pstrcat(pool, "*.", authz->name, NULL)
                           : authz->name;
}
