/* Invitations: a link by one way, a secret by another, an authenticator at the
 * end of both. */
#include "registry/invite.h"

#include "base/b64.h"
#include "base/text.h"
#include "base/world.h"
#include "registry/note.h"

#include <apr_strings.h>
#include <openssl/crypto.h>

#include <string.h>

enum { TOKEN_BYTES = 32, SECRET_CHARS = 12, TRIES_MOST = 5 };

/* No 0 and O, no 1 and I: it is read aloud. 32 of them. */
static const char letters[] = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ";

static qw_problem_t *hash(const char **hex, const char *text, apr_pool_t *pool)
{
    *hex = qw_hex_sha256(text, strlen(text), pool);
    if (*hex == NULL)
        return QW_FAIL_BECAUSE(pool, SERVER_INTERNAL, qw_openssl_reasons(pool),
                               "no SHA-256");
    return NULL;
}

/* The token is none of the database's: who reads that cannot try secrets. */
static qw_problem_t *hash_secret(const char **hex, const char *token,
                                 const char *secret, apr_pool_t *pool)
{
    return hash(hex, apr_pstrcat(pool, token, " ", secret, NULL), pool);
}

static qw_problem_t *make_secret(const char **shown, const char **plain,
                                 apr_pool_t *pool)
{
    unsigned char random[SECRET_CHARS];
    char *secret = apr_pcalloc(pool, SECRET_CHARS + 1);

    QW_TRY(qw_random(random, sizeof random, pool));
    for (int i = 0; i < SECRET_CHARS; i++)
        secret[i] = letters[random[i] % (sizeof letters - 1)];
    *plain = secret;
    *shown =
        apr_psprintf(pool, "%.4s-%.4s-%.4s", secret, secret + 4, secret + 8);
    return NULL;
}

qw_problem_t *qw_invite_make(qw_invitation_t *invitation,
                             const qw_registry_t *r, const qw_person_t *person,
                             apr_time_t expires)
{
    apr_time_t now = qw_authority_now(r->authority);
    json_t *detail = qw_json_new_object(r->pool);
    unsigned char random[TOKEN_BYTES];
    qw_invite_t invite = { 0 };
    const char *plain;

    QW_TRY(qw_random(random, sizeof random, r->pool));
    invitation->token = qw_b64url_encode(random, sizeof random, r->pool);
    invitation->person_id = person->id;
    QW_TRY(make_secret(&invitation->secret, &plain, r->pool));
    QW_TRY(hash(&invite.id, invitation->token, r->pool));
    QW_TRY(hash_secret(&invite.secret_hash, invitation->token, plain, r->pool));
    invite.person_id = person->id;
    invite.created = now;
    invite.created_by = r->actor;
    invite.expires = expires;
    QW_TRY(qw_invite_void(r->db, person->id, now, r->pool));
    QW_TRY(qw_invite_insert(r->db, &invite, r->pool));
    json_object_set_new(detail, "expires",
                        json_string(qw_text_time(expires, r->pool)));
    return qw_registry_note(r, "invite.create", "person", person->id, detail);
}

/* As people type it: in any case, with what stands between the groups. */
static const char *as_made(const char *typed, apr_pool_t *pool)
{
    char *secret = apr_palloc(pool, strlen(typed) + 1), *to = secret;

    for (; *typed != '\0'; typed++)
        if (strchr("- ", *typed) == NULL)
            *to++ = (char)(*typed >= 'a' && *typed <= 'z' ? *typed - 'a' + 'A'
                                                          : *typed);
    *to = '\0';
    return secret;
}

static qw_problem_t *no(apr_pool_t *pool)
{
    return QW_FAIL(pool, UNAUTHORIZED,
                   "this invitation and secret do not fit, or are no longer "
                   "valid");
}

qw_problem_t *qw_registry_invited(qw_person_t **person, qw_invite_t **invite,
                                  int *wrong, const qw_registry_t *r,
                                  const char *token, const char *secret)
{
    const char *id, *secret_hash;
    qw_invite_t *found;

    *wrong = 0;
    QW_TRY(hash(&id, token, r->pool));
    QW_TRY(hash_secret(&secret_hash, token, as_made(secret, r->pool), r->pool));
    QW_TRY(qw_invite_get(&found, r->db, id, r->pool));
    if (found == NULL || found->used_at != 0
        || found->expires <= qw_authority_now(r->authority)
        || found->tries >= TRIES_MOST)
        return no(r->pool);
    *invite = found;
    *wrong = CRYPTO_memcmp(found->secret_hash, secret_hash, strlen(secret_hash))
             != 0;
    if (*wrong)
        return no(r->pool);
    QW_TRY(qw_person_get(person, r->db, found->person_id, r->pool));
    if ((*person)->status == QW_person_REMOVED
        || (*(*person)->authority != '\0'
            && strcmp((*person)->authority, r->authority->name) != 0))
        return no(r->pool);
    return NULL;
}

qw_problem_t *qw_registry_count_try(const qw_registry_t *r,
                                    const qw_invite_t *invite)
{
    QW_TRY(qw_invite_try(r->db, invite->id, r->pool));
    return qw_registry_note(r, "invite.refuse", "person", invite->person_id,
                            NULL);
}

qw_problem_t *qw_registry_accept(const qw_registry_t *r,
                                 const qw_person_t *person,
                                 const qw_invite_t *invite,
                                 qw_authenticator_t *a)
{
    json_t *detail = qw_json_new_object(r->pool);
    qw_problem_t *prob;

    a->created = qw_authority_now(r->authority);
    a->person_id = person->id;
    QW_TRY(qw_id_make(&a->id, r->pool));
    QW_TRY(qw_invite_use(r->db, invite->id, a->created, r->pool));
    prob = qw_authenticator_insert(r->db, a, r->pool);
    if (prob != NULL && prob->code == QW_E_CONFLICT)
        return QW_FAIL(r->pool, CONFLICT, "this %s is known already",
                       a->subject != NULL ? "login" : "passkey");
    QW_TRY(prob);
    QW_TRY(qw_person_accept(r->db, person->id, r->pool));
    json_object_set_new(detail, "authenticator", json_string(a->id));
    json_object_set_new(detail, "key",
                        json_string(qw_hex_sha256(a->public_key,
                                                  strlen(a->public_key),
                                                  r->pool)));
    json_object_set_new(detail, "aaguid", json_string(a->aaguid));
    json_object_set_new(detail, "attestation", json_string(a->attestation));
    if (a->subject != NULL)
        json_object_set_new(detail, "subject", json_string(a->subject));
    return qw_registry_note(r, "person.accept", "person", person->id, detail);
}

qw_problem_t *qw_registry_remove_authenticator(const qw_registry_t *r,
                                               const char *person_id,
                                               const char *id)
{
    json_t *detail = qw_json_new_object(r->pool);
    apr_array_header_t *all;
    int i;

    QW_TRY(qw_authenticator_list(&all, r->db, person_id, r->pool));
    for (i = 0; i < all->nelts; i++)
        if (strcmp(APR_ARRAY_IDX(all, i, qw_authenticator_t *)->id, id) == 0)
            break;
    if (i == all->nelts)
        return QW_FAIL(r->pool, NOT_FOUND, "there is no such passkey");
    QW_TRY(qw_authenticator_remove(r->db, id, r->actor,
                                   qw_authority_now(r->authority), r->pool));
    json_object_set_new(detail, "authenticator", json_string(id));
    return qw_registry_note(r, "authenticator.remove", "person", person_id,
                            detail);
}
