#include "registry/registration.h"

#include "base/json.h"
#include "base/text.h"
#include "x509/identity.h"

#include <string.h>

static json_t *request_of(const qw_registration_t *reg, apr_pool_t *pool)
{
    json_t *request = qw_json_new_object(pool);

    json_object_set_new(request, "action", json_string(QW_ACTION_REGISTER));
    json_object_set_new(request, "name", json_string(reg->name));
    json_object_set(request, "identity", qw_identity_json(reg->identity, pool));
    json_object_set_new(request, "profiles", json_string(reg->profiles));
    json_object_set_new(request, "verifiedMethod",
                        json_string(reg->verified_method));
    json_object_set_new(request, "verifiedAt",
                        json_string(qw_text_time(reg->verified_at, pool)));
    json_object_set_new(request, "expires",
                        json_string(qw_text_time(reg->expires, pool)));
    return request;
}

qw_problem_t *qw_registry_ask_registration(qw_approval_t **approval,
                                           const qw_registry_t *r,
                                           const qw_registration_t *reg,
                                           const qw_external_t *external)
{
    qw_asking_t asking = { QW_ACTION_REGISTER, QW_SUBJECT_NEW, reg->name, NULL,
                           "identity verified" };

    if (external != NULL) {
        asking.subject_kind = QW_SUBJECT_EXTERNAL;
        asking.subject_id = external->id;
    }
    asking.request = request_of(reg, r->pool);
    return qw_approval_request(approval, r, &asking);
}

static qw_problem_t *read_time(apr_time_t *when, const json_t *request,
                               const char *name, apr_pool_t *pool)
{
    const char *text;

    QW_TRY(qw_json_text(&text, request, name, QW_REQUIRED, pool));
    return qw_text_parse_time(when, text)
               ? NULL
               : QW_FAIL(pool, SERVER_INTERNAL, "%s: no time", name);
}

static qw_problem_t *read_request(qw_registration_t *reg,
                                  const qw_approval_t *approval,
                                  apr_pool_t *pool)
{
    qw_identity_t *identity;
    json_t *request, *members;

    QW_TRY(qw_approval_read(&request, approval, pool));
    QW_TRY(qw_json_text(&reg->name, request, "name", QW_REQUIRED, pool));
    QW_TRY(qw_json_object(&members, request, "identity", QW_REQUIRED, pool));
    QW_TRY(qw_identity_parse(&identity, members, pool));
    reg->identity = identity;
    QW_TRY(
        qw_json_text(&reg->profiles, request, "profiles", QW_REQUIRED, pool));
    QW_TRY(qw_json_text(&reg->verified_method, request, "verifiedMethod",
                        QW_REQUIRED, pool));
    QW_TRY(read_time(&reg->verified_at, request, "verifiedAt", pool));
    reg->verified_by = approval->requested_by;
    return read_time(&reg->expires, request, "expires", pool);
}

qw_problem_t *qw_registry_registration_approved(const qw_registry_t *r,
                                                const qw_approval_t *approval,
                                                void *baton)
{
    qw_registration_t reg = { 0 };
    qw_external_t *external;
    const char *id;

    QW_TRY(read_request(&reg, approval, r->pool));
    if (strcmp(approval->subject_kind, QW_SUBJECT_NEW) == 0)
        return qw_registry_create(&id, r, &reg);
    QW_TRY(qw_registry_find(&external, r, approval->subject_id));
    return qw_registry_reverify(r, external, &reg);
}
