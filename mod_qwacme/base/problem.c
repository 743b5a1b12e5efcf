#include "base/problem.h"

#include <apr_strings.h>

#include <stdarg.h>
#include <string.h>

/* syslog numbers, the same as httpd's */
enum { ERR = 3, WARNING = 4, NOTICE = 5, INFO = 6, DEBUG = 7 };

static const struct {
    const char *name;
    const char *urn;
    int http;
    int level;
} kinds[] = {
#define QW_PROBLEM(code, type, http, level)                                    \
    { #code, "urn:ietf:params:acme:error:" type, http, level },
#include "base/problem.def"
};

qw_problem_t *qw_problem_make(apr_pool_t *pool, const char *file, int line,
                              qw_code_e code, const char *cause,
                              const char *detail, ...)
{
    qw_problem_t *prob = apr_pcalloc(pool, sizeof(*prob));
    va_list ap;

    prob->code = code;
    prob->cause = cause;
    prob->file = file;
    prob->line = line;
    va_start(ap, detail);
    prob->detail = apr_pvsprintf(pool, detail, ap);
    va_end(ap);
    return prob;
}

const char *qw_problem_urn(qw_code_e code)
{
    return kinds[code].urn;
}

int qw_problem_http(qw_code_e code)
{
    return kinds[code].http;
}

qw_problem_t *qw_problem_unless(qw_problem_t *prob, qw_code_e code)
{
    return prob != NULL && prob->code == code ? NULL : prob;
}

int qw_problem_level(qw_code_e code)
{
    return kinds[code].level;
}

const char *qw_problem_name(qw_code_e code)
{
    return kinds[code].name;
}

int qw_problem_code(qw_code_e *code, const char *name)
{
    int i;

    for (i = 0; i < QW_E_COUNT; i++)
        if (strcmp(kinds[i].name, name) == 0) {
            *code = (qw_code_e)i;
            return 1;
        }
    return 0;
}

/* The basename says enough, and nothing of where it was built. */
static const char *basename_of(const char *path)
{
    const char *slash = strrchr(path, '/');

    return slash != NULL ? slash + 1 : path;
}

const char *qw_problem_for_log(const qw_problem_t *prob, apr_pool_t *pool)
{
    return apr_psprintf(pool, "%s: %s%s%s%s (%s:%d)", kinds[prob->code].name,
                        prob->detail, prob->cause != NULL ? " [" : "",
                        prob->cause != NULL ? prob->cause : "",
                        prob->cause != NULL ? "]" : "", basename_of(prob->file),
                        prob->line);
}

void qw_problem_add(qw_problem_t *prob, qw_problem_t *sub, apr_pool_t *pool)
{
    if (prob->subproblems == NULL)
        prob->subproblems = apr_array_make(pool, 2, sizeof(qw_problem_t *));
    APR_ARRAY_PUSH(prob->subproblems, qw_problem_t *) = sub;
}
