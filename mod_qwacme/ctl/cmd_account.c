/* account create | verify | show | list | suspend | resume | close | agree */
#include "ctl/ctl.h"

#include "base/file.h"
#include "base/text.h"
#include "registry/registration.h"

#include <apr_strings.h>

#include <string.h>

qw_problem_t *qwc_external(qw_external_t **external, const qwc_call_t *call,
                           int n)
{
    qw_problem_t *prob =
        qw_registry_find(external, &call->registry, qwc_arg(call, n));

    if (prob != NULL && prob->code == QW_E_NOT_FOUND)
        return QW_FAIL(call->pool, NOT_FOUND,
                       "authority %s has no external account '%s'",
                       call->authority->name,
                       qw_text_safe(qwc_arg(call, n), 64, call->pool));
    return prob;
}

static qw_problem_t *read_file(const char **text, const char *path,
                               apr_pool_t *pool)
{
    char *buf = apr_palloc(pool, QW_JSON_MAX_BYTES + 1);
    apr_size_t len = QW_JSON_MAX_BYTES;
    apr_status_t rv = qw_file_read(buf, &len, path, pool);

    if (rv != APR_SUCCESS && rv != APR_EOF)
        return QW_FAIL(pool, INVALID_INPUT, "%s: %s", path,
                       apr_strerror(rv, apr_pcalloc(pool, 120), 120));
    *text = buf;
    return NULL;
}

/* --identity FILE first, then single attributes over it. */
static qw_problem_t *read_identity(qw_identity_t **identity,
                                   const qwc_call_t *call)
{
    const char *path = qwc_option(call, "identity"), *text = "{}";
    const apr_table_entry_t *e =
        (const apr_table_entry_t *)apr_table_elts(call->options)->elts;
    json_t *object;
    int i;

    if (path != NULL)
        QW_TRY(read_file(&text, path, call->pool));
    QW_TRY(qw_json_parse_object(&object, text, strlen(text), "identity",
                                call->pool));
    QW_TRY(qw_identity_parse(identity, object, call->pool));
    for (i = 0; i < apr_table_elts(call->options)->nelts; i++) {
        char *member = apr_pstrdup(call->pool, e[i].key), *c;

        for (c = member; *c != '\0'; c++)
            *c = *c == '-' ? '_' : *c;
        (void)qw_identity_set(*identity, member, e[i].val); /* if it is one */
    }
    return NULL;
}

static qw_problem_t *read_registration(qw_registration_t *reg,
                                       const qwc_call_t *call)
{
    qw_identity_t *identity;

    QW_TRY(read_identity(&identity, call));
    reg->identity = identity;
    reg->profiles = qwc_option(call, "profiles");
    reg->verified_by = qwc_option(call, "verified-by");
    reg->verified_method = qwc_option(call, "verified-method");
    QW_TRY(qwc_time(&reg->verified_at, call, "verified-at", "0s"));
    return qwc_time(&reg->expires, call, "expires", "397d");
}

static json_t *account_json(const qw_external_t *e, apr_pool_t *pool)
{
    json_t *object = qw_json_new_object(pool);

    qw_put_text(object, "id", e->id);
    qw_put_text(object, "name", e->name);
    qw_put_text(object, "status", qw_state_word(e->status));
    qw_put_text(object, "profiles", e->profiles);
    qw_put_time(object, "created", e->created, pool);
    qw_put_time(object, "expires", e->expires, pool);
    return object;
}

static void add_details(json_t *object, const qw_external_t *e,
                        apr_pool_t *pool)
{
    qw_put_text(object, "reason", e->reason);
    json_object_set_new(object, "identity", json_loads(e->identity, 0, NULL));
    json_object_set_new(object, "identityVersion",
                        json_integer(e->identity_version));
    qw_put_time(object, "verifiedAt", e->verified_at, pool);
    qw_put_text(object, "verifiedBy", e->verified_by);
    qw_put_text(object, "verifiedMethod", e->verified_method);
    qw_put_text(object, "termsVersion", e->terms_version);
    qw_put_time(object, "termsAt", e->terms_at, pool);
}

/* *ASKED: 1 if another person has to approve REG first. Who asks is who verified
 * the identity, and nobody else can be named. */
static qw_problem_t *ask(int *asked, qwc_call_t *call, qw_registration_t *reg,
                         const qw_external_t *external)
{
    qw_approval_t *approval;

    *asked = qw_authority_needs_two(call->authority, QW_ACTION_REGISTER);
    if (!*asked)
        return NULL;
    if (reg->verified_by != NULL || qwc_option(call, "terms") != NULL)
        return QW_FAIL(call->pool, INVALID_INPUT,
                       "%s: another person has to approve this "
                       "(QwacmeFourEyes); leave it out: who asks is who "
                       "verified, and terms are agreed to afterwards",
                       reg->verified_by != NULL ? "verified-by" : "terms");
    reg->verified_by = call->registry.actor;
    QW_TRY(qw_registry_check_registration(&call->registry, reg));
    QW_TRY(qw_registry_ask_registration(&approval, &call->registry, reg,
                                        external));
    qwc_asked(call, approval);
    return NULL;
}

qw_problem_t *qwc_account_create(qwc_call_t *call)
{
    qw_registration_t reg = { 0 };
    qw_external_t *external;
    const char *id;
    int asked;

    QW_TRY(read_registration(&reg, call));
    reg.name = qwc_arg(call, 0);
    QW_TRY(ask(&asked, call, &reg, NULL));
    if (asked)
        return NULL;
    QW_TRY(qw_registry_create(&id, &call->registry, &reg));
    QW_TRY(qw_registry_find(&external, &call->registry, id));
    if (qwc_option(call, "terms") != NULL)
        QW_TRY(qw_registry_agree(&call->registry, external,
                                 qwc_option(call, "terms")));
    call->result = account_json(external, call->pool);
    return NULL;
}

qw_problem_t *qwc_account_verify(qwc_call_t *call)
{
    qw_registration_t reg = { 0 };
    qw_external_t *external;
    int asked;

    QW_TRY(qwc_external(&external, call, 0));
    QW_TRY(read_registration(&reg, call));
    if (reg.profiles == NULL)
        reg.profiles = external->profiles;
    reg.name = external->name;
    QW_TRY(ask(&asked, call, &reg, external));
    if (asked)
        return NULL;
    QW_TRY(qw_registry_reverify(&call->registry, external, &reg));
    QW_TRY(qwc_external(&external, call, 0));
    call->result = account_json(external, call->pool);
    add_details(call->result, external, call->pool);
    return NULL;
}

/* Show the listing that FN makes for the account of argument 0 under NAME. */
static qw_problem_t *nest(json_t *object, const char *name, qwc_call_t *call,
                          qw_problem_t *(*fn)(qwc_call_t *))
{
    QW_TRY(fn(call));
    json_object_set(object, name, call->result);
    return NULL;
}

qw_problem_t *qwc_account_show(qwc_call_t *call)
{
    qw_external_t *external;
    json_t *object, *clocks;

    QW_TRY(qwc_external(&external, call, 0));
    object = account_json(external, call->pool);
    add_details(object, external, call->pool);
    QW_TRY(qwc_clocks(&clocks, call, external));
    json_object_set(object, "clocks", clocks);
    QW_TRY(nest(object, "domains", call, qwc_domain_list));
    QW_TRY(nest(object, "bindings", call, qwc_binding_list));
    QW_TRY(nest(object, "acmeAccounts", call, qwc_acme_account_list));
    call->result = object;
    return NULL;
}

qw_problem_t *qwc_account_list(qwc_call_t *call)
{
    apr_array_header_t *list;
    int i;

    QW_TRY(qw_external_list(&list, call->registry.db, call->authority->name,
                            call->pool));
    call->result = qw_json_new_array(call->pool);
    for (i = 0; i < list->nelts; i++)
        json_array_append(call->result,
                          account_json(APR_ARRAY_IDX(list, i, qw_external_t *),
                                       call->pool));
    return NULL;
}

static qw_problem_t *move_to(qwc_call_t *call, qw_state_e state)
{
    qw_external_t *external;

    QW_TRY(qwc_external(&external, call, 0));
    QW_TRY(qw_registry_move(&call->registry, external, state,
                            qwc_option(call, "reason")));
    QW_TRY(qwc_external(&external, call, 0));
    call->result = account_json(external, call->pool);
    return NULL;
}

qw_problem_t *qwc_account_suspend(qwc_call_t *call)
{
    return move_to(call, QW_external_SUSPENDED);
}

qw_problem_t *qwc_account_resume(qwc_call_t *call)
{
    qw_external_t *external;
    int asked;

    QW_TRY(qwc_external(&external, call, 0));
    QW_TRY(qwc_resume(&asked, call, QW_SUBJECT_EXTERNAL, external->id));
    if (asked)
        return NULL;
    QW_TRY(qwc_external(&external, call, 0));
    call->result = account_json(external, call->pool);
    return NULL;
}

qw_problem_t *qwc_account_close(qwc_call_t *call)
{
    return move_to(call, QW_external_CLOSED);
}

qw_problem_t *qwc_account_agree(qwc_call_t *call)
{
    const char *version = qwc_option(call, "terms");
    qw_external_t *external;

    if (version == NULL)
        return QW_FAIL(call->pool, INVALID_INPUT,
                       "terms: say which version was agreed to");
    QW_TRY(qwc_external(&external, call, 0));
    QW_TRY(qw_registry_agree(&call->registry, external, version));
    call->result = account_json(external, call->pool);
    return NULL;
}

qw_problem_t *qwc_account_copy_to_test(qwc_call_t *call)
{
    const char *name = qwc_option(call, "to"), *id;
    qw_registry_t to = call->registry;
    qw_external_t *external;

    if (name == NULL)
        return QW_FAIL(call->pool, INVALID_INPUT,
                       "to: name the test authority that it is for");
    to.authority = qw_conf_authority(call->conf, name);
    if (to.authority == NULL)
        return QW_FAIL(call->pool, INVALID_INPUT,
                       "to: the configuration has no authority '%s'",
                       qw_text_safe(name, 64, call->pool));
    QW_TRY(qwc_external(&external, call, 0));
    QW_TRY(qw_registry_copy_to_test(&id, &call->registry, &to, external));
    QW_TRY(qw_registry_find(&external, &to, id));
    call->result = account_json(external, call->pool);
    return NULL;
}
