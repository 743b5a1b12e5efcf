#include "audit/audit.h"

#include "base/world.h"

qw_problem_t *qw_audit(qw_db_t *db, const qw_audit_t *who, const char *event,
                       const json_t *detail, apr_pool_t *pool)
{
    qw_event_t row = { 0 };

    QW_TRY(qw_id_make(&row.id, pool));
    row.authority = who->authority;
    row.at = who->at;
    row.event = event;
    row.actor = who->actor;
    row.subject_kind = who->subject_kind;
    row.subject_id = who->subject_id;
    row.detail = detail != NULL ? qw_json_dump(detail, pool) : "{}";
    return qw_event_insert(db, &row, pool);
}
