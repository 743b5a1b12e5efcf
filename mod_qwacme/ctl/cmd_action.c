/* action list | verify */
#include "ctl/ctl.h"

#include "base/text.h"
#include "portal/portal.h"
#include "registry/people.h"

#include <apr_strings.h>

#include <string.h>

/* *LIST: the signed actions about the account of argument 0, or of --person. */
static qw_problem_t *read_actions(apr_array_header_t **list,
                                  const qwc_call_t *call)
{
    const char *name = qwc_option(call, "person"), *key;
    qw_external_t *external;
    qw_person_t *person;
    int limit;

    QW_TRY(qwc_number(&limit, call, "limit", 1, 1000000, 100));
    if ((name != NULL) == (call->args->nelts > 0))
        return QW_FAIL(call->pool, INVALID_INPUT,
                       "name an account, or a person with --person");
    if (name == NULL) {
        QW_TRY(qwc_external(&external, call, 0));
        return qw_action_list(list, call->registry.db, external->id, limit,
                              call->pool);
    }
    QW_TRY(qw_person_key(&key, name, call->pool));
    QW_TRY(qw_person_find(&person, call->registry.db, key,
                          call->authority->name, call->pool));
    if (person == NULL)
        return QW_FAIL(call->pool, NOT_FOUND, "nobody is known by that name");
    return qw_action_list_person(list, call->registry.db, person->id, limit,
                                 call->pool);
}

static json_t *action_json(const qw_action_t *a, apr_pool_t *pool)
{
    json_t *object = qw_json_new_object(pool);

    qw_put_time(object, "at", a->at, pool);
    qw_put_text(object, "person", a->person);
    json_object_set_new(object, "action", json_loads(a->action, 0, NULL));
    qw_put_text(object, "authenticator", a->authenticator_id);
    qw_put_text(object, "id", a->id);
    return object;
}

qw_problem_t *qwc_action_list(qwc_call_t *call)
{
    apr_array_header_t *list;

    QW_TRY(read_actions(&list, call));
    call->result = qw_json_new_array(call->pool);
    for (int i = 0; i < list->nelts; i++)
        json_array_append(call->result,
                          action_json(APR_ARRAY_IDX(list, i, qw_action_t *),
                                      call->pool));
    return NULL;
}

/* *KEY that A was signed by, be it removed since. */
static qw_problem_t *find_key(qw_authenticator_t **key, const qw_action_t *a,
                              const qwc_call_t *call)
{
    apr_array_header_t *all;

    QW_TRY(qw_authenticator_list(&all, call->registry.db, a->person_id,
                                 call->pool));
    for (int i = 0; i < all->nelts; i++) {
        *key = APR_ARRAY_IDX(all, i, qw_authenticator_t *);
        if (strcmp((*key)->id, a->authenticator_id) == 0)
            return NULL;
    }
    return QW_FAIL(call->pool, NOT_FOUND, "its authenticator is not there");
}

/* NULL if the passkey of its person signed these words. */
static qw_problem_t *verify(const qw_action_t *a, const qw_relying_party_t *rp,
                            const qwc_call_t *call)
{
    qw_assertion_t assertion = { NULL, a->client_data, a->authenticator_data,
                                 a->signature };
    qw_authenticator_t *key;
    const char *challenge;
    apr_int64_t count;

    QW_TRY(find_key(&key, a, call));
    assertion.credential_id = key->credential_id;
    QW_TRY(qw_webauthn_challenge(&challenge, a->nonce, a->action, call->pool));
    return qw_webauthn_verify(&count, rp, &assertion, key, challenge,
                              call->pool);
}

qw_problem_t *qwc_action_verify(qwc_call_t *call)
{
    qw_relying_party_t rp = { NULL, NULL, NULL, NULL };
    apr_array_header_t *list;
    const char *path;
    int bad = 0;

    if (call->authority->portal_url == NULL)
        return QW_FAIL(call->pool, INVALID_INPUT,
                       "the configuration has no QwacmePortalURL, which "
                       "signatures are for");
    qw_portal_split(&rp.origin, &rp.rp_id, &path, call->authority->portal_url,
                    call->pool);
    QW_TRY(read_actions(&list, call));
    call->result = qw_json_new_array(call->pool);
    for (int i = 0; i < list->nelts; i++) {
        const qw_action_t *a = APR_ARRAY_IDX(list, i, qw_action_t *);
        qw_problem_t *prob = verify(a, &rp, call);
        json_t *row = action_json(a, call->pool);

        qw_put_text(row, "signature", prob == NULL ? "good" : prob->detail);
        json_array_append(call->result, row);
        bad += prob != NULL;
    }
    return bad == 0
               ? NULL
               : QW_FAIL(call->pool, INVALID_INPUT,
                         "%d of %d signatures do not verify", bad, list->nelts);
}
