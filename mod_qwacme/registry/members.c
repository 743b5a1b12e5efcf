/* The ACME accounts of external accounts, as seen by people. */
#include "registry/note.h"

qw_problem_t *qw_registry_suspend_account(const qw_registry_t *r,
                                          const char *account_id, int suspended,
                                          const char *reason)
{
    json_t *detail = qw_json_new_object(r->pool);
    qw_account_t *account;

    if (reason == NULL || *reason == '\0')
        return QW_FAIL(r->pool, INVALID_INPUT,
                       "reason: say why, for the record");
    QW_TRY(qw_account_get(&account, r->db, r->authority->name, account_id,
                          r->pool));
    QW_TRY(qw_account_set_suspended(r->db, account->id, suspended, r->pool));
    json_object_set_new(detail, "reason", json_string(reason));
    return qw_registry_note(r, suspended ? "account.suspend" : "account.resume",
                            "account", account->id, detail);
}
