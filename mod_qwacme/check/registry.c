#include "check/check.h"
#include "check/dns01.h"
#include "check/http01.h"
#include "check/tlsalpn01.h"
#include "net/http_get.h"
#include "net/post_json.h"

#include <string.h>

static const qw_validator_t *const validators[] = { &qw_http01, &qw_dns01,
                                                    &qw_tlsalpn01, NULL };

const qw_validator_t *qw_validator_find(const char *type)
{
    for (int i = 0; validators[i] != NULL; i++) {
        if (strcmp(validators[i]->type, type) == 0)
            return validators[i];
    }
    return NULL;
}

const qw_validator_t *qw_validator_at(int n)
{
    for (int i = 0; validators[i] != NULL; i++) {
        if (i == n)
            return validators[i];
    }
    return NULL;
}

qw_problem_t *qw_check_init(apr_pool_t *pool)
{
    QW_TRY(qw_http_init(pool));
    return qw_post_init(pool);
}
