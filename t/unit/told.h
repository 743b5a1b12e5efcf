/* told.h -- what a test asks of a problem. */
#ifndef TOLD_H
#define TOLD_H

#include "base/problem.h"

#include "tap.h"

/* PROB has CODE, and its detail holds WORDS. */
#define told(prob, want, words, name)                                          \
    do {                                                                       \
        const qw_problem_t *told_ = (prob);                                    \
        ok(told_ != NULL && told_->code == QW_E_##want                         \
               && strstr(told_->detail, (words)) != NULL,                      \
           "%s", name);                                                        \
        if (told_ == NULL)                                                     \
            printf("#  got: no problem\n");                                    \
        else if (told_->code != QW_E_##want                                    \
                 || strstr(told_->detail, (words)) == NULL)                    \
            printf("#  got: %s: %s\n# want: %s: %s\n",                         \
                   qw_problem_name(told_->code), told_->detail, #want,         \
                   (words));                                                   \
    } while (0)

/* There is no problem. */
#define fine(prob, name)                                                       \
    do {                                                                       \
        const qw_problem_t *fine_ = (prob);                                    \
        ok(fine_ == NULL, "%s", name);                                         \
        if (fine_ != NULL)                                                     \
            printf("#  got: %s: %s\n", qw_problem_name(fine_->code),           \
                   fine_->detail);                                             \
    } while (0)

#endif
