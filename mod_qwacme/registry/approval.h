/* approval.h -- four eyes: what one person asks for happens when another one
 * approves it, in the transaction of the approval, once. Who they are is the
 * actor of qw_registry_t, whatever the way in: "ctl:<user>", "officer:<id>".
 * As registry.h: inside the caller's transaction, with events. Threads: as
 * qw_db_t.
 *
 * An action that may need two persons has a word in model/approval.h and a row in
 * the table that who approves passes; qw_authority_needs_two() says whether to
 * ask at all. */
#ifndef QW_REGISTRY_APPROVAL_H
#define QW_REGISTRY_APPROVAL_H

#include "model/person.h"
#include "registry/registry.h"
#include "store/db_approval.h"

/* What is asked for. */
typedef struct {
    const char *action;       /* QW_ACTION_... */
    const char *subject_kind; /* with its id: open once at a time per action */
    const char *subject_id;
    const json_t *request; /* all that shall happen, for who approves it and
                              for what carries it out; no secrets */
    const char *reason;
} qw_asking_t;

/* Carry APPROVAL out, for whoever approved it (R->actor); its request is what
 * was asked for. A problem undoes the approval too. */
typedef qw_problem_t *(*qw_approval_run_fn)(const qw_registry_t *r,
                                            const qw_approval_t *approval,
                                            void *baton);

/* A table of them ends with a NULL action. IS_LATER: what RUN leaves to be carried
 * out begins by qw_approval_use(). */
typedef struct {
    const char *action;
    qw_approval_run_fn run;
    int is_later;
} qw_approval_action_t;

/* *APPROVAL in R->pool, open for seven days. CONFLICT if that is asked for
 * already, INVALID_INPUT without a reason, UNAUTHORIZED if the actor is nobody
 * in particular (root, or a name that is not plain ASCII). */
qw_problem_t *qw_approval_request(qw_approval_t **approval,
                                  const qw_registry_t *r,
                                  const qw_asking_t *asking) QW_MUST_CHECK;

/* Approve ID and do it by its row in ACTIONS, called with BATON. NOT_FOUND;
 * CONFLICT if it is not open any more, or who asked was removed [OPR-08]; UNAUTHORIZED if the actor is who asked,
 * in capitals or by another way in too [OPR-14]; any problem of the row. */
qw_problem_t *qw_approval_approve(qw_approval_t **approval,
                                  const qw_registry_t *r, const char *id,
                                  const qw_approval_action_t *actions,
                                  void *baton) QW_MUST_CHECK;

/* What was approved and left for later, ACTION on a subject, is carried out from
 * now on; nothing if that has begun before. CONFLICT if it was not approved, or
 * seven days ago: then the approval has expired. NOT_FOUND. */
qw_problem_t *qw_approval_use(const qw_registry_t *r, const char *action,
                              const char *subject_kind,
                              const char *subject_id) QW_MUST_CHECK;

/* Those whose time is over, open or approved and not begun: *N, how many; and end
 * them. */
qw_problem_t *qw_approval_count_overdue(apr_int64_t *n,
                                        const qw_registry_t *r) QW_MUST_CHECK;
qw_problem_t *qw_approval_end_overdue(const qw_registry_t *r) QW_MUST_CHECK;

/* What PERSON asked for and nobody has decided is rejected: all, or what is about
 * EXTERNAL_ID. [OPR-08] */
qw_problem_t *qw_approval_drop(const qw_registry_t *r,
                               const qw_person_t *person,
                               const char *external_id) QW_MUST_CHECK;

/* Reject ID; who asked may, too. NOT_FOUND, CONFLICT, INVALID_INPUT without a
 * reason. */
qw_problem_t *qw_approval_reject(qw_approval_t **approval,
                                 const qw_registry_t *r, const char *id,
                                 const char *reason) QW_MUST_CHECK;

/* *REQUEST of APPROVAL, in POOL: what was asked for. */
qw_problem_t *qw_approval_read(json_t **request, const qw_approval_t *approval,
                               apr_pool_t *pool) QW_MUST_CHECK;

/* The status of APPROVAL at NOW: one that is open, or approved and not begun, may
 * be over, though nobody has said so yet. */
qw_state_e qw_approval_status(const qw_approval_t *approval, apr_time_t now);

/* When APPROVAL ends unless it is decided, or its carrying out begins, before. */
apr_time_t qw_approval_ends(const qw_approval_t *approval);

/* Ask that SUBJECT ID (QW_SUBJECT_...) act again. NOT_FOUND, CONFLICT if it is not
 * suspended, and as qw_approval_request(). And what then does it: CONFLICT if it
 * was suspended anew since. */
qw_problem_t *qw_registry_ask_resume(qw_approval_t **approval,
                                     const qw_registry_t *r,
                                     const char *subject, const char *id,
                                     const char *reason) QW_MUST_CHECK;
qw_problem_t *qw_registry_resume_approved(const qw_registry_t *r,
                                          const qw_approval_t *approval,
                                          void *baton) QW_MUST_CHECK;

/* Ask that ENTRY comes on the list of EXTERNAL, as qw_registry_add_domain(): who
 * asks has confirmed it. As qw_registry_check_domain() and qw_approval_request(). And what then adds it, reviewed by who approved it.
 * [LST-12] */
qw_problem_t *qw_registry_ask_domain(qw_approval_t **approval,
                                     const qw_registry_t *r,
                                     const qw_external_t *external,
                                     const qw_domain_t *entry,
                                     int shared) QW_MUST_CHECK;
qw_problem_t *qw_registry_domain_approved(const qw_registry_t *r,
                                          const qw_approval_t *approval,
                                          void *baton) QW_MUST_CHECK;

#endif
