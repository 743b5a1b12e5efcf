/* What an item of a case does: one function for each kind. */
#include "ca/case_priv.h"

#include "audit/audit.h"
#include "base/document.h"
#include "ca/precert.h"
#include "ca/revoke.h"
#include "registry/note.h"
#include "registry/people.h"
#include "store/db_order.h"
#include "store/db_person.h"

#include <apr_strings.h>

#include <string.h>

typedef qw_problem_t *act_fn(const char **result, const qw_registry_t *r,
                             const qw_case_t *c, const qw_case_item_t *item);

static const char *why(const qw_registry_t *r, const qw_case_t *c)
{
    return apr_pstrcat(r->pool, "case ", c->id, NULL);
}

static qw_problem_t *suspend_account(const char **result,
                                     const qw_registry_t *r, const qw_case_t *c,
                                     const qw_case_item_t *item)
{
    *result = "suspended";
    return qw_registry_suspend(r, QW_SUBJECT_ACCOUNT, item->subject_id,
                               why(r, c));
}

static qw_problem_t *suspend_external(const char **result,
                                      const qw_registry_t *r,
                                      const qw_case_t *c,
                                      const qw_case_item_t *item)
{
    *result = "suspended; resumes only after a new verification";
    return qw_registry_suspend(r, QW_SUBJECT_EXTERNAL, item->subject_id,
                               why(r, c));
}

static qw_problem_t *suspend_binding(const char **result,
                                     const qw_registry_t *r, const qw_case_t *c,
                                     const qw_case_item_t *item)
{
    *result = "suspended";
    return qw_registry_suspend(r, QW_SUBJECT_BINDING, item->subject_id,
                               why(r, c));
}

static qw_problem_t *revoke_binding(const char **result, const qw_registry_t *r,
                                    const qw_case_t *c,
                                    const qw_case_item_t *item)
{
    (void)c;
    *result = "revoked";
    return qw_registry_revoke_binding(r, item->subject_id, 0);
}

/* Sessions end, and no passkey of the person's counts any more: it comes back by
 * an invitation. */
static qw_problem_t *end_access(const char **result, const qw_registry_t *r,
                                const qw_case_t *c, const qw_case_item_t *item)
{
    apr_array_header_t *list;

    (void)c;
    QW_TRY(qw_authenticator_list(&list, r->db, item->subject_id, r->pool));
    for (int i = 0; i < list->nelts; i++) {
        const qw_authenticator_t *a =
            APR_ARRAY_IDX(list, i, const qw_authenticator_t *);

        if (a->removed_by == NULL)
            QW_TRY(
                qw_registry_remove_authenticator(r, item->subject_id, a->id));
    }
    *result = "sessions ended, passkeys removed; invite the operator again";
    return qw_session_end_all(r->db, item->subject_id, r->pool);
}

/* What was proven under the account counts no more; nor do orders on it. */
static qw_problem_t *kill_authz(const char **result, const qw_registry_t *r,
                                const qw_case_t *c, const qw_case_item_t *item)
{
    json_t *detail = qw_json_new_object(r->pool);
    qw_problem_t *error = QW_FAIL(r->pool, UNAUTHORIZED,
                                  "an authorization of the order was revoked");
    qw_state_e to = QW_authz_REVOKED;
    qw_authz_t *authz;

    QW_TRY(qw_authz_get(&authz, r->db, r->authority->name, NULL,
                        item->subject_id, r->pool));
    if (authz->status == QW_authz_PENDING)
        to = QW_authz_DEACTIVATED;
    QW_TRY(qw_orders_lock(r->db, authz->id, r->pool));
    QW_TRY(qw_authz_move(r->db, authz->id, authz->status, to, r->pool));
    QW_TRY(qw_orders_fail(r->db, authz->id, qw_problem_document(error, r->pool),
                          r->pool));
    *result = qw_state_word(to);
    json_object_set_new(detail, "case", json_string(c->id));
    json_object_set_new(detail, "to", json_string(*result));
    return qw_registry_note(r, "authz.revoke", "authz", authz->id, detail);
}

static qw_problem_t *block_key(const char **result, const qw_registry_t *r,
                               const qw_case_t *c, const qw_case_item_t *item)
{
    qw_blocking_t blocking = {
        { item->subject_id, item->label }, why(r, c), NULL, NULL, 0
    };
    json_t *detail = qw_json_new_object(r->pool);

    QW_TRY(qw_gate_block_key(r->db, &blocking, qw_authority_now(r->authority),
                             r->pool));
    if (!blocking.is_new)
        return QW_FAIL(r->pool, CONFLICT, "blocked before");
    *result = "blocked";
    json_object_set_new(detail, "case", json_string(c->id));
    return qw_registry_note(r, "key.block", "key", item->subject_id, detail);
}

/* RFC9773-4.1: a window in the past, and why. The incident has the case's id. */
static qw_problem_t *recall(const char **result, const qw_registry_t *r,
                            const qw_case_t *c, const qw_case_item_t *item)
{
    apr_array_header_t *serials =
        apr_array_make(r->pool, 1, sizeof(const char *));
    qw_incident_t incident = { 0 };
    json_t *options;

    QW_TRY(qw_json_parse_object(&options, c->options, strlen(c->options),
                                "options of the case", r->pool));
    QW_TRY(qw_json_text(&incident.url, options, "url", QW_REQUIRED, r->pool));
    incident.name = c->id;
    APR_ARRAY_PUSH(serials, const char *) = item->label;
    *result = "to be renewed at once";
    return qw_registry_load_incident(r, &incident, serials);
}

/* The key of a case about a key has been blocked by an item of its own. */
static qw_problem_t *revoke_it(const char **result, const qw_registry_t *r,
                               const qw_case_t *c, const qw_case_item_t *item,
                               const qw_certificate_t *certificate)
{
    qw_revoke_t what = { 0 };

    what.authority = r->authority;
    what.certificate = certificate;
    what.reason = (int)item->reason;
    what.actor = r->actor;
    what.block_key = what.reason == QW_REASON_KEY_COMPROMISE
                     && strcmp(c->kind, QW_CASE_KEY) != 0;
    what.may_upgrade = 1;
    *result = qw_reason_name(what.reason);
    return qw_revoke(r->db, &what, r->pool);
}

static qw_problem_t *revoke_certificate(const char **result,
                                        const qw_registry_t *r,
                                        const qw_case_t *c,
                                        const qw_case_item_t *item)
{
    qw_certificate_t *certificate;

    QW_TRY(qw_certificate_get(&certificate, r->db, r->authority->name, NULL,
                              item->subject_id, r->pool));
    return revoke_it(result, r, c, item, certificate);
}

/* Its certificate may have come meanwhile: they have one serial. */
static qw_problem_t *revoke_precert(const char **result, const qw_registry_t *r,
                                    const qw_case_t *c,
                                    const qw_case_item_t *item)
{
    qw_certificate_t *certificate;
    qw_attempt_t *attempt;

    QW_TRY(qw_attempt_get(&attempt, r->db, item->subject_id, r->pool));
    QW_TRY(qw_precert_certificate(&certificate, r->db, attempt, r->pool));
    return revoke_it(result, r, c, item, certificate);
}

static qw_problem_t *list(const char **result, const qw_registry_t *r,
                          const qw_case_t *c, const qw_case_item_t *item)
{
    (void)r;
    (void)c;
    (void)item;
    *result = "listed, left as it is";
    return NULL;
}

static const struct {
    const char *kind;
    act_fn *act;
} acts[] = {
    { QW_ITEM_REVOKE, revoke_certificate },
    { QW_ITEM_REVOKE_PRECERT, revoke_precert },
    { QW_ITEM_RECALL, recall },
    { QW_ITEM_LIST, list },
    { QW_ITEM_KILL_AUTHZ, kill_authz },
    { QW_ITEM_END_ACCESS, end_access },
    { QW_ITEM_SUSPEND_ACCOUNT, suspend_account },
    { QW_ITEM_SUSPEND_EXTERNAL, suspend_external },
    { QW_ITEM_SUSPEND_BINDING, suspend_binding },
    { QW_ITEM_REVOKE_BINDING, revoke_binding },
    { QW_ITEM_BLOCK_KEY, block_key },
};

qw_problem_t *qw_case_act(const char **result, const qw_registry_t *r,
                          const qw_case_t *c, const qw_case_item_t *item)
{
    for (unsigned i = 0; i < sizeof(acts) / sizeof(acts[0]); i++)
        if (strcmp(acts[i].kind, item->kind) == 0)
            return acts[i].act(result, r, c, item);
    return QW_FAIL(r->pool, NOT_FOUND, "no such kind of item: %s", item->kind);
}
