/* page.h -- inside the portal: one visit on its way to its page. Threads: one. */
#ifndef QW_PORTAL_PAGE_H
#define QW_PORTAL_PAGE_H

#include "portal/html.h"
#include "portal/portal.h"
#include "registry/people.h"

typedef struct qw_page_t qw_page_t;
typedef struct qw_env_t qw_env_t; /* env.h */

struct qw_page_t {
    const qw_visit_t *visit;
    const qw_portal_t *portal;
    const char *path; /* without the query */
    const char *id;   /* what the route's '*' matched, or NULL */
    apr_table_t *form;
    apr_time_t now; /* of the authority */
    qw_language_e language;

    /* who it is; NULL if nobody */
    const char *token; /* of the cookie; a secret */
    qw_session_t *session;
    qw_person_t *person;
    const char *csrf;   /* goes into each form */
    const char *reload; /* where the page is to be loaded anew, or NULL */
    const char *cookie; /* to be set with the reply, or NULL */

    /* what httpd says of who it is, if it is asked (env.h) */
    qw_env_t *env;               /* NULL if that is nobody; */
    qw_problem_t *no_env;        /* then why */
    const qw_session_t *foreign; /* the cookie's, if it is not of this person */

    qw_html_t *html; /* the page; */
    qw_message_e title;
    const char *location; /* or where to go instead, below the base path */
    const char *next;     /* or where the page leads by itself, likewise */
    qw_reply_t *reply;
    apr_pool_t *pool;
};

typedef qw_problem_t *(*qw_page_fn)(qw_page_t *page);

#define QW_PAGE(name)                                                          \
    qw_problem_t *qw_page_##name(qw_page_t *page) QW_MUST_CHECK
QW_PAGE(home);
QW_PAGE(invite);
QW_PAGE(invited);
QW_PAGE(registered);
QW_PAGE(login);
QW_PAGE(logged_in);
QW_PAGE(logout);
QW_PAGE(account);
QW_PAGE(new);
QW_PAGE(me);
QW_PAGE(report);
QW_PAGE(approvals);
QW_PAGE(case);
QW_PAGE(diagnose);
QW_PAGE(diagnosis);
QW_PAGE(progress);
QW_PAGE(compromise);
QW_PAGE(propose);
QW_PAGE(confirm);
QW_PAGE(come_back);
QW_PAGE(sign);
QW_PAGE(style);
QW_PAGE(script);
#undef QW_PAGE

/* Field NAME of the form, "" if it is not there. */
const char *qw_page_field(const qw_page_t *page, const char *name);

/* R for what PAGE's person does on DB. */
void qw_page_registry(qw_registry_t *r, const qw_page_t *page, qw_db_t *db);

/* 1 if PAGE's person is of the provider; an officer; may change something. */
int qw_page_is_provider(const qw_page_t *page);
int qw_page_is_officer(const qw_page_t *page);
int qw_page_is_operator(const qw_page_t *page);

/* *EXTERNAL with ID, if PAGE's person may see it; NOT_FOUND else: nobody learns
 * which accounts others have (OPR-05). */
qw_problem_t *qw_page_external(qw_external_t **external, const qw_page_t *page,
                               qw_db_t *db, const char *id) QW_MUST_CHECK;

/* *NAME of who ACTOR is: a person of the portal by name, others as they are. */
qw_problem_t *qw_page_actor(const char **name, const qw_page_t *page,
                            qw_db_t *db, const char *actor) QW_MUST_CHECK;

/* Begin a form that goes to WHERE below the base path. Within a session it has
 * the session's token. */
void qw_page_form(const qw_page_t *page, const char *where);

/* Begin a form that proposes ACTION, about the account EXTERNAL_ID unless NULL. */
void qw_page_proposal(const qw_page_t *page, const char *action,
                      const char *external_id);

/* Say which account it is about, by NAME. */
void qw_page_say_account(const qw_page_t *page, const char *name);

/* Begin one that a passkey fills in: KIND is "create" or "get", for CHALLENGE,
 * which was made of NONCE. */
void qw_page_passkey_form(const qw_page_t *page, const char *where,
                          const char *kind, const char *nonce,
                          const char *challenge);

/* The assertion that such a form brought. */
void qw_page_assertion(qw_assertion_t *assertion, const qw_page_t *page);

/* A hidden field. */
void qw_page_hidden(const qw_page_t *page, const char *name, const char *value);

/* Write a date of WHEN, in words of a computer that anybody reads; "-" for 0. */
void qw_page_time(const qw_page_t *page, apr_time_t when);

/* 1 if the page was loaded by itself: nobody did anything. */
int qw_page_is_automatic(const qw_page_t *page);

/* Let the page at HERE, below the base path, load itself anew for some minutes, and
 * write how to stop that and begin it; a person can do without either. */
void qw_page_reloads(qw_page_t *page, const char *here);

/* ---- diagnoses, parts of an account's page (page_diagnosis.c) ---- */

/* A button that has NAME looked at; a field for any name. */
void qw_diagnosis_button(const qw_page_t *page, const char *external_id,
                         const char *name);
void qw_diagnosis_form(const qw_page_t *page, const char *external_id);

/* Links to those in LIST (qw_diagnosis_t *). */
void qw_diagnosis_list_say(const qw_page_t *page,
                           const apr_array_header_t *list);

/* Everything around what was written. */
void qw_page_finish(qw_page_t *page, int status);

#endif
