/* statement.h -- what external accounts had and did in a time: counted and listed
 * from one snapshot of the database, in UTC. Threads: as qw_db_t. */
#ifndef QW_AUDIT_STATEMENT_H
#define QW_AUDIT_STATEMENT_H

#include "base/json.h"
#include "model/account.h"
#include "model/authority.h"
#include "store/store.h"

/* What is asked for. */
typedef struct {
    const qw_authority_t *authority;
    const qw_external_t *external; /* NULL: every account, and the authority */
    apr_time_t from, until;        /* FROM <= t < UNTIL */
    apr_time_t as_of;              /* when certificates count as valid */
} qw_statement_t;

/* A certificate expires soon if it does within so many days of AS_OF. */
enum { QW_STATEMENT_SOON = 30 };

/* *MADE in POOL: {"authority","from","to","asOf","totals","months" ("2026-11": what
 * was created and revoked in it),"accounts", and of the whole authority
 * "failures","actions"}. Certificates are listed if they were
 * created or revoked in the time, or are valid; of domain lists all entries that
 * were confirmed before its end. Inside of one transaction that reads. */
qw_problem_t *qw_statement_make(json_t **made, qw_db_t *db,
                                const qw_statement_t *asked,
                                apr_pool_t *pool) QW_MUST_CHECK;

/* MADE as RFC 4180 has it, a row for each thing. No cell starts with what a
 * spreadsheet takes for a formula. */
const char *qw_statement_csv(const json_t *made, apr_pool_t *pool);

/* MADE for people. */
const char *qw_statement_text(const json_t *made, apr_pool_t *pool);

#endif
