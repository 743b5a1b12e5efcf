/* Reports of problems: from anybody, about a certificate of ours. */
#include "ca/case_priv.h"

#include "base/text.h"

#include <apr_strings.h>

#include <string.h>

enum { REPORT_HOURS = 24 };

static const char *const problems[] = { "key-compromise", "mis-issuance",
                                        "misuse",         "identity",
                                        "other",          NULL };

const char *const *qw_report_problems(void)
{
    return problems;
}

static qw_problem_t *check_line(const char *what, const char *value, int least,
                                apr_pool_t *pool)
{
    apr_size_t n = strlen(value);

    if (n < (apr_size_t)least || n > QW_REPORT_LINE_MOST
        || !qw_text_is_utf8(value, n) || strpbrk(value, "\r\n") != NULL)
        return QW_FAIL(pool, INVALID_INPUT,
                       "%s: write one line of %d to %d bytes", what, least,
                       QW_REPORT_LINE_MOST);
    return NULL;
}

static qw_problem_t *check(const qw_report_t *report, apr_pool_t *pool)
{
    apr_size_t n = strlen(report->text);
    int i = 0;

    QW_TRY(check_line("subject", report->subject, 1, pool));
    QW_TRY(check_line("contact", report->contact, 0, pool));
    if (n == 0 || n > QW_REPORT_TEXT_MOST || !qw_text_is_utf8(report->text, n))
        return QW_FAIL(pool, INVALID_INPUT,
                       "text: write 1 to %d bytes of UTF-8",
                       QW_REPORT_TEXT_MOST);
    while (problems[i] != NULL && strcmp(problems[i], report->problem) != 0)
        i++;
    if (problems[i] == NULL)
        return QW_FAIL(pool, INVALID_INPUT,
                       "problem: '%s' is not key-compromise, mis-issuance, "
                       "misuse, identity or other",
                       qw_text_safe(report->problem, 32, pool));
    return NULL;
}

qw_problem_t *qw_report_open(const char **id, const qw_registry_t *r,
                             const qw_report_t *report)
{
    json_t *options = qw_json_new_object(r->pool);
    qw_registry_t by = *r;
    qw_case_t head = { 0 };

    QW_TRY(check(report, r->pool));
    json_object_set_new(options, "problem", json_string(report->problem));
    by.actor = report->by;
    head.kind = QW_CASE_PROBLEM_REPORT;
    head.subject = report->subject;
    head.options = qw_json_dump(options, r->pool);
    head.contact = report->contact;
    head.text = report->text;
    head.due =
        qw_authority_now(r->authority) + apr_time_from_sec(REPORT_HOURS * 3600);
    QW_TRY(qw_cases_insert(&head, &by));
    *id = head.id;
    return NULL;
}
