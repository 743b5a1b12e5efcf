/* A linter that is a program. */
#include "ca/lint_report.h"

#include "base/world.h"
#include "x509/tbs.h"

#include <apr_strings.h>
#include <apr_thread_proc.h>
#include <openssl/evp.h>

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

/* Descriptors of ours begin behind those that a program expects. */
enum { OURS_FROM = 3, FINDINGS_EXIT = 1, OUTPUT_MAX = 16384 };

#define PAUSE (apr_time_from_msec(1))

/* BR-4.3.1.2: a signature of static value, of the right form. */
static qw_problem_t *sample(qw_bytes_t *der, const qw_issue_t *item,
                            apr_pool_t *pool)
{
    static const unsigned char ones[] = { 0x30, 0x06, 0x02, 0x01,
                                          0x01, 0x02, 0x01, 0x01 };
    const qw_issuer_t *issuer = item->issuing->issuer;
    qw_bytes_t signature = { ones, sizeof(ones) };

    if (EVP_PKEY_is_a(issuer->key, "RSA")) {
        signature.len = (apr_size_t)EVP_PKEY_get_size(issuer->key);
        signature.data = apr_pcalloc(pool, signature.len);
    }
    return qw_cert_assemble(der, &item->tbs, issuer, &signature, pool);
}

static apr_status_t start(apr_proc_t *proc, const char *path, apr_pool_t *pool)
{
    const char *const argv[] = { path, NULL };
    apr_procattr_t *how;
    apr_status_t rv = apr_procattr_create(&how, pool);

    if (rv == APR_SUCCESS)
        rv = apr_procattr_io_set(how, APR_FULL_BLOCK, APR_FULL_BLOCK,
                                 APR_NO_PIPE);
    if (rv == APR_SUCCESS)
        rv = apr_procattr_cmdtype_set(how, APR_PROGRAM_ENV);
    if (rv == APR_SUCCESS)
        rv = apr_procattr_error_check_set(how, 1);
    /* libraries open the key's file, and what leads to tokens, for programs that
     * we start too: those are to have none of it, whichever user they become */
    if (rv == APR_SUCCESS
        && close_range(OURS_FROM, ~0U, CLOSE_RANGE_CLOEXEC) != 0)
        rv = errno;
    return rv == APR_SUCCESS
               ? apr_proc_create(proc, path, argv, NULL, how, pool)
               : rv;
}

/* What it writes, up to its end or DEADLINE. 0: too late or too much. */
static int read_all(char *text, apr_proc_t *proc, apr_time_t deadline)
{
    apr_size_t len = 0, room;
    apr_status_t rv;

    do {
        apr_interval_time_t left = deadline - qw_world()->now();

        room = OUTPUT_MAX - len;
        if (left <= 0 || room == 0)
            return 0;
        apr_file_pipe_timeout_set(proc->out, left);
        rv = apr_file_read(proc->out, text + len, &room);
        len += rv == APR_SUCCESS ? room : 0;
    } while (rv == APR_SUCCESS);
    text[len] = '\0';
    return APR_STATUS_IS_EOF(rv);
}

static void take_lines(qw_lint_report_t *r, char *text, apr_pool_t *pool)
{
    char *line, *last;

    for (line = apr_strtok(text, "\n", &last); line != NULL;
         line = apr_strtok(NULL, "\n", &last))
        qw_lint_found(r, line, pool);
}

/* A program may end its output and stay: its own end has the same DEADLINE. */
static apr_status_t reap(int *status, apr_exit_why_e *why, apr_proc_t *proc,
                         apr_time_t deadline)
{
    apr_status_t rv;

    while ((rv = apr_proc_wait(proc, status, why, APR_NOWAIT))
               == APR_CHILD_NOTDONE
           && qw_world()->now() < deadline)
        apr_sleep(PAUSE);
    if (rv != APR_CHILD_NOTDONE)
        return rv;
    apr_proc_kill(proc, SIGKILL);
    (void)apr_proc_wait(proc, status, why, APR_WAIT);
    return rv;
}

/* Its end, or, when it is late, ours of it. Where SIGCHLD is ignored nobody
 * knows how it ended: no verdict. */
static const char *await_end(int *status, apr_proc_t *proc, int whole,
                             apr_time_t deadline)
{
    apr_exit_why_e why;
    apr_status_t rv = reap(status, &why, proc, whole ? deadline : 0);

    if (!whole || rv == APR_CHILD_NOTDONE)
        return "the program took too long, or said too much";
    if (rv != APR_CHILD_DONE)
        return "how the program ended is not known";
    return APR_PROC_CHECK_EXIT(why) ? NULL
                                    : "the program was ended by a signal";
}

static void run(qw_lint_report_t *r, apr_proc_t *proc, const qw_bytes_t *der,
                apr_time_t deadline, apr_pool_t *pool)
{
    char *text = apr_palloc(pool, OUTPUT_MAX + 1);
    int status = 0, whole;

    /* one that does not read is told apart by what it says */
    apr_file_pipe_timeout_set(proc->in, deadline - qw_world()->now());
    (void)apr_file_write_full(proc->in, der->data, der->len, NULL);
    apr_file_close(proc->in);
    whole = read_all(text, proc, deadline);
    apr_file_close(proc->out);
    r->failure = await_end(&status, proc, whole, deadline);
    if (r->failure != NULL)
        return;
    take_lines(r, text, pool);
    r->refused = status == FINDINGS_EXIT;
    if (status > FINDINGS_EXIT)
        r->failure =
            apr_psprintf(pool, "the program ended with status %d", status);
    else if (r->refused && json_array_size(r->findings) == 0)
        qw_lint_found(r, "refused without a word", pool);
}

void qw_lint_by_program(qw_lint_report_t *r, const char *path,
                        apr_time_t deadline, apr_pool_t *pool)
{
    apr_proc_t proc;
    qw_bytes_t der;
    char why[120];
    apr_status_t rv;

    if (sample(&der, r->item, pool) != NULL) {
        r->failure = "there is nothing to show to the program";
        return;
    }
    rv = start(&proc, path, pool);
    if (rv != APR_SUCCESS)
        r->failure = apr_pstrcat(pool, path, ": ",
                                 apr_strerror(rv, why, sizeof(why)), NULL);
    else
        run(r, &proc, &der, deadline, pool);
}
