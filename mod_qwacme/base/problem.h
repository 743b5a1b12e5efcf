/* problem.h -- the one error type of mod_qwacme. Threads: any. */
#ifndef QW_BASE_PROBLEM_H
#define QW_BASE_PROBLEM_H

#include <apr_errno.h>
#include <apr_pools.h>
#include <apr_tables.h>
#include <apr_time.h>

typedef enum {
#define QW_PROBLEM(code, type, http, level) QW_E_##code,
#include "base/problem.def"
    QW_E_COUNT
} qw_code_e;

/* A failure. NULL means success, so a verb reads as a list of QW_TRYs.
 *
 * The first block goes to the client, the second to the error log only: SQL
 * text, OpenSSL reasons and host names belong there. Lives in the pool it was
 * made in; nothing to free, nothing to clear. */
typedef struct qw_problem_t qw_problem_t;
struct qw_problem_t {
    qw_code_e code;
    const char *detail;              /* one sentence, UTF-8               */
    apr_array_header_t *subproblems; /* of qw_problem_t *, NULL if none   */
    const char *identifier;          /* dns name it is about, or NULL     */
    const char *instance;            /* URL for a human, or NULL          */
    const char *location;            /* Location header, or NULL          */
    apr_interval_time_t retry_after; /* from now, 0 if none               */

    apr_status_t rv;
    const char *cause;
    const char *file;
    int line;
};

#define QW_MUST_CHECK __attribute__((warn_unused_result))

/* Make a problem in POOL. Use QW_FAIL or QW_FAIL_BECAUSE instead. */
qw_problem_t *qw_problem_make(apr_pool_t *pool, const char *file, int line,
                              qw_code_e code, const char *cause,
                              const char *detail, ...)
    __attribute__((format(printf, 6, 7), returns_nonnull)) QW_MUST_CHECK;

/* ACME URN (static string), HTTP status and log level (syslog number, the same
 * as httpd's APLOG_*) of a code; its name, "BAD_NONCE". Never fail. */
const char *qw_problem_urn(qw_code_e code);
int qw_problem_http(qw_code_e code);

int qw_problem_level(qw_code_e code);
const char *qw_problem_name(qw_code_e code);

/* PROB, or NULL if it is of CODE: no failure for the caller. */
qw_problem_t *qw_problem_unless(qw_problem_t *prob,
                                qw_code_e code) QW_MUST_CHECK;

/* *CODE of a name; 0 if there is none. The signer's answers carry names. */
int qw_problem_code(qw_code_e *code, const char *name);

/* The sentence to log: code, cause if any, else detail, and where. */
const char *qw_problem_for_log(const qw_problem_t *prob, apr_pool_t *pool);

/* Add SUB to PROB's subproblems (RFC8555-6.7.1). Same pool as PROB. */
void qw_problem_add(qw_problem_t *prob, qw_problem_t *sub, apr_pool_t *pool);

#ifdef __clang_analyzer__
/* It does not believe returns_nonnull, and follows paths that are none. */
static inline qw_problem_t *qw_problem_sure(qw_problem_t *prob)
{
    if (prob == NULL)
        __builtin_unreachable();
    return prob;
}
#else
#define qw_problem_sure(prob) (prob)
#endif

/* The client did something wrong; nothing here needs an operator. */
#define QW_FAIL(pool, code, ...)                                               \
    qw_problem_sure(qw_problem_make((pool), __FILE__, __LINE__, QW_E_##code,   \
                                    NULL, __VA_ARGS__))

/* Something of ours broke. CAUSE is logged, the detail is all the client gets. */
#define QW_FAIL_BECAUSE(pool, code, cause, ...)                                \
    qw_problem_sure(qw_problem_make((pool), __FILE__, __LINE__, QW_E_##code,   \
                                    (cause), __VA_ARGS__))

/* Leave the function with the problem EXPR returned, or go on. */
#define QW_TRY(expr)                                                           \
    do {                                                                       \
        qw_problem_t *qw_try_ = (expr);                                        \
        if (qw_try_ != NULL)                                                   \
            return qw_try_;                                                    \
    } while (0)

#endif
