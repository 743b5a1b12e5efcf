/* audit.h -- what happened, written in the transaction in which it happened.
 * Threads: as qw_db_t. */
#ifndef QW_AUDIT_AUDIT_H
#define QW_AUDIT_AUDIT_H

#include "base/json.h"
#include "store/db_ledger.h"

/* Who did it, to what. */
typedef struct {
    const char *authority; /* "" for the whole server */
    apr_time_t at;
    const char *actor;        /* "acme:<account>", "ctl:<user>", "signer" */
    const char *subject_kind; /* "external", "account", "order", ... */
    const char *subject_id;
} qw_audit_t;

/* EVENT ("account.create") with DETAIL, an object or NULL; never a secret. */
qw_problem_t *qw_audit(qw_db_t *db, const qw_audit_t *who, const char *event,
                       const json_t *detail, apr_pool_t *pool) QW_MUST_CHECK;

#endif
