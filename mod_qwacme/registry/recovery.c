/* More passkeys for a person: of one's own accord, signed by the one that is there;
 * or, when that is lost, by two officers. */
#include "registry/invite.h"

#include "base/json.h"

#include <apr_strings.h>

#include <string.h>

#define SUBJECT_OPERATOR "operator"

qw_problem_t *qw_registry_invite_self(qw_invitation_t *invitation,
                                      const qw_registry_t *r,
                                      const char *person_id, apr_time_t expires)
{
    qw_person_t *person;

    QW_TRY(qw_person_get(&person, r->db, person_id, r->pool));
    return qw_invite_make(invitation, r, person, expires);
}

qw_problem_t *qw_registry_ask_recovery(qw_approval_t **approval,
                                       const qw_registry_t *r,
                                       const qw_external_t *external,
                                       const char *name)
{
    json_t *request = qw_json_new_object(r->pool);
    qw_asking_t asking = { QW_ACTION_RECOVERY, SUBJECT_OPERATOR, NULL, request,
                           "passkey lost" };
    qw_person_t *person;
    int has = 0;

    QW_TRY(qw_person_key(&asking.subject_id, name, r->pool));
    QW_TRY(qw_person_find(&person, r->db, asking.subject_id, r->authority->name,
                          r->pool));
    if (person != NULL)
        QW_TRY(qw_operator_has(&has, r->db, person->id, external->id, r->pool));
    if (!has)
        return QW_FAIL(r->pool, NOT_FOUND, "'%s' is no operator of '%s'", name,
                       external->name);
    json_object_set_new(request, "action", json_string(QW_ACTION_RECOVERY));
    json_object_set_new(request, "account", json_string(external->id));
    json_object_set_new(request, "name", json_string(person->name));
    return qw_approval_request(approval, r, &asking);
}

qw_problem_t *qw_registry_recovery_approved(const qw_registry_t *r,
                                            const qw_approval_t *approval,
                                            void *baton)
{
    qw_newcomer_t n = { 0 };
    qw_external_t *external;
    const char *account;
    json_t *request;

    QW_TRY(qw_approval_read(&request, approval, r->pool));
    QW_TRY(qw_json_text(&account, request, "account", QW_REQUIRED, r->pool));
    QW_TRY(qw_json_text(&n.name, request, "name", QW_REQUIRED, r->pool));
    QW_TRY(qw_registry_find(&external, r, account));
    n.again = 1;
    n.expires = qw_authority_now(r->authority) + QW_INVITATION_LIFETIME;
    return qw_registry_invite_operator(baton, r, external, &n);
}
