/* cases.h -- compromises, mass revocation, reports of problems: first a plan,
 * then a case with an item for each thing to do, then the items worked off, each
 * in the transaction of its effect. What was killed halfway is gone on with.
 * Threads: one. */
#ifndef QW_CA_CASES_H
#define QW_CA_CASES_H

#include "conf/conf.h"
#include "gate/keys.h"
#include "registry/approval.h"
#include "store/db_case.h"

/* What a plan is asked for; unset members do not narrow. */
typedef struct {
    const char *kind;        /* QW_CASE_... */
    const char *subject;     /* id or name, as typed; NULL: of the selection */
    const char *external_id; /* bulk-revoke: the selection, exactly one of */
    const char *account_id;  /* these */
    const char *domain;      /* A-labels; with all names below it */
    const char *issuer;      /* hash of the issuing key, or its beginning */
    const qw_key_id_t *key;  /* its thumbprint may be NULL: then it must be in
                               a certificate */
    const apr_array_header_t *serials; /* of const char *, lower-case hex */
    const char *revoke;                /* "all", "none", "window", or serials */
    apr_time_t since, until;           /* the suspected window; 0: open */
    int reason;           /* CRLReason; -1: what the kind asks for */
    const char *url;      /* mis-issuance: that explains it */
    apr_time_t revoke_at; /* mis-issuance: at the latest */
} qw_cases_ask_t;

typedef struct {
    qw_case_t head;            /* without an id until it is opened */
    apr_array_header_t *items; /* of qw_case_item_t * */
    const char *approval_id;   /* once opened: a second person is asked by it */
} qw_cases_plan_t;

/* *SERIALS (const char *, lower-case hex, none twice) of TEXT: one on a line, in any
 * case, with colons or without; '#' begins a comment. INVALID_INPUT, naming NAME,
 * if there is none. In POOL. */
qw_problem_t *qw_cases_serials(apr_array_header_t **serials, const char *text,
                               const char *name,
                               apr_pool_t *pool) QW_MUST_CHECK;

/* *PLAN in R->pool, which changes nothing. NOT_FOUND for a subject that is none;
 * INVALID_INPUT with a subproblem for each serial that is no certificate's. */
qw_problem_t *qw_cases_plan(qw_cases_plan_t **plan, const qw_registry_t *r,
                            const qw_cases_ask_t *ask) QW_MUST_CHECK;

/* Open a case for PLAN, whose head gets its id. Many transactions if it has many
 * items; one that was not written whole is never worked. */
qw_problem_t *qw_cases_open(qw_cases_plan_t *plan, qw_store_t *store,
                            const qw_registry_t *r) QW_MUST_CHECK;

/* The same inside the caller's transaction, all at once: for plans of few items
 * that ask nobody else. */
qw_problem_t *qw_cases_open_here(qw_cases_plan_t *plan,
                                 const qw_registry_t *r) QW_MUST_CHECK;

/* The same for a case without items, inside the caller's transaction: HEAD gets
 * its id and R's actor. */
qw_problem_t *qw_cases_insert(qw_case_t *head,
                              const qw_registry_t *r) QW_MUST_CHECK;

/* One working of a case. */
typedef struct {
    const qw_conf_t *conf;
    qw_store_t *store;
    const qw_authority_t *authority;
    const char *case_id;
    const char *actor;
    int early;        /* also what has its time yet to come */
    int here;         /* only what the portal may do: of AUTHORITY, and to no
                 authorization */
    int retry;        /* also what failed before */
    int batch;        /* items of one transaction, at most */
    apr_int64_t left; /* out, of qw_cases_begin() */
    apr_int64_t done, failed, skipped; /* out: so far */
} qw_cases_run_t;

/* 1 if C may only be worked after a second person has approved it. */
int qw_cases_needs_approval(const qw_authority_t *authority,
                            const qw_case_t *c);

/* May case ID be worked at the portal, inside the caller's transaction? NOT_FOUND;
 * CONFLICT as below, and if nothing is left there that has its time. */
qw_problem_t *qw_cases_may_go_on(const qw_registry_t *r,
                                 const char *id) QW_MUST_CHECK;

/* May it be worked? CONFLICT if it is closed, was not written whole, or waits for
 * a second person. *RUN->left: items to be worked. */
qw_problem_t *qw_cases_begin(qw_cases_run_t *run,
                             apr_pool_t *pool) QW_MUST_CHECK;
/* One batch. *N: items that were ended; 0 after the last. Several may work at
 * one case at the same time. */
qw_problem_t *qw_cases_work(int *n, qw_cases_run_t *run,
                            apr_pool_t *pool) QW_MUST_CHECK;

/* Revocations of AUTHORITY that were set a time which has come: one batch. *N:
 * how many. */
qw_problem_t *qw_cases_scheduled(int *n, const qw_conf_t *conf,
                                 qw_store_t *store,
                                 const qw_authority_t *authority,
                                 apr_pool_t *pool) QW_MUST_CHECK;

/* The row of QW_ACTION_BULK_REVOKE: the case that APPROVAL is about may be worked
 * from now on. CONFLICT if it was closed or not written whole. */
qw_problem_t *qw_cases_approved(const qw_registry_t *r,
                                const qw_approval_t *approval,
                                void *baton) QW_MUST_CHECK;

/* Inside the caller's transaction: a note; the end, with what was left planned
 * skipped if SKIP, else CONFLICT. */
qw_problem_t *qw_cases_note(const qw_registry_t *r, const char *id,
                            const char *text) QW_MUST_CHECK;
qw_problem_t *qw_cases_close(const qw_registry_t *r, const char *id,
                             const char *conclusion, int skip) QW_MUST_CHECK;

/* ---- reports of problems (case_report.c) ----------------------------------- */

/* What somebody reports; UTF-8 as typed. */
typedef struct {
    const char *subject; /* serial, fingerprint or domain name */
    const char *problem; /* one of qw_report_problems() */
    const char *contact; /* mail address or telephone; may be empty */
    const char *text;
    const char *by; /* "web", or "ctl:<user>" */
} qw_report_t;

enum { QW_REPORT_TEXT_MOST = 10240, QW_REPORT_LINE_MOST = 254 };

/* Words of problems, ending with NULL: "key-compromise". */
const char *const *qw_report_problems(void);

/* *ID of the case that REPORT opens, inside the caller's transaction; it is due
 * 24 hours later, BR-4.9.5. INVALID_INPUT naming the member. */
qw_problem_t *qw_report_open(const char **id, const qw_registry_t *r,
                             const qw_report_t *report) QW_MUST_CHECK;

#endif
