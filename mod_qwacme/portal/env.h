/* env.h -- inside the portal: who httpd says is there (QwacmePortalAuth env).
 * Variables come from modules of httpd, never from headers of a request.
 * Threads: one. */
#ifndef QW_PORTAL_ENV_H
#define QW_PORTAL_ENV_H

#include "portal/page.h"

/* How long a change that was shown waits to be confirmed. */
#define QW_CONFIRM_WITHIN apr_time_from_sec(600)

struct qw_env_t {
    const char *subject; /* "VARIABLE=value" */
    const char *key;     /* of QW_AUTHORITY: equal for subjects that people take
                            for the same; a credential_id */
    json_t *variables;   /* name -> value of all that was asked */
};

/* 1 if PAGE's portal asks httpd who is there, and no passkey. */
int qw_env_is_asked(const qw_page_t *page);

/* *KEY in POOL of the subject that variable NAME has as VALUE at AUTHORITY: case
 * and compatible forms of letters do not count (OPR-14). INVALID_INPUT for what
 * is no subject: more than 512 bytes, no UTF-8, characters that nobody sees,
 * spaces at an end or doubled. */
qw_problem_t *qw_env_key(const char **key, const char *authority,
                         const char *name, const char *value,
                         apr_pool_t *pool) QW_MUST_CHECK;

/* *ENV in PAGE's pool, by every variable of QwacmePortalAuth. UNAUTHORIZED with
 * the name of one that is missing or says something else. */
qw_problem_t *qw_env_read(qw_env_t **env, const qw_page_t *page) QW_MUST_CHECK;

/* *AUTHENTICATOR that is bound to PAGE's subject, of a person who may act here.
 * UNAUTHORIZED if nobody is, or if the subject is spelled otherwise than the one
 * that was bound. Inside a transaction of the caller. */
qw_problem_t *qw_env_find(qw_authenticator_t **authenticator,
                          const qw_page_t *page, qw_db_t *db) QW_MUST_CHECK;

/* *AT: when PAGE's person logged in, if that confirms what was shown at SHOWN, by
 * QwacmePortalStepUp; what it asked for is added to PAGE->env. UNAUTHORIZED if it
 * does not: a variable, a login from before or that AUTHENTICATOR has used, or one
 * that is too old. */
qw_problem_t *qw_env_step_up(
    apr_time_t *at, const qw_page_t *page, apr_time_t shown,
    const qw_authenticator_t *authenticator) QW_MUST_CHECK;

/* The URL, in PAGE's pool, where its person logs in once more and comes back from
 * to C. NULL if there is no such place. */
const char *qw_env_step_up_url(const qw_page_t *page,
                               const qw_confirmation_t *c);

/* *PROOF in PAGE's pool, canonical JSON: what AUTHENTICATOR's person confirmed by
 * the login of AT: the SHA-256 of the text of C, its times, and the variables. */
qw_problem_t *qw_env_proof(const char **proof, const qw_page_t *page,
                           const qw_confirmation_t *c,
                           const qw_authenticator_t *authenticator,
                           apr_time_t at) QW_MUST_CHECK;

/* ---- ways in (page_env.c) -------------------------------------------------- */

/* The page that asks whoever httpd names whether to go on; PAGE->no_env. */
qw_problem_t *qw_env_login_page(qw_page_t *page) QW_MUST_CHECK;

/* A session for whoever httpd names. UNAUTHORIZED. */
qw_problem_t *qw_env_enter(qw_page_t *page) QW_MUST_CHECK;

/* Write the form that binds the subject to PERSON, who has both secrets. */
qw_problem_t *qw_env_register_form(qw_page_t *page,
                                   const qw_person_t *person) QW_MUST_CHECK;

/* *MADE in PAGE's pool of the subject (without id, person and times). */
qw_problem_t *qw_env_make(qw_authenticator_t **made,
                          const qw_page_t *page) QW_MUST_CHECK;

#endif
