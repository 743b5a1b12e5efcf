/* remind.h -- reminds people by mail of what runs out: lifetime of an external
 * account, its identity, terms nobody agreed to, binding keys.
 *
 * A reminder is a row that the key of (clock, its end, time before it, mail) lets
 * be made once, by whichever node sees it first. It is claimed by lease, then
 * sent, then ended: never by two at once. A mail that is not taken is tried again
 * after growing pauses. A node that dies between the server's "250" and the end
 * of the row sends it a second time when the lease is over, with the same
 * Message-ID: once, and at least once only then. Threads: one for each
 * qw_remind_t. */
#ifndef QW_WORK_REMIND_H
#define QW_WORK_REMIND_H

#include "conf/conf.h"
#include "model/clock.h"
#include "store/db_reminder.h"

#define QW_REMIND_EVERY (apr_time_from_sec(5))

typedef struct qw_remind_t qw_remind_t;

/* *REMIND in POOL, of this process on NODE. CONF and STORE outlive it. */
qw_remind_t *qw_remind_make(const qw_conf_t *conf, qw_store_t *store,
                            const char *node, apr_pool_t *pool);

/* The chore, every QW_REMIND_EVERY; BATON is a qw_remind_t. It looks for what
 * runs out once an hour of each authority's clock, and sends what is due, until
 * the server takes one not; nothing if CONF names no server. */
qw_problem_t *qw_remind(void *baton, apr_pool_t *pool) QW_MUST_CHECK;

/* Send a mail in LANGUAGE to TO, by CONF with its password loaded, that only
 * shows that mail arrives. As qw_mail_send(). In a process without workers. */
qw_problem_t *qw_remind_test(const qw_conf_t *conf,
                             const qw_authority_t *authority, const char *to,
                             const char *language,
                             apr_pool_t *pool) QW_MUST_CHECK;

/* *TO: of qw_reader_t, who is to be told of CLOCK of AUTHORITY: operators,
 * contacts, of some clocks officers; each address once. In POOL. */
qw_problem_t *qw_remind_whom(apr_array_header_t **to, qw_db_t *db,
                             const qw_authority_t *authority,
                             const qw_clock_t *clock,
                             apr_pool_t *pool) QW_MUST_CHECK;

/* ---- remind_send.c ------------------------------------------------------------- */

/* Send what is due of AUTHORITY, by CONF's server, each claimed for OWNER, for
 * half a minute at the most before the last one: other slow chores wait. Who is
 * none of its readers any more gets nothing. */
qw_problem_t *qw_remind_send(const qw_conf_t *conf,
                             const qw_authority_t *authority, qw_store_t *store,
                             const char *owner, apr_pool_t *pool) QW_MUST_CHECK;

#endif
