/* The signed actions that justified a certificate go into its dossier. */
#include "audit/signed.h"

#include "base/put.h"
#include "base/text.h"
#include "store/db_person.h"

#include <apr_strings.h>

#include <string.h>

enum { ACTIONS_MOST = 1000000 };

typedef struct {
    json_t *dossier, *actions, *passkeys;
    const char *authority;
    apr_array_header_t *entries; /* qw_seal_entry_t * */
    qw_db_t *db;
    apr_pool_t *pool;
} putter_t;

static int is_in(const json_t *list, const char *id)
{
    const json_t *item;
    apr_size_t i;

    json_array_foreach(list, i, item)
    {
        if (strcmp(json_string_value(json_object_get(item, "id")), id) == 0)
            return 1;
    }
    return 0;
}

/* ---- passkeys ------------------------------------------------------------------- */

static void put_passkey(putter_t *p, const qw_authenticator_t *a,
                        const qw_person_t *person)
{
    json_t *o = json_object();

    json_array_append_new(p->passkeys, o);
    qw_put_text(o, "id", a->id);
    qw_put_text(o, "person", a->person_id);
    qw_put_text(o, "name", person->name);
    qw_put_text(o, "role", person->role);
    qw_put_text(o, "scope", person->authority);
    qw_put_text(o, "credentialId", a->credential_id);
    qw_put_int(o, "algorithm", a->algorithm);
    qw_put_text(o, "publicKey", a->public_key);
    qw_put_text(o, "aaguid", a->aaguid);
    qw_put_text(o, "attestation", a->attestation);
    qw_put_text(o, "subject", a->subject);
    qw_put_time(o, "created", a->created, p->pool);
}

/* Of the person's events the one that A came by. */
static qw_problem_t *put_registration(putter_t *p, const qw_authenticator_t *a)
{
    apr_array_header_t *all;

    QW_TRY(
        qw_seal_of_subject(&all, p->db, p->authority, a->person_id, p->pool));
    for (int i = 0; i < all->nelts; i++) {
        qw_seal_entry_t *e = APR_ARRAY_IDX(all, i, qw_seal_entry_t *);
        json_t *detail =
            qw_own_json_t(p->pool, json_loads(e->event->detail, 0, NULL));
        const char *id =
            json_string_value(json_object_get(detail, "authenticator"));

        if (e->seq > 0 && strcmp(e->event->event, "person.accept") == 0
            && id != NULL && strcmp(id, a->id) == 0)
            APR_ARRAY_PUSH(p->entries, qw_seal_entry_t *) = e;
    }
    return NULL;
}

/* Removed since or not. */
static qw_problem_t *need_passkey(putter_t *p, const qw_action_t *action)
{
    apr_array_header_t *all;
    qw_person_t *person;

    if (is_in(p->passkeys, action->authenticator_id))
        return NULL;
    QW_TRY(qw_person_get(&person, p->db, action->person_id, p->pool));
    QW_TRY(qw_authenticator_list(&all, p->db, action->person_id, p->pool));
    for (int i = 0; i < all->nelts; i++) {
        const qw_authenticator_t *a =
            APR_ARRAY_IDX(all, i, qw_authenticator_t *);

        if (strcmp(a->id, action->authenticator_id) != 0)
            continue;
        put_passkey(p, a, person);
        return put_registration(p, a);
    }
    return NULL;
}

/* ---- actions -------------------------------------------------------------------- */

static void put_action(putter_t *p, const qw_action_t *a)
{
    json_t *o = json_object();

    json_array_append_new(p->actions, o);
    qw_put_text(o, "id", a->id);
    qw_put_time(o, "at", a->at, p->pool);
    qw_put_text(o, "person", a->person_id);
    qw_put_text(o, "passkey", a->authenticator_id);
    qw_put_text(o, "action", a->action);
    qw_put_text(o, "nonce", a->nonce);
    qw_put_text(o, "clientData", a->client_data);
    qw_put_text(o, "authenticatorData", a->authenticator_data);
    qw_put_text(o, "signature", a->signature);
    qw_put_text(o, "proof", a->proof);
}

/* What was confirmed by a login: the events that have the proof's hash. */
static qw_problem_t *put_confirmation(putter_t *p, const qw_action_t *a)
{
    apr_array_header_t *all;

    if (a->proof == NULL)
        return NULL;
    QW_TRY(qw_seal_of_subject(&all, p->db, p->authority, a->id, p->pool));
    for (int i = 0; i < all->nelts; i++)
        if (APR_ARRAY_IDX(all, i, qw_seal_entry_t *)->seq > 0)
            APR_ARRAY_PUSH(p->entries, qw_seal_entry_t *) =
                APR_ARRAY_IDX(all, i, qw_seal_entry_t *);
    return NULL;
}

static int fits(const putter_t *p, const qw_signed_want_t *want,
                const qw_action_t *a)
{
    json_t *action = qw_own_json_t(p->pool, json_loads(a->action, 0, NULL));
    const char *authority =
        json_string_value(json_object_get(action, "authority"));

    return a->at < want->until && authority != NULL
           && strcmp(authority, p->authority) == 0
           && qw_signed_differs(want, action, p->dossier, p->pool) == NULL;
}

/* The newest that fits; there may be none, which who verifies will say. */
static qw_problem_t *put_want(putter_t *p, const qw_signed_want_t *want)
{
    apr_array_header_t *all;

    QW_TRY(qw_action_list_person(&all, p->db, qw_actor_person(want->actor),
                                 ACTIONS_MOST, p->pool));
    for (int i = 0; i < all->nelts; i++) {
        const qw_action_t *a = APR_ARRAY_IDX(all, i, qw_action_t *);

        if (!fits(p, want, a))
            continue;
        qw_put_text(want->object, want->member, a->id);
        if (is_in(p->actions, a->id))
            return NULL;
        put_action(p, a);
        QW_TRY(put_confirmation(p, a));
        return need_passkey(p, a);
    }
    return NULL;
}

qw_problem_t *qw_signed_put(json_t *dossier, apr_array_header_t *entries,
                            qw_db_t *db, apr_pool_t *pool)
{
    putter_t p = {
        .dossier = dossier, .entries = entries, .db = db, .pool = pool
    };
    apr_array_header_t *wants;

    p.actions = json_array();
    p.passkeys = json_array();
    p.authority = json_string_value(
        json_object_get(json_object_get(dossier, "authority"), "name"));
    json_object_set_new(dossier, "signedActions", p.actions);
    json_object_set_new(dossier, "passkeys", p.passkeys);
    qw_signed_wants(&wants, dossier, pool);
    for (int i = 0; i < wants->nelts; i++)
        QW_TRY(put_want(&p, &APR_ARRAY_IDX(wants, i, qw_signed_want_t)));
    return NULL;
}
