/* action.h -- inside the portal: what people may change, each change signed by a
 * passkey, or confirmed by a login of its own. Threads: one. */
#ifndef QW_PORTAL_ACTION_H
#define QW_PORTAL_ACTION_H

#include "ca/cases.h"
#include "portal/page.h"

enum { QW_BY_OPERATOR = 1, QW_BY_OFFICER = 2, QW_BY_AUDITOR = 4 };

/* What a change is about: an account that is there, or not. */
typedef enum { QW_ON_NOTHING, QW_ON_ACCOUNT } qw_on_e;

typedef struct qw_action_kind_t qw_action_kind_t;

/* One change on its way. */
typedef struct {
    const qw_action_kind_t *kind;
    const char *id; /* that its evidence gets; NULL while it is proposed */
    json_t *json;   /* what is signed: strings; "do", "authority", "person",
                     "account" and the members of its kind */
    qw_external_t *external;   /* that it is about, or that was made; or NULL */
    const char *kid, *mac_key; /* a binding key that was made; shown once */
    qw_invitation_t invitation; /* that was made; shown once */
    const char *invited_to;     /* portal_url of another authority, or NULL */
    qw_cases_plan_t *plan;      /* of a compromise, or NULL */
    const char *case_id;        /* that is to be worked after it; or NULL */
    const char *
        *names;    /* of the certificate that each of its items is, or NULL */
    int is_trial;  /* it is rolled back: all of it is to be tried */
    int was_asked; /* another person has to approve it */
} qw_act_t;

struct qw_action_kind_t {
    const char *name; /* "domain.add" */
    int by;           /* whose */
    qw_on_e on;
    const char *members; /* words: fields of its form */
    qw_message_e words;  /* what it does, "$1" to "$3" its first members */
    qw_message_e done;
    /* Do it, in the transaction of the caller; what it normalizes it sets in
     * ACT->json. INVALID_INPUT, CONFLICT. */
    qw_problem_t *(*run)(qw_act_t *act, const qw_page_t *page,
                         const qw_registry_t *r);
};

/* In do_operator.c and do_officer.c, each one's RUN. */
#define QW_DO(name)                                                            \
    qw_problem_t *qw_do_##name(qw_act_t *act, const qw_page_t *page,           \
                               const qw_registry_t *r) QW_MUST_CHECK
QW_DO(add_domain);
QW_DO(remove_domain);
QW_DO(create_binding);
QW_DO(revoke_binding);
QW_DO(rename_binding);
QW_DO(expire_binding);
QW_DO(agree);
QW_DO(suspend);
QW_DO(suspend_acme);
QW_DO(add_passkey);
QW_DO(remove_passkey);
QW_DO(resume);
QW_DO(resume_acme);
QW_DO(invite_operator);
QW_DO(invite_again);
QW_DO(remove_operator);
QW_DO(copy_to_test);
QW_DO(revoke);
QW_DO(register);
QW_DO(verify);
QW_DO(approve);
QW_DO(reject);
QW_DO(compromise);
QW_DO(compromise_acme);
QW_DO(compromise_binding);
QW_DO(compromise_key);
QW_DO(compromise_misissued);
QW_DO(compromise_drill);
QW_DO(run_case);
#undef QW_DO

/* Of NAME; NULL if there is none. */
const qw_action_kind_t *qw_action_kind(const char *name);

/* Member NAME of ACT, "" if it has none; and set it. */
const char *qw_act_get(const qw_act_t *act, const char *name);
void qw_act_set(qw_act_t *act, const char *name, const char *value);

/* *ID of the ACME account that ACT is about; NOT_FOUND. */
qw_problem_t *qw_act_acme(const char **id, const qw_act_t *act,
                          const qw_registry_t *r) QW_MUST_CHECK;

/* NOT_FOUND unless KeyID KID is of the account that ACT is about. */
qw_problem_t *qw_act_binding(const char *kid, const qw_act_t *act,
                             const qw_registry_t *r) QW_MUST_CHECK;

/* Where EXTERNAL can be tried: the test authorities, for an operator (do_test.c). */
void qw_test_say(const qw_page_t *page, const qw_external_t *external);

/* Where one of EXTERNAL's certificates can be revoked (do_revoke.c). */
void qw_revoke_say(const qw_page_t *page, const qw_external_t *external);

/* ---- compromises (do_case.c, page_case.c) ---- */

/* Work off the case that ACT opened or goes on with, in transactions of its own. What cannot be
 * done now stays planned, and is logged. */
void qw_act_work(const qw_act_t *act, const qw_page_t *page);

/* By what a runbook chooses the certificates that it revokes. */
typedef struct {
    const char *value; /* of the member "revoke" */
    qw_message_e label;
} qw_case_way_t;

/* All of them; after the last one a NULL value. */
extern const qw_case_way_t qw_case_ways[];

/* Write the fields which certificates are revoked by: revoke, since, until and
 * serials. ID makes theirs the only ones on the page. */
void qw_case_ask(const qw_page_t *page, const char *id);

/* Write what the plan of ACT does: how many of each kind, which certificates. */
void qw_case_say_plan(const qw_act_t *act, const qw_page_t *page);

/* Write the report of case ID; NOT_FOUND. */
qw_problem_t *qw_case_say(const qw_page_t *page, const char *id) QW_MUST_CHECK;

/* Write what is left of it: a form that goes on with it, if its time has come and
 * PAGE's person may; what people do next. NOT_FOUND. */
qw_problem_t *qw_case_say_rest(const qw_page_t *page,
                               const char *id) QW_MUST_CHECK;

/* Do ACT for PAGE's person in DB: may they, and on this account? UNAUTHORIZED,
 * NOT_FOUND, and what its kind says. */
qw_problem_t *qw_act_run(qw_act_t *act, const qw_page_t *page,
                         qw_db_t *db) QW_MUST_CHECK;

/* Write what ACT does, in words: a paragraph, and a list if it is long. */
void qw_act_say(const qw_act_t *act, const qw_page_t *page);

#endif
