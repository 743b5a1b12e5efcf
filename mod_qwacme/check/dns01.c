#include "check/dns01.h"

#include "base/b64.h"
#include "check/trial.h"

#include <apr_strings.h>

#include <string.h>

static int matches(const qw_bytes_t *value, const char *want)
{
    return value->len == strlen(want)
           && memcmp(value->data, want, value->len) == 0;
}

static qw_problem_t *judge(const qw_answer_t *answer, const char *want,
                           apr_pool_t *pool)
{
    const apr_array_header_t *values = answer->values;

    for (int i = 0; i < values->nelts; i++) {
        if (matches(&APR_ARRAY_IDX(values, i, qw_bytes_t), want))
            return NULL;
    }
    if (answer->nxdomain)
        return QW_FAIL(pool, DNS, "%s does not exist in DNS (NXDOMAIN)",
                       answer->name);
    if (values->nelts == 0)
        return QW_FAIL(pool, UNAUTHORIZED, "%s has no TXT record",
                       answer->name);
    return QW_FAIL(pool, UNAUTHORIZED,
                   "no TXT record of %s (there are %d) is the digest of the "
                   "key authorization; the first one: %s",
                   answer->name, values->nelts,
                   qw_trial_shown(&APR_ARRAY_IDX(values, 0, qw_bytes_t), pool));
}

static qw_problem_t *try_dns01(json_t *evidence, const qw_dcv_t *dcv,
                               apr_pool_t *pool)
{
    qw_trial_t trial;
    /* RFC8555-8.4: base64url of the key authorization's SHA-256 */
    const char *want = qw_b64url_encode(dcv->digest, sizeof dcv->digest, pool);
    qw_answer_t answer = { .name = apr_pstrcat(pool, "_acme-challenge.",
                                               dcv->domain, NULL),
                           .type = QW_RR_TXT };

    QW_TRY(qw_trial_open(&trial, evidence, dcv, pool));
    QW_TRY(qw_trial_ask(&trial, &answer, 1, pool));
    return judge(&answer, want, pool);
}

const qw_validator_t qw_dns01 = { "dns-01", "dns-01", 1, try_dns01 };
