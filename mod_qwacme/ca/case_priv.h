/* case_priv.h -- what the files of cases share. Threads: as qw_db_t. */
#ifndef QW_CA_CASE_PRIV_H
#define QW_CA_CASE_PRIV_H

#include "ca/cases.h"

/* Do what ITEM says, with R of its authority, for case C. *RESULT for people.
 * ALREADY_REVOKED and CONFLICT: there was nothing to do; NOT_FOUND: it cannot be
 * done. */
qw_problem_t *qw_case_act(const char **result, const qw_registry_t *r,
                          const qw_case_t *c,
                          const qw_case_item_t *item) QW_MUST_CHECK;

#endif
