#include "ca/lint.h"

#include "audit/audit.h"
#include "base/log.h"
#include "base/text.h"
#include "base/world.h"
#include "ca/lint_report.h"

#include <apr_strings.h>

#include <string.h>

enum { FINDINGS_MAX = 50, FINDING_MAX = 200 };

#define PATIENCE    (apr_time_from_sec(10))
#define AGAIN_AFTER (apr_time_from_sec(30))

static const char program[] = "exec:";

int qw_lint_wanted(const qw_issue_t *item)
{
    return item->precert_id == NULL && item->problem == NULL
           && item->issuing->authority->linter != NULL;
}

void qw_lint_found(qw_lint_report_t *report, const char *text, apr_pool_t *pool)
{
    if (json_array_size(report->findings) < FINDINGS_MAX)
        json_array_append_new(report->findings,
                              json_string(
                                  qw_text_safe(text, FINDING_MAX, pool)));
}

static qw_problem_t *note(qw_db_t *db, void *baton, apr_pool_t *pool)
{
    const qw_lint_report_t *r = baton;
    const qw_authority_t *authority = r->item->issuing->authority;
    qw_audit_t who = { authority->name, qw_authority_now(authority), "signer",
                       "order", r->item->order_id };
    json_t *detail = qw_json_new_object(pool);

    json_object_set(detail, "findings", r->findings);
    return qw_audit(db, &who, "certificate.lint", detail, pool);
}

/* The officer reads the event; the client learns only that it is ours to mend. */
static qw_problem_t *refuse(qw_store_t *store, qw_lint_report_t *r)
{
    apr_pool_t *pool = r->item->pool;

    QW_TRY(qw_store_write(store, note, r, pool));
    return QW_FAIL_BECAUSE(
        pool, SERVER_INTERNAL,
        apr_psprintf(pool,
                     "linter: %d findings, see the event "
                     "certificate.lint of order %s: %s",
                     (int)json_array_size(r->findings), r->item->order_id,
                     json_string_value(json_array_get(r->findings, 0))),
        "the certificate did not pass the last check "
        "before signing");
}

static qw_problem_t *no_verdict(const qw_lint_report_t *r)
{
    qw_problem_t *prob =
        QW_FAIL_BECAUSE(r->item->pool, UNAVAILABLE,
                        apr_pstrcat(r->item->pool, "QwacmeLinter: ", r->failure,
                                    NULL),
                        "the certificate cannot be checked now; try again "
                        "later");

    prob->retry_after = AGAIN_AFTER;
    return prob;
}

static void conclude(qw_store_t *store, qw_lint_report_t *r)
{
    /* it is one of the batch, which the caller may change */
    qw_issue_t *item = (qw_issue_t *)r->item;

    item->draft.findings = r->findings;
    if (r->failure != NULL)
        item->problem = no_verdict(r);
    else if (r->refused)
        item->problem = refuse(store, r);
    else
        item->draft.linted = item->tbs;
}

static qw_problem_t *ask(qw_lint_report_t *reports, int n,
                         const qw_authority_t *authority, apr_pool_t *pool)
{
    apr_time_t deadline = qw_world()->now() + PATIENCE;
    int i;

    if (strncmp(authority->linter, program, sizeof(program) - 1) != 0)
        return qw_lint_by_pkimetal(reports, n, authority, deadline, pool);
    for (i = 0; i < n; i++)
        qw_lint_by_program(&reports[i], authority->linter + sizeof(program) - 1,
                           deadline, pool);
    return NULL;
}

/* Those of one authority at a time: each has its own linter. */
static qw_problem_t *lint_of(const qw_authority_t *authority, qw_store_t *store,
                             qw_issue_t **items, int n, apr_pool_t *pool)
{
    qw_lint_report_t *reports =
        apr_pcalloc(pool, sizeof(*reports) * (apr_size_t)n);
    int i, asked = 0;

    for (i = 0; i < n; i++) {
        if (!qw_lint_wanted(items[i])
            || items[i]->issuing->authority != authority
            || items[i]->draft.linted.data != NULL)
            continue;
        reports[asked].item = items[i];
        reports[asked++].findings = qw_json_new_array(items[i]->pool);
    }
    QW_TRY(ask(reports, asked, authority, pool));
    for (i = 0; i < asked; i++)
        conclude(store, &reports[i]);
    return NULL;
}

qw_problem_t *qw_lint_batch(qw_store_t *store, qw_issue_t **items, int n,
                            apr_pool_t *pool)
{
    int i;

    for (i = 0; i < n; i++)
        if (qw_lint_wanted(items[i]) && items[i]->draft.linted.data == NULL)
            QW_TRY(
                lint_of(items[i]->issuing->authority, store, items, n, pool));
    return NULL;
}
