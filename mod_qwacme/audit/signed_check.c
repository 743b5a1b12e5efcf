/* The signed actions of a dossier, with nothing but the dossier. */
#include "audit/signed.h"

#include "base/b64.h"
#include "base/json.h"
#include "base/text.h"

#include <apr_strings.h>

#include <string.h>

#define UNTRUE(pool, ...) QW_FAIL(pool, UNAUTHORIZED, __VA_ARGS__)

static const char *safe_of(const json_t *object, const char *name,
                           apr_pool_t *pool)
{
    return qw_text_safe(qw_json_word(object, name), 64, pool);
}

/* The item of LIST with ID, or NULL. */
static const json_t *find(const json_t *dossier, const char *list,
                          const char *id)
{
    const json_t *item;
    apr_size_t i;

    json_array_foreach(json_object_get(dossier, list), i, item)
    {
        if (*id != '\0' && strcmp(qw_json_word(item, "id"), id) == 0)
            return item;
    }
    return NULL;
}

/* ---- events ---------------------------------------------------------------------- */

static json_t *detail_of(const json_t *event, apr_pool_t *pool)
{
    return qw_own_json_t(pool,
                         json_loads(qw_json_word(event, "detail"), 0, NULL));
}

/* The detail of an EVENT of SUBJECT in STRETCH; of that of the passkey ID, unless
 * it is NULL. Or NULL. */
static const json_t *detail_in(const json_t *stretch, const char *name,
                               const char *subject, const char *id,
                               apr_pool_t *pool)
{
    const json_t *record, *detail;
    apr_size_t i;

    json_array_foreach(json_object_get(stretch, "records"), i, record)
    {
        const json_t *event = json_object_get(record, "event");

        if (strcmp(qw_json_word(event, "event"), name) != 0
            || strcmp(qw_json_word(event, "subject"), subject) != 0)
            continue;
        detail = detail_of(event, pool);
        if (id == NULL
            || strcmp(qw_json_word(detail, "authenticator"), id) == 0)
            return detail;
    }
    return NULL;
}

static const json_t *sealed_detail(const json_t *dossier, const char *event,
                                   const char *subject, const char *id,
                                   apr_pool_t *pool)
{
    const json_t *stretch, *detail = NULL;
    apr_size_t i;

    json_array_foreach(json_object_get(dossier, "chain"), i, stretch)
    {
        if (detail == NULL)
            detail = detail_in(stretch, event, subject, id, pool);
    }
    return detail;
}

/* ---- passkeys, and logins that httpd saw -------------------------------------------- */

/* A person of the whole server may have come by another authority, whose events
 * are not in this dossier. */
static qw_problem_t *check_passkey(const json_t *dossier, const json_t *key,
                                   apr_pool_t *pool)
{
    const json_t *detail =
        sealed_detail(dossier, "person.accept", qw_json_word(key, "person"),
                      qw_json_word(key, "id"), pool);
    const char *public_key = qw_json_word(key, "publicKey");

    if (detail == NULL)
        return json_object_get(key, "scope") != NULL
                       && *qw_json_word(key, "scope") == '\0'
                   ? NULL
                   : UNTRUE(pool, "no event in the chain registered passkey %s",
                            safe_of(key, "id", pool));
    if (strcmp(qw_json_word(detail, "key"),
               qw_hex_sha256(public_key, strlen(public_key), pool))
        != 0)
        return UNTRUE(pool, "passkey %s was registered with another key",
                      safe_of(key, "id", pool));
    if (strcmp(qw_json_word(detail, "subject"), qw_json_word(key, "subject"))
        != 0)
        return UNTRUE(pool, "login %s was registered of another subject",
                      safe_of(key, "id", pool));
    return NULL;
}

qw_problem_t *qw_signed_check_passkeys(const json_t *dossier, apr_pool_t *pool)
{
    const json_t *key;
    apr_size_t i;

    json_array_foreach(json_object_get(dossier, "passkeys"), i, key)
        QW_TRY(check_passkey(dossier, key, pool));
    return NULL;
}

/* ---- signatures ------------------------------------------------------------------ */

static void read_action(qw_action_t *a, const json_t *o)
{
    memset(a, 0, sizeof(*a));
    a->id = qw_json_word(o, "id");
    a->person_id = qw_json_word(o, "person");
    a->authenticator_id = qw_json_word(o, "passkey");
    a->action = qw_json_word(o, "action");
    a->nonce = qw_json_word(o, "nonce");
    a->client_data = qw_json_word(o, "clientData");
    a->authenticator_data = qw_json_word(o, "authenticatorData");
    a->signature = qw_json_word(o, "signature");
    a->proof = json_string_value(json_object_get(o, "proof"));
}

static void read_passkey(qw_authenticator_t *key, const json_t *o)
{
    memset(key, 0, sizeof(*key));
    key->id = qw_json_word(o, "id");
    key->person_id = qw_json_word(o, "person");
    key->credential_id = qw_json_word(o, "credentialId");
    key->algorithm = json_integer_value(json_object_get(o, "algorithm"));
    key->public_key = qw_json_word(o, "publicKey");
}

static qw_problem_t *parse(json_t **action, const qw_action_t *a,
                           apr_pool_t *pool)
{
    return qw_json_parse_object(action, a->action, strlen(a->action), "action",
                                pool);
}

/* What was signed says whose it is, and where. */
static qw_problem_t *check_frame(const qw_action_t *a,
                                 const qw_authenticator_t *key,
                                 const json_t *dossier, apr_pool_t *pool)
{
    const json_t *authority = json_object_get(dossier, "authority");
    json_t *action;

    QW_TRY(parse(&action, a, pool));
    if (strcmp(key->person_id, a->person_id) != 0)
        return UNTRUE(pool, "the passkey is another person's");
    if (strcmp(qw_json_word(action, "person"), a->person_id) != 0)
        return UNTRUE(pool, "what was signed is of another person");
    if (strcmp(qw_json_word(action, "authority"),
               qw_json_word(authority, "name"))
        != 0)
        return UNTRUE(pool, "what was signed is of another authority");
    return NULL;
}

/* The sealed event of then has the hashes of the words and of the proof. */
static qw_problem_t *check_confirmed(const qw_action_t *a, const char *hash,
                                     const json_t *dossier, apr_pool_t *pool)
{
    const json_t *detail =
        sealed_detail(dossier, "action.confirm", a->id, NULL, pool);
    const char *proof = qw_hex_sha256(a->proof, strlen(a->proof), pool);

    if (detail == NULL)
        return UNTRUE(pool, "no event in the chain has the proof of the login");
    return strcmp(qw_json_word(detail, "proof"), proof) == 0
                   && strcmp(qw_json_word(detail, "action"), hash) == 0
               ? NULL
               : UNTRUE(pool, "its event is of another proof");
}

/* By LOGIN, an object of passkeys, from after the words were shown. */
static qw_problem_t *check_proof(const qw_action_t *a, const json_t *login,
                                 const json_t *dossier, apr_pool_t *pool)
{
    const char *hash = qw_hex_sha256(a->action, strlen(a->action), pool);
    json_t *proof;

    QW_TRY(qw_json_parse_object(&proof, a->proof, strlen(a->proof), "proof",
                                pool));
    if (strcmp(qw_json_word(proof, "action"), hash) != 0
        || strcmp(qw_json_word(proof, "confirmation"), a->nonce) != 0)
        return UNTRUE(pool, "the proof is of something else");
    if (*qw_json_word(login, "subject") == '\0'
        || strcmp(qw_json_word(proof, "subject"),
                  qw_json_word(login, "subject"))
               != 0
        || strcmp(qw_json_word(proof, "authenticator"), a->authenticator_id)
               != 0)
        return UNTRUE(pool, "the proof is of another login");
    if (strcmp(qw_json_word(proof, "authenticated"),
               qw_json_word(proof, "shown"))
        < 0)
        return UNTRUE(pool, "the login was before it was shown");
    return check_confirmed(a, hash, dossier, pool);
}

static qw_problem_t *check_action(const json_t *o, const json_t *dossier,
                                  qw_assertion_check_fn check, apr_pool_t *pool)
{
    const json_t *authority = json_object_get(dossier, "authority");
    const json_t *passkey =
        find(dossier, "passkeys", qw_json_word(o, "passkey"));
    qw_authenticator_t key;
    qw_action_t a;

    if (passkey == NULL)
        return UNTRUE(pool, "its passkey is missing");
    read_action(&a, o);
    read_passkey(&key, passkey);
    QW_TRY(check_frame(&a, &key, dossier, pool));
    if (a.proof != NULL)
        return check_proof(&a, passkey, dossier, pool);
    return check(&a, &key, qw_json_word(authority, "portalUrl"), pool);
}

static qw_problem_t *name_it(const qw_problem_t *prob, const json_t *o,
                             apr_pool_t *pool)
{
    return QW_FAIL_BECAUSE(pool, UNAUTHORIZED, prob->cause, "action %s: %s",
                           safe_of(o, "id", pool), prob->detail);
}

qw_problem_t *qw_signed_check_signatures(const json_t *dossier,
                                         qw_assertion_check_fn check,
                                         apr_pool_t *pool)
{
    const json_t *o;
    apr_size_t i;

    json_array_foreach(json_object_get(dossier, "signedActions"), i, o)
    {
        qw_problem_t *prob = check_action(o, dossier, check, pool);

        if (prob != NULL)
            return name_it(prob, o, pool);
    }
    return NULL;
}

/* ---- what they answer for ---------------------------------------------------------- */

static qw_problem_t *check_want(const qw_signed_want_t *want,
                                const json_t *dossier, apr_pool_t *pool)
{
    const char *id = qw_json_word(want->object, want->member), *differs;
    const json_t *o = find(dossier, "signedActions", id);
    int is_test =
        strcmp(qw_json_word(json_object_get(dossier, "authority"), "kind"),
               "test")
        == 0;
    qw_action_t a;
    json_t *action;

    if (o == NULL && *id == '\0' && is_test)
        return NULL;
    if (o == NULL)
        return UNTRUE(pool, "%s: the action that %s signed is missing",
                      want->what, qw_text_safe(want->actor, 64, pool));
    read_action(&a, o);
    QW_TRY(parse(&action, &a, pool));
    differs = qw_signed_differs(want, action, dossier, pool);
    if (differs != NULL)
        return UNTRUE(pool, "%s: what was signed is %s", want->what, differs);
    return NULL;
}

qw_problem_t *qw_signed_check_wants(const json_t *dossier, apr_pool_t *pool)
{
    apr_array_header_t *wants;

    qw_signed_wants(&wants, dossier, pool);
    for (int i = 0; i < wants->nelts; i++)
        QW_TRY(check_want(&APR_ARRAY_IDX(wants, i, qw_signed_want_t), dossier,
                          pool));
    return NULL;
}
