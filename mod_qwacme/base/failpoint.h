/* failpoint.h -- named places where a test build can be killed, failed or
 * delayed. Compiled to nothing unless QW_TEST_BUILD.
 *
 * The plan is the file named by the environment variable QWACME_FAILPOINTS,
 * read at each passage so that a test can change it while processes run: lines
 * "name action [count]", action = kill | fail | delay:MILLISECONDS; count:
 * passages that are hit (default 1; the file is rewritten under a lock). */
#ifndef QW_BASE_FAILPOINT_H
#define QW_BASE_FAILPOINT_H

#include "base/problem.h"

#ifdef QW_TEST_BUILD
/* 1 if this passage must fail; does not return if it must die. */
int qw_failpoint_hit(const char *name);
/* Leave the function with UNAVAILABLE when the plan says fail. */
#define QW_FAILPOINT(name, pool)                                               \
    do {                                                                       \
        if (qw_failpoint_hit(name))                                            \
            return QW_FAIL_BECAUSE((pool), UNAVAILABLE, "failpoint " name,     \
                                   "try again later");                         \
    } while (0)
#else
#define QW_FAILPOINT(name, pool) ((void)0)
#endif

#endif
