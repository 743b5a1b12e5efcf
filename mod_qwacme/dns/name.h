/* name.h -- domain names: forms, what is refused, what covers what.
 * Threads: any. */
#ifndef QW_DNS_NAME_H
#define QW_DNS_NAME_H

#include "base/problem.h"

typedef struct {
    const char *name; /* A-labels, lower case, no final dot, without "*." */
    int wildcard;
} qw_name_t;

/* *NAME in POOL of an ACME dns identifier: A-labels only. REJECTED_IDENTIFIER
 * (detail shows it through qw_text_safe) for everything the Baseline
 * Requirements forbid: empty or too long label or name, other characters than
 * letters, digits and hyphen, hyphen first or last, "--" at 3-4 unless a valid
 * A-label, address literals, single label, reserved and special-use TLDs
 * (.test is taken when ALLOW_TEST_TLD), .onion, .arpa, a public suffix itself
 * or "*." before one, wildcard not the whole left label. */
qw_problem_t *qw_name_parse(qw_name_t *name, const char *text,
                            int allow_test_tld, apr_pool_t *pool) QW_MUST_CHECK;

/* The same for what a human enters into the domain list: U-labels are turned
 * into A-labels (IDNA2008). INVALID_INPUT. */
qw_problem_t *qw_name_from_user(qw_name_t *name, const char *text,
                                int allow_test_tld,
                                apr_pool_t *pool) QW_MUST_CHECK;

/* The registered domain of NAME ("*." before it does not count): its public
 * suffix by the list's ICANN part and one label more; of a name without any, the
 * last two labels. In POOL. */
const char *qw_name_registered(const char *name, apr_pool_t *pool);

/* 1 if NAME is BASE or, when SUBTREE, below it at a label boundary. Both in
 * the form of qw_name_t.name. */
int qw_name_covers(const char *base, int subtree, const char *name);

#endif
