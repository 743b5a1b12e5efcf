/* session.h -- who is at the browser. Threads: any. */
#ifndef QW_PORTAL_SESSION_H
#define QW_PORTAL_SESSION_H

#include "portal/page.h"

/* Set PAGE's person and session by its cookie; NULL if that is none in force.
 * Inside a transaction of the caller. */
qw_problem_t *qw_session_load(qw_page_t *page, qw_db_t *db) QW_MUST_CHECK;

/* PAGE's cookie is of a session of somebody else than httpd names: it ends, here
 * and in the browser. A transaction of its own. */
qw_problem_t *qw_session_end_foreign(qw_page_t *page) QW_MUST_CHECK;

/* PAGE's session was used: its idle time begins anew. A transaction of its own,
 * at most once a minute. */
qw_problem_t *qw_session_touch(const qw_page_t *page) QW_MUST_CHECK;

/* A new session for AUTHENTICATOR's person, in a transaction of the caller; the
 * cookie is set on PAGE's reply, and the session that was there ends. */
qw_problem_t *qw_session_begin(qw_page_t *page, qw_db_t *db,
                               const qw_authenticator_t *authenticator)
    QW_MUST_CHECK;

/* PAGE's session ends, here and in the browser. */
qw_problem_t *qw_session_close(qw_page_t *page, qw_db_t *db) QW_MUST_CHECK;

/* AUTHENTICATOR signed with COUNT, and its counter did not go up: somebody else
 * has it too. Nobody is let in by it; the record is of DB's transaction. */
qw_problem_t *qw_session_copied(const qw_page_t *page, qw_db_t *db,
                                const qw_authenticator_t *authenticator,
                                apr_int64_t count) QW_MUST_CHECK;
/* What is said and logged then. */
qw_problem_t *qw_session_copy_problem(const qw_page_t *page,
                                      const qw_authenticator_t *authenticator)
    QW_MUST_CHECK;

/* A POST comes from a page of ours: UNAUTHORIZED else. Within a session its
 * form has the session's token. */
qw_problem_t *qw_csrf_check(const qw_page_t *page) QW_MUST_CHECK;

#endif
