/* Officers and auditors that one officer wants, or wants away, and another one
 * approves. */
#include "registry/people.h"

#include "base/json.h"
#include "base/text.h"

#include <string.h>

#define SUBJECT_PERSON "person"

enum { OFFICERS_LEAST = 2 };

/* The first two have nobody who could approve them. */
qw_problem_t *qw_registry_officers_need_two(int *two, const qw_registry_t *r)
{
    apr_array_header_t *all;
    int active = 0;

    *two = 0;
    if (!qw_authority_needs_two(r->authority, QW_ACTION_OFFICER))
        return NULL;
    QW_TRY(qw_person_list(&all, r->db, "officer", r->authority->name, r->pool));
    for (int i = 0; i < all->nelts; i++)
        active +=
            APR_ARRAY_IDX(all, i, qw_person_t *)->status == QW_person_ACTIVE;
    *two = active >= OFFICERS_LEAST;
    return NULL;
}

static qw_problem_t *ask(qw_approval_t **approval, const qw_registry_t *r,
                         const char *name, json_t *request, const char *reason)
{
    qw_asking_t asking = { QW_ACTION_OFFICER, SUBJECT_PERSON, NULL, request,
                           reason };

    QW_TRY(qw_person_key(&asking.subject_id, name, r->pool));
    json_object_set_new(request, "action", json_string(QW_ACTION_OFFICER));
    json_object_set_new(request, "name", json_string(name));
    return qw_approval_request(approval, r, &asking);
}

static void put(json_t *object, const char *name, const char *text)
{
    if (text != NULL)
        json_object_set_new(object, name, json_string(text));
}

qw_problem_t *qw_registry_ask_officer(qw_approval_t **approval,
                                      const qw_registry_t *r,
                                      const qw_newcomer_t *n, const char *role,
                                      int all)
{
    json_t *request = qw_json_new_object(r->pool);

    QW_TRY(qw_registry_check_officer(r, n, role, all));
    put(request, "role", role);
    put(request, "mail", n->mail);
    put(request, "language", n->language);
    put(request, "user", n->login);
    json_object_set_new(request, "again", json_boolean(n->again));
    json_object_set_new(request, "allAuthorities", json_boolean(all));
    return ask(approval, r, n->name, request, "invite");
}

qw_problem_t *qw_registry_ask_officer_removal(qw_approval_t **approval,
                                              const qw_registry_t *r,
                                              const char *name)
{
    return ask(approval, r, name, qw_json_new_object(r->pool), "remove");
}

/* The invitation's days begin with the approval. */
static qw_problem_t *invite(qw_invitation_t *invitation, const qw_registry_t *r,
                            const json_t *request)
{
    qw_newcomer_t n = { 0 };
    const char *role;

    QW_TRY(qw_json_text(&n.name, request, "name", QW_REQUIRED, r->pool));
    QW_TRY(qw_json_text(&role, request, "role", QW_REQUIRED, r->pool));
    QW_TRY(qw_json_text(&n.mail, request, "mail", QW_OPTIONAL, r->pool));
    QW_TRY(
        qw_json_text(&n.language, request, "language", QW_OPTIONAL, r->pool));
    QW_TRY(qw_json_text(&n.login, request, "user", QW_OPTIONAL, r->pool));
    n.again = json_is_true(json_object_get(request, "again"));
    n.expires = qw_authority_now(r->authority) + QW_INVITATION_LIFETIME;
    return qw_registry_invite_officer(
        invitation, r, &n, role,
        json_is_true(json_object_get(request, "allAuthorities")));
}

qw_problem_t *qw_registry_officer_approved(const qw_registry_t *r,
                                           const qw_approval_t *approval,
                                           void *baton)
{
    const char *name;
    json_t *request;

    QW_TRY(qw_approval_read(&request, approval, r->pool));
    if (json_object_get(request, "role") != NULL)
        return invite(baton, r, request);
    QW_TRY(qw_json_text(&name, request, "name", QW_REQUIRED, r->pool));
    return qw_registry_remove_officer(r, name);
}
