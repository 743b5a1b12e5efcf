#include "registry/note.h"

#include "audit/audit.h"

qw_problem_t *qw_registry_note(const qw_registry_t *r, const char *event,
                               const char *subject_kind, const char *subject_id,
                               const json_t *detail)
{
    qw_audit_t who = { r->authority->name, qw_authority_now(r->authority),
                       r->actor, subject_kind, subject_id };

    return qw_audit(r->db, &who, event, detail, r->pool);
}
