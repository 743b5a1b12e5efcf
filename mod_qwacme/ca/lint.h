/* lint.h -- linters of others' making, before anything is signed. Fail-closed.
 * Threads: one; the signer's. */
#ifndef QW_CA_LINT_H
#define QW_CA_LINT_H

#include "ca/issue.h"
#include "store/store.h"

/* 1 if QwacmeLinter is to see ITEM's draft. What completes a precertificate was
 * seen with that (BR-4.3.1.2). */
int qw_lint_wanted(const qw_issue_t *item);

/* Show those of the N ITEMS that want it to their authority's linter. Each that
 * has findings gets SERVER_INTERNAL, and an event with the findings for the
 * officer; each that no linter answers for in time gets UNAVAILABLE. What
 * passed is pinned in its draft. */
qw_problem_t *qw_lint_batch(qw_store_t *store, qw_issue_t **items, int n,
                            apr_pool_t *pool) QW_MUST_CHECK;

#endif
