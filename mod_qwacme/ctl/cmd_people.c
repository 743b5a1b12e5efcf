/* officer invite | list | remove, operator invite | list | remove, passkey list |
 * remove */
#include "ctl/ctl.h"

#include <apr_strings.h>

static qw_problem_t *read_newcomer(qw_newcomer_t *n, qwc_call_t *call, int arg)
{
    const char *language = qwc_option(call, "language");

    if (call->authority->portal_url == NULL)
        return QW_FAIL(call->pool, INVALID_INPUT,
                       "the configuration has no QwacmePortalURL for authority "
                       "%s: there is nowhere to invite anybody to",
                       call->authority->name);
    n->name = qwc_arg(call, arg);
    n->mail = qwc_option(call, "mail");
    n->language = language != NULL ? language : "en";
    n->login = qwc_option(call, "user");
    n->again = qwc_option(call, "again") != NULL;
    return qwc_time(&n->expires, call, "expires", "7d");
}

/* The link's token stands behind '#': that part of a URL is sent to nobody. */
void qwc_put_invitation(qwc_call_t *call, const qw_invitation_t *i)
{
    if (i->person_id != NULL)
        qw_put_text(call->result, "person", i->person_id);
    if (i->token == NULL)
        return;
    qw_put_text(call->result, "link",
                apr_pstrcat(call->pool, call->authority->portal_url, "/invite#",
                            i->token, NULL));
    qw_put_text(call->result, "secret", i->secret);
}

static void show(qwc_call_t *call, const qw_newcomer_t *n,
                 const qw_invitation_t *i)
{
    call->result = qw_json_new_object(call->pool);
    qwc_put_invitation(call, i);
    if (i->token != NULL)
        qw_put_time(call->result, "expires", n->expires, call->pool);
}

static json_t *person_json(const qw_person_t *p, apr_pool_t *pool)
{
    json_t *object = qw_json_new_object(pool);

    qw_put_text(object, "name", p->name);
    qw_put_text(object, "role", p->role);
    qw_put_text(object, "status", qw_state_word(p->status));
    qw_put_text(object, "authority",
                *p->authority != '\0' ? p->authority : "(all)");
    qw_put_text(object, "mail", p->mail);
    qw_put_text(object, "user", p->login);
    qw_put_text(object, "language", p->language);
    qw_put_time(object, "created", p->created, pool);
    qw_put_text(object, "createdBy", p->created_by);
    qw_put_text(object, "id", p->id);
    qw_put_text(object, "removedBy", p->removed_by);
    qw_put_time(object, "removedAt", p->removed_at, pool);
    return object;
}

static void add_people(qwc_call_t *call, const apr_array_header_t *list)
{
    for (int i = 0; i < list->nelts; i++)
        json_array_append(call->result,
                          person_json(APR_ARRAY_IDX(list, i, qw_person_t *),
                                      call->pool));
}

qw_problem_t *qwc_officer_invite(qwc_call_t *call)
{
    const char *role = qwc_option(call, "role");
    int all = qwc_option(call, "all-authorities") != NULL, two;
    qw_invitation_t invitation = { 0 };
    qw_newcomer_t n = { 0 };
    qw_approval_t *asked;

    role = role != NULL ? role : "officer";
    QW_TRY(read_newcomer(&n, call, 0));
    QW_TRY(qw_registry_officers_need_two(&two, &call->registry));
    if (two) {
        QW_TRY(qw_registry_ask_officer(&asked, &call->registry, &n, role, all));
        qwc_asked(call, asked);
        return NULL;
    }
    QW_TRY(qw_registry_invite_officer(&invitation, &call->registry, &n, role,
                                      all));
    show(call, &n, &invitation);
    return NULL;
}

qw_problem_t *qwc_officer_list(qwc_call_t *call)
{
    static const char *const roles[] = { "officer", "auditor" };
    apr_array_header_t *list;

    call->result = qw_json_new_array(call->pool);
    for (unsigned i = 0; i < sizeof(roles) / sizeof(roles[0]); i++) {
        QW_TRY(qw_person_list(&list, call->registry.db, roles[i],
                              call->authority->name, call->pool));
        add_people(call, list);
    }
    return NULL;
}

qw_problem_t *qwc_officer_remove(qwc_call_t *call)
{
    qw_approval_t *asked;
    int two;

    QW_TRY(qw_registry_officers_need_two(&two, &call->registry));
    if (!two) {
        QW_TRY(qw_registry_remove_officer(&call->registry, qwc_arg(call, 0)));
        return qwc_officer_list(call);
    }
    QW_TRY(qw_registry_ask_officer_removal(&asked, &call->registry,
                                           qwc_arg(call, 0)));
    qwc_asked(call, asked);
    return NULL;
}

qw_problem_t *qwc_operator_invite(qwc_call_t *call)
{
    qw_invitation_t invitation = { 0 };
    qw_newcomer_t n = { 0 };
    qw_external_t *external;
    qw_approval_t *asked;

    QW_TRY(qwc_external(&external, call, 0));
    QW_TRY(read_newcomer(&n, call, 1));
    if (n.again
        && qw_authority_needs_two(call->authority, QW_ACTION_RECOVERY)) {
        QW_TRY(qw_registry_ask_recovery(&asked, &call->registry, external,
                                        n.name));
        qwc_asked(call, asked);
        return NULL;
    }
    QW_TRY(qw_registry_invite_operator(&invitation, &call->registry, external,
                                       &n));
    show(call, &n, &invitation);
    return NULL;
}

qw_problem_t *qwc_operator_list(qwc_call_t *call)
{
    apr_array_header_t *list;
    qw_external_t *external;

    QW_TRY(qwc_external(&external, call, 0));
    QW_TRY(
        qw_operator_list(&list, call->registry.db, external->id, call->pool));
    call->result = qw_json_new_array(call->pool);
    add_people(call, list);
    return NULL;
}

qw_problem_t *qwc_operator_remove(qwc_call_t *call)
{
    qw_external_t *external;

    QW_TRY(qwc_external(&external, call, 0));
    QW_TRY(qw_registry_remove_operator(&call->registry, external,
                                       qwc_arg(call, 1)));
    return qwc_operator_list(call);
}

/* The person that argument 0 names. */
static qw_problem_t *person_of(qw_person_t **person, const qwc_call_t *call)
{
    const char *key;

    QW_TRY(qw_person_key(&key, qwc_arg(call, 0), call->pool));
    QW_TRY(qw_person_find(person, call->registry.db, key, call->authority->name,
                          call->pool));
    if (*person == NULL)
        return QW_FAIL(call->pool, NOT_FOUND, "nobody is known by that name");
    return NULL;
}

static json_t *passkey_json(const qw_authenticator_t *a, apr_pool_t *pool)
{
    json_t *object = qw_json_new_object(pool);

    qw_put_text(object, "id", a->id);
    qw_put_text(object, "subject", a->subject);
    qw_put_text(object, "aaguid", a->aaguid);
    qw_put_text(object, "attestation", a->attestation);
    qw_put_text(object, "transports", a->transports);
    json_object_set_new(object, "signCount", json_integer(a->sign_count));
    qw_put_time(object, "created", a->created, pool);
    qw_put_time(object, "used", a->used_at, pool);
    qw_put_text(object, "removedBy", a->removed_by);
    return object;
}

qw_problem_t *qwc_passkey_list(qwc_call_t *call)
{
    apr_array_header_t *list;
    qw_person_t *person;

    QW_TRY(person_of(&person, call));
    QW_TRY(qw_authenticator_list(&list, call->registry.db, person->id,
                                 call->pool));
    call->result = qw_json_new_array(call->pool);
    for (int i = 0; i < list->nelts; i++)
        json_array_append(call->result,
                          passkey_json(APR_ARRAY_IDX(list, i,
                                                     qw_authenticator_t *),
                                       call->pool));
    return NULL;
}

qw_problem_t *qwc_passkey_remove(qwc_call_t *call)
{
    qw_person_t *person;

    QW_TRY(person_of(&person, call));
    QW_TRY(qw_registry_remove_authenticator(&call->registry, person->id,
                                            qwc_arg(call, 1)));
    return qwc_passkey_list(call);
}
