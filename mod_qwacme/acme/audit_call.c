#include "acme/call.h"

#include "audit/audit.h"

#include <apr_strings.h>

const char *qw_call_actor(const qw_call_t *call)
{
    if (call->account == NULL)
        return apr_pstrcat(call->pool, "key:", call->key->thumbprint, NULL);
    return apr_pstrcat(call->pool, "acme:", call->account->id, NULL);
}

qw_problem_t *qw_call_audit(const qw_call_t *call, qw_db_t *db,
                            const char *event, const char *subject_kind,
                            const char *subject_id, const json_t *detail)
{
    qw_audit_t who = { call->authority->name, call->now, qw_call_actor(call),
                       subject_kind, subject_id };

    return qw_audit(db, &who, event, detail, call->pool);
}
