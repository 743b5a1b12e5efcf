/* Binding keys: made here, shown once, kept sealed. */
#include "registry/note.h"

#include "base/b64.h"
#include "base/text.h"
#include "base/world.h"

#include <apr_strings.h>

#include <string.h>

enum { MAC_KEY_BYTES = 32, THUMBPRINT_CHARS = 43 };

const char *qw_binding_aad(const qw_binding_t *binding, apr_pool_t *pool)
{
    return apr_pstrcat(pool, "binding ", binding->authority, " ",
                       binding->external_id, " ", binding->id, NULL);
}

qw_problem_t *qw_binding_open(qw_bytes_t *mac_key, const qw_binding_t *binding,
                              const qw_seal_ring_t *ring, apr_pool_t *pool)
{
    return qw_unseal(mac_key, ring, binding->sealed,
                     qw_binding_aad(binding, pool), pool);
}

static qw_problem_t *check_algs(const char *algs, apr_pool_t *pool)
{
    apr_array_header_t *words = qw_text_words(algs, pool);
    int i;

    for (i = 0; i < words->nelts; i++) {
        const char *word = APR_ARRAY_IDX(words, i, const char *);

        if (strcmp(word, "HS256") != 0 && strcmp(word, "HS384") != 0
            && strcmp(word, "HS512") != 0)
            return QW_FAIL(pool, INVALID_INPUT,
                           "algorithms: '%s' is not HS256, HS384 or HS512",
                           qw_text_safe(word, 32, pool));
    }
    if (words->nelts == 0)
        return QW_FAIL(pool, INVALID_INPUT,
                       "algorithms: name at least one of HS256, HS384, HS512");
    return NULL;
}

static qw_problem_t *check_spec(const qw_registry_t *r,
                                const qw_external_t *external,
                                const qw_binding_spec_t *spec)
{
    qw_bytes_t thumbprint;

    if (external->status != QW_external_ACTIVE)
        return QW_FAIL(r->pool, CONFLICT, "the external account is %s",
                       qw_state_word(external->status));
    if (spec->max_uses < 1 || spec->max_uses > 10000)
        return QW_FAIL(r->pool, INVALID_INPUT,
                       "uses: '%d' is not a number from 1 to 10000",
                       spec->max_uses);
    if (spec->expires <= qw_authority_now(r->authority))
        return QW_FAIL(r->pool, INVALID_INPUT,
                       "expires: '%s' is not in the future",
                       qw_text_time(spec->expires, r->pool));
    if (spec->thumbprint != NULL
        && (strlen(spec->thumbprint) != THUMBPRINT_CHARS
            || !qw_b64url_decode(&thumbprint, spec->thumbprint, r->pool)))
        return QW_FAIL(r->pool, INVALID_INPUT,
                       "thumbprint: '%s' is not 43 characters of base64url "
                       "(RFC 7638, SHA-256)",
                       qw_text_safe(spec->thumbprint, 64, r->pool));
    return check_algs(spec->algs, r->pool);
}

/* Both are arguments of clients, which take a first '-' for an option: such ones
 * are drawn anew. */
static int starts_an_option(const char *text)
{
    return text[0] == '-';
}

static qw_problem_t *make_key_id(const char **id, apr_pool_t *pool)
{
    do
        QW_TRY(qw_id_make(id, pool));
    while (starts_an_option(*id));
    return NULL;
}

static qw_problem_t *make_mac_key(const char **mac_key, qw_binding_t *binding,
                                  const qw_seal_ring_t *ring, apr_pool_t *pool)
{
    unsigned char *bytes = qw_own_secret(pool, MAC_KEY_BYTES);
    qw_bytes_t secret = { bytes, MAC_KEY_BYTES };

    do {
        QW_TRY(qw_random(bytes, MAC_KEY_BYTES, pool));
        *mac_key = qw_b64url_encode(bytes, MAC_KEY_BYTES, pool);
    } while (starts_an_option(*mac_key));
    QW_TRY(qw_seal(&binding->sealed, ring, &secret,
                   qw_binding_aad(binding, pool), pool));
    return NULL;
}

static json_t *binding_json(const qw_binding_t *binding, const qw_registry_t *r)
{
    json_t *detail = qw_json_new_object(r->pool);

    json_object_set_new(detail, "external", json_string(binding->external_id));
    json_object_set_new(detail, "uses", json_integer(binding->max_uses));
    json_object_set_new(detail, "expires",
                        json_string(qw_text_time(binding->expires, r->pool)));
    json_object_set_new(detail, "algorithms", json_string(binding->algs));
    return detail;
}

qw_problem_t *qw_registry_create_binding(const char **kid, const char **mac_key,
                                         const qw_registry_t *r,
                                         const qw_external_t *external,
                                         const qw_binding_spec_t *spec,
                                         const qw_seal_ring_t *ring)
{
    qw_binding_t binding = { 0 };

    QW_TRY(check_spec(r, external, spec));
    QW_TRY(make_key_id(&binding.id, r->pool));
    binding.authority = r->authority->name;
    binding.external_id = external->id;
    binding.algs = spec->algs;
    binding.status = QW_binding_ACTIVE;
    binding.max_uses = spec->max_uses;
    binding.expires = spec->expires;
    binding.thumbprint = spec->thumbprint;
    binding.created = qw_authority_now(r->authority);
    binding.created_by = r->actor;
    QW_TRY(make_mac_key(mac_key, &binding, ring, r->pool));
    QW_TRY(qw_binding_insert(r->db, &binding, r->pool));
    *kid = binding.id;
    return qw_registry_note(r, "binding.create", "binding", binding.id,
                            binding_json(&binding, r));
}

/* Suspend every ACME account that came by KID. */
static qw_problem_t *suspend_bound(const qw_registry_t *r,
                                   const qw_binding_t *binding)
{
    apr_array_header_t *accounts;
    int i;

    QW_TRY(qw_account_list(&accounts, r->db, r->authority->name,
                           binding->external_id, r->pool));
    for (i = 0; i < accounts->nelts; i++) {
        const qw_account_t *a = APR_ARRAY_IDX(accounts, i, qw_account_t *);

        if (strcmp(a->binding_id, binding->id) == 0 && !a->suspended)
            QW_TRY(qw_registry_suspend(r, QW_SUBJECT_ACCOUNT, a->id,
                                       "binding key revoked"));
    }
    return NULL;
}

qw_problem_t *qw_registry_revoke_binding(const qw_registry_t *r,
                                         const char *kid, int cascade)
{
    qw_binding_t *binding;
    json_t *detail = qw_json_new_object(r->pool);

    QW_TRY(qw_binding_get(&binding, r->db, r->authority->name, kid, r->pool));
    if (binding->status == QW_binding_REVOKED)
        return QW_FAIL(r->pool, CONFLICT, "the binding key is revoked already");
    QW_TRY(qw_binding_revoke(r->db, kid, binding->status, r->pool));
    /* what was stopped stays so */
    cascade = cascade || binding->status == QW_binding_SUSPENDED;
    json_object_set_new(detail, "cascade", json_boolean(cascade));
    QW_TRY(qw_registry_note(r, "binding.revoke", "binding", kid, detail));
    return cascade ? suspend_bound(r, binding) : NULL;
}

qw_problem_t *qw_registry_rename_binding(const qw_registry_t *r,
                                         const char *kid, const char *label)
{
    json_t *detail = qw_json_new_object(r->pool);
    qw_binding_t *binding;

    QW_TRY(qw_binding_get(&binding, r->db, r->authority->name, kid, r->pool));
    if (!qw_text_is_utf8(label, strlen(label)) || qw_text_chars(label) > 64
        || strcmp(qw_text_safe(label, 512, r->pool), label) != 0)
        return QW_FAIL(r->pool, INVALID_INPUT,
                       "label: '%s' is more than 64 printable characters",
                       qw_text_safe(label, 64, r->pool));
    QW_TRY(qw_binding_set_label(r->db, kid, label, r->pool));
    json_object_set_new(detail, "from", json_string(binding->label));
    json_object_set_new(detail, "to", json_string(label));
    return qw_registry_note(r, "binding.rename", "binding", kid, detail);
}

qw_problem_t *qw_registry_expire_binding(const qw_registry_t *r,
                                         const char *kid)
{
    apr_time_t now = qw_authority_now(r->authority);
    qw_binding_t *binding;

    QW_TRY(qw_binding_get(&binding, r->db, r->authority->name, kid, r->pool));
    if (binding->status == QW_binding_REVOKED || binding->expires <= now)
        return QW_FAIL(r->pool, CONFLICT,
                       "the binding key is revoked or expired already");
    QW_TRY(qw_binding_set_expires(r->db, kid, now, r->pool));
    return qw_registry_note(r, "binding.expire", "binding", kid, NULL);
}
