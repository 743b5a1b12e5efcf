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

/* A plan in the making. */
typedef struct {
    const qw_registry_t *r;
    const qw_cases_ask_t *ask;
    qw_cases_plan_t *plan;
    apr_time_t now;
    int reason;
    apr_array_header_t *chosen; /* of const char *: serials, or NULL */
    apr_hash_t *wanted;         /* those, and whether they were met */
} qw_planner_t;

/* A new item at the end of P's plan; its strings are borrowed. */
qw_case_item_t *qw_plan_add(qw_planner_t *p, const char *kind,
                            const char *subject_id, const char *label);

/* [OPR-13] 1 if CREATED is in the suspected window, and there is one. */
int qw_plan_in_window(const qw_planner_t *p, apr_time_t created);

/* Which certificates. */
typedef struct {
    qw_pick_e by;
    const char *key;
    int everywhere;  /* in every authority */
    int only_chosen; /* those that are not to be revoked are not even listed */
    const char *external_id, *account_id; /* of a precertificate; NULL: any */
} qw_plan_pick_t;

/* Add them, to be revoked or to be listed; and, of an authority or an account,
 * precertificates that never became one, BR-7.1.2.9. */
qw_problem_t *qw_plan_pick(qw_planner_t *p,
                           const qw_plan_pick_t *pick) QW_MUST_CHECK;

/* SERIALS (const char *) must be met by what is picked then; INVALID_INPUT, with
 * a subproblem for each that was not. */
void qw_plan_want(qw_planner_t *p, const apr_array_header_t *serials);
qw_problem_t *qw_plan_check_wanted(const qw_planner_t *p) QW_MUST_CHECK;

#endif
