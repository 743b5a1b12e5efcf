/* Linters that are programs: no verdict in time is none at all, whatever the
 * program does instead of ending. */
#include "rig.h"
#include "tap.h"
#include "x509_golden.h"

#include "base/world.h"
#include "ca/lint_report.h"

#include <apr_general.h>

#include <sys/stat.h>

enum { MUCH = 200000 }; /* more than a pipe holds */

static qw_issuing_t issuing;
static qw_issue_t item;

/* What the shell script TEXT has to say; LEFT until the deadline. */
static qw_lint_report_t ask(const char *text, apr_interval_time_t left,
                            apr_pool_t *p)
{
    const char *path =
        rig_write("linter", apr_pstrcat(p, "#!/bin/sh\n", text, "\n", NULL), p);
    qw_lint_report_t r = { &item, 0, NULL, json_array() };

    chmod(path, 0700);
    qw_lint_by_program(&r, path, qw_world()->now() + left, p);
    json_decref(r.findings);
    return r;
}

static void verdicts(apr_pool_t *p)
{
    apr_interval_time_t whole = apr_time_from_sec(10);
    qw_lint_report_t r = ask("cat >/dev/null", whole, p);

    ok(r.failure == NULL && !r.refused, "one that ends well passes it");
    r = ask("cat >/dev/null; exec >&-; sleep 0.1; exit 1", whole, p);
    ok(r.failure == NULL && r.refused,
       "its verdict may come later than the end of its output");
    r = ask("exit 2", whole, p);
    ok(r.failure != NULL, "another status is no verdict");
}

/* Each of these once took the signer for good. */
static void late(apr_pool_t *p)
{
    apr_interval_time_t soon = apr_time_from_msec(300);
    apr_time_t end = qw_world()->now() + apr_time_from_sec(8);
    qw_lint_report_t r;

    r = ask("cat >/dev/null; exec >&- 2>&-; exec sleep 10", soon, p);
    ok(r.failure != NULL && qw_world()->now() < end,
       "one that ends its output and stays is late");
    item.tbs.data = apr_pcalloc(p, MUCH);
    item.tbs.len = MUCH;
    r = ask("exec sleep 10", soon, p);
    ok(r.failure != NULL && qw_world()->now() < end,
       "and so is one that does not read");
}

/* OpenSSL leaves the file of the signer's key open, and open to programs. */
static void keeps_ours(apr_pool_t *p)
{
    int fd = dup2(0, 77);
    qw_lint_report_t r =
        ask("cat >/dev/null; test -e /proc/self/fd/77 || exit 0; exit 1",
            apr_time_from_sec(10), p);

    ok(fd == 77 && r.failure == NULL && !r.refused,
       "it has none of our descriptors");
    close(fd);
}

static void unknown(apr_pool_t *p)
{
    qw_lint_report_t r;

    signal(SIGCHLD, SIG_IGN);
    r = ask("cat >/dev/null; exit 1", apr_time_from_sec(10), p);
    ok(r.failure != NULL,
       "where SIGCHLD is ignored, a refusal is not taken for a pass");
    signal(SIGCHLD, SIG_DFL);
}

int main(void)
{
    golden_parts_t parts;
    qw_bytes_t der;
    apr_pool_t *p;

    apr_initialize();
    apr_pool_create(&p, NULL);
    signal(SIGPIPE, SIG_IGN);
    der = golden_der(golden_qncp_w_pem, p);
    parts = golden_parts(&der);
    issuing.issuer = golden_issuer(p);
    item.issuing = &issuing;
    item.tbs = parts.tbs;
    item.pool = p;
    verdicts(p);
    keeps_ours(p);
    late(p);
    unknown(p);
    apr_pool_destroy(p);
    return done_testing();
}
