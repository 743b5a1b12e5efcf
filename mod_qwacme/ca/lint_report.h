/* lint_report.h -- what linters say of one draft. For lint.c and the linters.
 * Threads: one object, one thread. */
#ifndef QW_CA_LINT_REPORT_H
#define QW_CA_LINT_REPORT_H

#include "base/bytes.h"
#include "ca/issue.h"

typedef struct {
    const qw_issue_t *item;
    int refused;         /* an error was found */
    const char *failure; /* why there is no verdict; NULL: there is one */
    json_t *findings;    /* array of texts, bounded; warnings too */
} qw_lint_report_t;

enum { QW_LINT_ANSWER_MAX = 65536 };

/* One finding more, made safe and short; those beyond a number are left out. */
void qw_lint_found(qw_lint_report_t *report, const char *text,
                   apr_pool_t *pool);

/* Fill the N REPORTS by the pkimetal REST service at URL, all at the same time,
 * within DEADLINE. EXPECTED: names of the linters that must have answered. */
qw_problem_t *qw_lint_by_pkimetal(qw_lint_report_t *reports, int n,
                                  const qw_authority_t *authority,
                                  apr_time_t deadline,
                                  apr_pool_t *pool) QW_MUST_CHECK;

/* The verdict of an answer of pkimetal, for the fuzzer too. */
void qw_lint_judge(qw_lint_report_t *report, const qw_bytes_t *answer,
                   const apr_array_header_t *expected, apr_pool_t *pool);

/* Fill REPORT by program PATH, which reads a certificate with a signature of no
 * meaning, DER, from its standard input; exit status 0: fine, 1: findings, one
 * on a line of its standard output. Anything else is a failure. */
void qw_lint_by_program(qw_lint_report_t *report, const char *path,
                        apr_time_t deadline, apr_pool_t *pool);

#endif
