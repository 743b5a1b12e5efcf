/* CAA records: a byte of length before each. Whoever is permitted, by a set in
 * which a property speaks of issuing, is named in one of its values; whatever is
 * refused is told in safe words. */
#include "fuzz.h"

#include "check/caa.h"

#include <apr_strings.h>

#include <strings.h>

static apr_array_header_t *records(const unsigned char *data, size_t len,
                                   apr_pool_t *pool)
{
    apr_array_header_t *all = apr_array_make(pool, 4, sizeof(qw_bytes_t));

    while (len > 0) {
        size_t n = data[0] < len ? data[0] : len - 1;
        qw_bytes_t *value = apr_array_push(all);

        value->data = apr_pmemdup(pool, data + 1, n + 1 < len ? n + 1 : n);
        value->len = n;
        data += n + 1;
        len -= n + 1;
    }
    return all;
}

static int is_tag(const qw_bytes_t *value, const char *tag)
{
    return value->len >= 2 + strlen(tag) && value->data[1] == strlen(tag)
           && strncasecmp((const char *)value->data + 2, tag, strlen(tag)) == 0;
}

static int names_us(const qw_bytes_t *value)
{
    for (size_t i = 0; i + 7 <= value->len; i++)
        if (strncasecmp((const char *)value->data + i, "ca.test", 7) == 0)
            return 1;
    return 0;
}

void fuzz_one(const unsigned char *data, size_t len, apr_pool_t *pool)
{
    qw_account_t account = { .id = "a1", .external_id = "x1" };
    qw_authority_t *authority = qw_authority_make("t", pool);
    qw_answer_t answer = { .name = "www.example.org", .type = QW_RR_CAA };
    qw_caa_t ask = { .authority = authority,
                     .account = &account,
                     .domain = "www.example.org",
                     .method = "http-01" };
    int speaks = 0, named = 0;
    qw_problem_t *prob;

    authority->base_url = "https://acme.test";
    APR_ARRAY_PUSH(authority->caa_identities, const char *) = "ca.test";
    answer.values = records(data, len, pool);
    if (answer.values->nelts == 0)
        return;
    for (int i = 0; i < answer.values->nelts; i++) {
        const qw_bytes_t *value = &APR_ARRAY_IDX(answer.values, i, qw_bytes_t);

        speaks |= is_tag(value, "issue");
        named |= is_tag(value, "issue") && names_us(value);
    }
    prob = qw_caa_judge(&ask, &answer, pool);
    if (prob == NULL) {
        FUZZ_MUST(!speaks || named);
        fuzz_taken++;
        return;
    }
    FUZZ_MUST(prob->code == QW_E_CAA);
    for (const char *c = prob->detail; *c != '\0'; c++)
        FUZZ_MUST((unsigned char)*c >= 0x20 && *c != 0x7f);
}
