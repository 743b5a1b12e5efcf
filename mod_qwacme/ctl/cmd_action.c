/* action list | verify */
#include "ctl/ctl.h"

#include "base/b64.h"
#include "base/json.h"
#include "base/text.h"
#include "portal/signature.h"
#include "registry/people.h"
#include "store/db_ledger.h"

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
    if (a->proof != NULL)
        json_object_set_new(object, "proof", json_loads(a->proof, 0, NULL));
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

static qw_problem_t *unfit(const qwc_call_t *call, const char *why)
{
    return QW_FAIL(call->pool, INVALID_INPUT, "the proof does not fit: %s",
                   why);
}

/* The event of then has the hashes of A's action and proof; the chain of events
 * is sealed. */
static qw_problem_t *check_event(const qw_action_t *a, const char *hash,
                                 const qwc_call_t *call)
{
    const char *proof = qw_hex_sha256(a->proof, strlen(a->proof), call->pool);
    apr_array_header_t *events;
    json_t *detail;

    QW_TRY(qw_event_list(&events, call->registry.db, call->authority->name,
                         a->id, 1, call->pool));
    if (events->nelts == 0)
        return unfit(call, "it has no event action.confirm");
    QW_TRY(qw_json_parse_object(
        &detail, APR_ARRAY_IDX(events, 0, qw_event_t *)->detail,
        strlen(APR_ARRAY_IDX(events, 0, qw_event_t *)->detail), "detail",
        call->pool));
    if (proof == NULL || strcmp(qw_json_word(detail, "proof"), proof) != 0
        || strcmp(qw_json_word(detail, "action"), hash) != 0)
        return unfit(call, "its event has other hashes");
    return NULL;
}

/* NULL if A's proof is of these words, of a login of its person after they were
 * shown, and was there when its event was written. */
static qw_problem_t *verify_proof(const qw_action_t *a, const qwc_call_t *call)
{
    const char *hash = qw_hex_sha256(a->action, strlen(a->action), call->pool);
    qw_authenticator_t *login;
    json_t *proof;

    QW_TRY(find_key(&login, a, call));
    QW_TRY(qw_json_parse_object(&proof, a->proof, strlen(a->proof), "proof",
                                call->pool));
    if (hash == NULL || strcmp(qw_json_word(proof, "action"), hash) != 0)
        return unfit(call, "it is of another action");
    if (login->subject == NULL
        || strcmp(qw_json_word(proof, "subject"), login->subject) != 0)
        return unfit(call, "it is of another subject");
    if (strcmp(qw_json_word(proof, "authenticated"),
               qw_json_word(proof, "shown"))
        < 0)
        return unfit(call, "the login was before the action was shown");
    return check_event(a, hash, call);
}

/* NULL if the passkey of its person signed these words, or its person confirmed
 * them. */
static qw_problem_t *verify(const qw_action_t *a, const qwc_call_t *call)
{
    qw_authenticator_t *key;

    if (a->proof != NULL)
        return verify_proof(a, call);
    QW_TRY(find_key(&key, a, call));
    return qw_signature_check(a, key, call->authority->portal_url, call->pool);
}

qw_problem_t *qwc_action_verify(qwc_call_t *call)
{
    apr_array_header_t *list;
    int bad = 0;

    if (call->authority->portal_url == NULL)
        return QW_FAIL(call->pool, INVALID_INPUT,
                       "the configuration has no QwacmePortalURL, which "
                       "signatures are for");
    QW_TRY(read_actions(&list, call));
    call->result = qw_json_new_array(call->pool);
    for (int i = 0; i < list->nelts; i++) {
        const qw_action_t *a = APR_ARRAY_IDX(list, i, qw_action_t *);
        qw_problem_t *prob = verify(a, call);
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
