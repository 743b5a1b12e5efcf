/* The REST interface of pkimetal, which runs many linters at once. */
#include "ca/lint_report.h"

#include "base/b64.h"
#include "base/json.h"
#include "base/text.h"
#include "net/post_json.h"

#include <apr_escape.h>
#include <apr_strings.h>

#include <string.h>

/* Its names of our profiles; it finds out the others by itself. */
static const struct {
    const char *profile, *name;
} names[] = {
    { "qevcp-w", "etsi_leaf_tlsserver_qevcpweidas" },
    { "qncp-w", "etsi_leaf_tlsserver_qncpwoveidas" },
    { "qncp-w-iv", "etsi_leaf_tlsserver_qncpwiveidas" },
    { "qncp-w-gen", "etsi_leaf_tlsserver_qncpwgenlegalpersoneidas" },
    { "qncp-w-gen-np", "etsi_leaf_tlsserver_qncpwgennaturalpersoneidas" },
    { "qevcp-w-psd2", "etsi_leaf_tlsserver_qevcpwpsd2eidas" },
};

static const char *profile_of(const qw_issue_t *item, apr_pool_t *pool)
{
    int precert = strcmp(item->draft.kind, QW_KIND_PRECERT) == 0;

    for (apr_size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        if (strcmp(names[i].profile, item->draft.profile) == 0)
            return precert ? apr_pstrcat(pool, names[i].name, "_precertificate",
                                         NULL)
                           : names[i].name;
    return "autodetect";
}

static const char *question(const qw_issue_t *item, apr_pool_t *pool)
{
    const char *tbs = qw_b64_encode(item->tbs.data, item->tbs.len, pool);

    return apr_pstrcat(pool, "b64tbscert=", apr_pescape_urlencoded(pool, tbs),
                       "&profile=", profile_of(item, pool),
                       "&format=json&severity=meta", NULL);
}

/* "meta" rows say which linters ran: "Not used" that one did not. */
static int has_run(const json_t *rows, const char *linter)
{
    const json_t *row;
    apr_size_t i;

    json_array_foreach(rows, i, row)
    {
        const char *name = json_string_value(json_object_get(row, "Linter"));
        const char *text = json_string_value(json_object_get(row, "Finding"));

        if (name != NULL && text != NULL && strcmp(name, linter) == 0
            && strncmp(text, "Not used", 8) != 0)
            return 1;
    }
    return 0;
}

/* Whatever is not known to be harmless is not. */
static int is_harmless(const char *severity)
{
    static const char *const words[] = { "meta", "debug", "info", "notice",
                                         "warning" };

    for (apr_size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
        if (strcmp(severity, words[i]) == 0)
            return 1;
    return 0;
}

/* pkimetal's own rows of severity fatal are its failures, with HTTP 200. */
static void judge_row(qw_lint_report_t *r, const json_t *row, apr_pool_t *pool)
{
    const char *linter = json_string_value(json_object_get(row, "Linter"));
    const char *text = json_string_value(json_object_get(row, "Finding"));
    const char *severity = json_string_value(json_object_get(row, "Severity"));
    const char *code = json_string_value(json_object_get(row, "Code"));

    if (linter == NULL || text == NULL || severity == NULL) {
        r->failure = "a row of its answer lacks Linter, Finding or Severity";
        return;
    }
    if (strcmp(linter, "pkimetal") == 0 && !is_harmless(severity)) {
        r->failure =
            apr_pstrcat(pool, "pkimetal says: ", qw_text_safe(text, 128, pool),
                        NULL);
        return;
    }
    r->refused |= !is_harmless(severity);
    if (strcmp(severity, "meta") != 0 && strcmp(severity, "debug") != 0)
        qw_lint_found(r,
                      apr_pstrcat(pool, severity, ": ", linter, ": ",
                                  code != NULL ? code : "",
                                  code != NULL ? ": " : "", text, NULL),
                      pool);
}

void qw_lint_judge(qw_lint_report_t *r, const qw_bytes_t *answer,
                   const apr_array_header_t *expected, apr_pool_t *pool)
{
    json_t *rows, *row;
    apr_size_t i;

    if (qw_json_parse(&rows, (const char *)answer->data, answer->len, "answer",
                      pool)
            != NULL
        || !json_is_array(rows) || json_array_size(rows) == 0) {
        r->failure = "its answer is no JSON array of findings";
        return;
    }
    json_array_foreach(rows, i, row)
    {
        if (r->failure == NULL)
            judge_row(r, row, pool);
    }
    for (int k = 0; k < expected->nelts && r->failure == NULL; k++) {
        const char *linter = APR_ARRAY_IDX(expected, k, const char *);

        if (!has_run(rows, linter))
            r->failure =
                apr_pstrcat(pool, "linter ", linter, " did not run", NULL);
    }
}

qw_problem_t *qw_lint_by_pkimetal(qw_lint_report_t *reports, int n,
                                  const qw_authority_t *authority,
                                  apr_time_t deadline, apr_pool_t *pool)
{
    qw_post_t *posts = apr_pcalloc(pool, sizeof(*posts) * (apr_size_t)(n + 1));
    qw_post_how_t how = { .max_reply = QW_LINT_ANSWER_MAX,
                          .type = "application/x-www-form-urlencoded",
                          .deadline = deadline };

    for (int i = 0; i < n; i++) {
        posts[i].url =
            apr_pstrcat(pool, authority->linter, "/linttbscert", NULL);
        posts[i].body = question(reports[i].item, pool);
    }
    QW_TRY(qw_post_json(posts, n, &how, pool));
    for (int i = 0; i < n; i++) {
        reports[i].failure = posts[i].failure;
        if (posts[i].failure == NULL)
            qw_lint_judge(&reports[i], &posts[i].reply, authority->linters,
                          pool);
    }
    return NULL;
}
