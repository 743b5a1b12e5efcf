/* Answers of pkimetal: none passes a certificate unless each linter that must has
 * run, and what is shown to officers is safe. */
#include "fuzz.h"

#include "base/json.h"
#include "ca/lint_report.h"

void fuzz_one(const unsigned char *data, size_t len, apr_pool_t *pool)
{
    apr_array_header_t *expected = apr_array_make(pool, 1, sizeof(char *));
    qw_lint_report_t report = { .findings = qw_json_new_array(pool) };
    qw_bytes_t answer = { data, len };
    const json_t *finding;
    size_t i;

    APR_ARRAY_PUSH(expected, const char *) = "zlint";
    qw_lint_judge(&report, &answer, expected, pool);
    json_array_foreach(report.findings, i, finding)
    {
        for (const char *c = json_string_value(finding); *c != '\0'; c++)
            FUZZ_MUST((unsigned char)*c >= 0x20 && *c != 0x7f);
    }
    if (report.failure != NULL || report.refused)
        return;
    fuzz_taken++;
    FUZZ_MUST(memmem(data, len, "zlint", 5) != NULL
              || memmem(data, len, "\\u", 2) != NULL);
}
