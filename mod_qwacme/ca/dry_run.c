#include "ca/dry_run.h"

#include "audit/audit.h"
#include "base/world.h"
#include "ca/draft.h"
#include "store/db_order.h"

/* RFC8555-6.7: what is not in the registry has no name of the ACME namespace. */
static const char *document(const qw_issue_t *item)
{
    const qw_authority_t *authority = item->issuing->authority;
    json_t *object = qw_json_new_object(item->pool);

    json_object_set_new(object, "type",
                        json_string(qw_authority_url(authority, "problem",
                                                     "dry-run", item->pool)));
    json_object_set_new(object, "title", json_string("Dry run"));
    json_object_set_new(object, "detail",
                        json_string(
                            "dry run: everything would have been issued"));
    return qw_json_dump(object, item->pool);
}

static qw_problem_t *note(qw_db_t *db, const qw_issue_t *item)
{
    const qw_authority_t *authority = item->issuing->authority;
    qw_audit_t who = { authority->name, qw_authority_now(authority), "signer",
                       "order", item->order_id };
    json_t *detail = qw_json_new_object(item->pool);

    json_object_set_new(detail, "tbs", json_string(qw_draft_hash(item)));
    json_object_set_new(detail, "kind", json_string(item->draft.kind));
    json_object_set_new(detail, "profile", json_string(item->draft.profile));
    if (item->draft.findings != NULL)
        json_object_set(detail, "lint", item->draft.findings);
    return qw_audit(db, &who, "order.dry-run", detail, item->pool);
}

qw_problem_t *qw_dry_run_end(qw_db_t *db, qw_issue_t *item)
{
    qw_problem_t *prob =
        qw_order_move(db, item->order_id, QW_order_READY, QW_order_INVALID,
                      document(item), item->pool);

    if (prob != NULL && prob->code == QW_E_CONFLICT)
        return QW_FAIL(item->pool, ORDER_NOT_READY, "the order is not ready");
    QW_TRY(prob);
    return note(db, item);
}
