/* Entries of domain lists that one person confirmed and another one approves. */
#include "registry/approval.h"

#include "base/json.h"
#include "base/text.h"

#include <apr_strings.h>

#include <string.h>

#define SUBJECT_DOMAIN "domain"

static json_t *request_of(const qw_external_t *external,
                          const qw_domain_t *entry, const char *name,
                          int shared, apr_pool_t *pool)
{
    json_t *request = qw_json_new_object(pool);

    json_object_set_new(request, "action", json_string(QW_ACTION_DOMAIN));
    json_object_set_new(request, "account", json_string(external->id));
    json_object_set_new(request, "accountName", json_string(external->name));
    json_object_set_new(request, "name", json_string(name));
    json_object_set_new(request, "subtree", json_boolean(entry->subtree));
    json_object_set_new(request, "wildcard", json_boolean(entry->wildcard));
    json_object_set_new(request, "shared", json_boolean(shared));
    return request;
}

qw_problem_t *qw_registry_ask_domain(qw_approval_t **approval,
                                     const qw_registry_t *r,
                                     const qw_external_t *external,
                                     const qw_domain_t *entry, int shared)
{
    qw_asking_t asking = { QW_ACTION_DOMAIN, SUBJECT_DOMAIN, NULL, NULL,
                           "domain confirmed" };
    const char *name;

    QW_TRY(qw_registry_check_domain(&name, r, external, entry, shared));
    asking.subject_id = apr_pstrcat(r->pool, external->id, "/", name, NULL);
    asking.request = request_of(external, entry, name, shared, r->pool);
    return qw_approval_request(approval, r, &asking);
}

/* Who approves has looked into the name, a high-risk one too [BR-4.2.1]. */
qw_problem_t *qw_registry_domain_approved(const qw_registry_t *r,
                                          const qw_approval_t *approval,
                                          void *baton)
{
    qw_domain_t entry = { 0 }, *domain;
    qw_external_t *external;
    const char *account;
    json_t *request;

    (void)baton;
    QW_TRY(qw_approval_read(&request, approval, r->pool));
    QW_TRY(qw_json_text(&account, request, "account", QW_REQUIRED, r->pool));
    QW_TRY(qw_json_text(&entry.name, request, "name", QW_REQUIRED, r->pool));
    entry.subtree = json_is_true(json_object_get(request, "subtree"));
    entry.wildcard = json_is_true(json_object_get(request, "wildcard"));
    entry.confirmed_by = approval->requested_by;
    entry.confirmed_at = approval->requested_at;
    entry.reviewed_by = r->actor;
    QW_TRY(qw_registry_find(&external, r, account));
    return qw_registry_add_domain(&domain, r, external, &entry,
                                  json_is_true(
                                      json_object_get(request, "shared")));
}
