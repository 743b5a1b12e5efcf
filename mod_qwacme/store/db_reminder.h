/* db_reminder.h -- reminders sent and to be sent; what runs out. Results live in
 * POOL. Threads: as qw_db_t. */
#ifndef QW_STORE_DB_REMINDER_H
#define QW_STORE_DB_REMINDER_H

#include "model/account.h"
#include "store/store.h"

/* One mail to one person about one clock at one time before its end. */
typedef struct {
    const char *id;
    const char *authority;
    const char *external_id;
    const char *clock;   /* a word of qw_clock_word() */
    const char *subject; /* as qw_clock_t has it */
    apr_time_t ends;     /* by the authority's clock, as created and ended */
    apr_interval_time_t ahead;
    const char *mail;
    const char *person_id; /* NULL: a contact of an ACME account */
    const char *language;  /* "en" or "fr" */
    const char *status;    /* "open", "sent", "void" */
    apr_time_t created;
    apr_time_t due; /* by the real clock, as the lease */
    const char *owner;
    apr_time_t lease_until;
    apr_int64_t tries;
    apr_time_t ended;
    const char *result; /* why it is void, or was not taken last; or NULL */
} qw_reminder_t;

/* *THERE: 1 if one for the same mail, clock, end and time is there. */
qw_problem_t *qw_reminder_there(int *there, qw_db_t *db, const qw_reminder_t *r,
                                apr_pool_t *pool) QW_MUST_CHECK;
/* Open; *IS_NEW: 0 if it was there already, and nothing was done. */
qw_problem_t *qw_reminder_insert(int *is_new, qw_db_t *db,
                                 const qw_reminder_t *r,
                                 apr_pool_t *pool) QW_MUST_CHECK;
/* *LIST: of qw_reminder_t *, at most LIMIT of AUTHORITY that are open, due at
 * NOW, and leased by nobody. */
qw_problem_t *qw_reminder_due(apr_array_header_t **list, qw_db_t *db,
                              const char *authority, apr_time_t now, int limit,
                              apr_pool_t *pool) QW_MUST_CHECK;
/* *MINE: 1 if R is leased to OWNER until UNTIL now, one try more; 0 if it is
 * open and due at NOW no more, or another's. */
qw_problem_t *qw_reminder_claim(int *mine, qw_db_t *db, const qw_reminder_t *r,
                                apr_time_t now, apr_time_t until,
                                const char *owner,
                                apr_pool_t *pool) QW_MUST_CHECK;
/* STATUS "sent" or "void" AT, with why or NULL. CONFLICT unless OWNER holds it. */
qw_problem_t *qw_reminder_end(qw_db_t *db, const qw_reminder_t *r,
                              const char *owner, const char *status,
                              apr_time_t at, const char *why,
                              apr_pool_t *pool) QW_MUST_CHECK;
/* Again at DUE, because of WHY. CONFLICT unless OWNER holds it. */
qw_problem_t *qw_reminder_later(qw_db_t *db, const qw_reminder_t *r,
                                const char *owner, apr_time_t due,
                                const char *why,
                                apr_pool_t *pool) QW_MUST_CHECK;
/* *LIST: of qw_reminder_t *, the newest LIMIT of AUTHORITY. */
qw_problem_t *qw_reminder_list(apr_array_header_t **list, qw_db_t *db,
                               const char *authority, int limit,
                               apr_pool_t *pool) QW_MUST_CHECK;

/* Who is reminded. */
typedef struct {
    const char *person_id, *mail, *language;
} qw_reader_t;

/* *LIST: of qw_reader_t *, active, the first invited first: operators of an
 * external account; officers of AUTHORITY. */
qw_problem_t *qw_reminder_operators(apr_array_header_t **list, qw_db_t *db,
                                    const char *external_id,
                                    apr_pool_t *pool) QW_MUST_CHECK;
qw_problem_t *qw_reminder_officers(apr_array_header_t **list, qw_db_t *db,
                                   const char *authority,
                                   apr_pool_t *pool) QW_MUST_CHECK;

/* What to look for. */
typedef struct {
    const char *authority;
    apr_time_t now, horizon;
    apr_time_t verified; /* an identity of then or before */
    const char *terms;   /* version in force, or NULL */
} qw_ending_query_t;

/* *LIST: of qw_external_t *, not closed, whose lifetime ends after NOW and by
 * HORIZON, whose identity is as old as VERIFIED, or who did not agree to TERMS. */
qw_problem_t *qw_external_ending(apr_array_header_t **list, qw_db_t *db,
                                 const qw_ending_query_t *q,
                                 apr_pool_t *pool) QW_MUST_CHECK;
/* *LIST: of qw_binding_t *, active, with uses left, of accounts that are not
 * closed, that end after NOW and by HORIZON. */
qw_problem_t *qw_binding_ending(apr_array_header_t **list, qw_db_t *db,
                                const qw_ending_query_t *q,
                                apr_pool_t *pool) QW_MUST_CHECK;

/* The soonest of AUTHORITY; 0: none. VERIFIED: the oldest verification after
 * Q->verified, so that it is relied on still. Of accounts that are not closed. */
typedef struct {
    apr_time_t expires, verified, binding;
} qw_soonest_t;
qw_problem_t *qw_soonest_get(qw_soonest_t *soonest, qw_db_t *db,
                             const qw_ending_query_t *q,
                             apr_pool_t *pool) QW_MUST_CHECK;

#endif
