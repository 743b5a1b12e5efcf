/* External accounts: registration, verification, life and terms. */
#include "registry/note.h"
#include "registry/registration.h"

#include "base/text.h"
#include "base/world.h"
#include "model/case.h"
#include "model/dates.h"
#include "store/db_case.h"

#include <apr_strings.h>

/* eIDAS art. 24(1a): how the identity was verified. */
static const char *const methods[] = { "a", "b", "c", "d" };

static qw_problem_t *check_method(const char *method, apr_pool_t *pool)
{
    unsigned i;

    for (i = 0; i < sizeof(methods) / sizeof(methods[0]); i++)
        if (method != NULL && strcmp(method, methods[i]) == 0)
            return NULL;
    return QW_FAIL(pool, INVALID_INPUT,
                   "verified-method: '%s' is not a, b, c or d of eIDAS "
                   "art. 24(1a)",
                   qw_text_safe(method, 32, pool));
}

static qw_problem_t *check_verification(const qw_registry_t *r,
                                        const qw_registration_t *reg)
{
    apr_time_t now = qw_authority_now(r->authority);

    if (reg->verified_by == NULL || *reg->verified_by == '\0')
        return QW_FAIL(r->pool, INVALID_INPUT,
                       "verified-by: name the officer who verified the "
                       "identity");
    if (reg->verified_at > now)
        return QW_FAIL(r->pool, INVALID_INPUT,
                       "verified-at: '%s' is in the future",
                       qw_text_time(reg->verified_at, r->pool));
    if (reg->verified_at < now - qw_rule_span(QW_RULE_IDENTITY_REUSE, now))
        return QW_FAIL(r->pool, INVALID_INPUT,
                       "verified-at: '%s' is more than %d days ago; verify "
                       "the identity again",
                       qw_text_time(reg->verified_at, r->pool),
                       qw_rule(QW_RULE_IDENTITY_REUSE, now));
    return check_method(reg->verified_method, r->pool);
}

/* The identity must fit every profile that it may be used for. */
static qw_problem_t *check_profiles(const qw_registry_t *r,
                                    const qw_registration_t *reg)
{
    apr_array_header_t *words =
        qw_text_words(reg->profiles != NULL ? reg->profiles : "", r->pool);
    int i;

    if (words->nelts == 0)
        return QW_FAIL(r->pool, INVALID_INPUT,
                       "profiles: name at least one of %s",
                       qw_text_join(r->authority->profiles, ", ", r->pool));
    for (i = 0; i < words->nelts; i++) {
        const char *word = APR_ARRAY_IDX(words, i, const char *);
        const qw_profile_t *profile = qw_profile_find(word);

        if (profile == NULL || !qw_text_in(r->authority->profiles, word))
            return QW_FAIL(r->pool, INVALID_INPUT,
                           "profiles: '%s' is not offered by authority %s; "
                           "it offers %s",
                           qw_text_safe(word, 64, r->pool), r->authority->name,
                           qw_text_join(r->authority->profiles, ", ", r->pool));
        QW_TRY(qw_profile_check_identity(profile, reg->identity, r->pool));
    }
    return NULL;
}

static qw_problem_t *check_name(const char *name, apr_pool_t *pool)
{
    if (name == NULL || *name == '\0')
        return QW_FAIL(pool, INVALID_INPUT, "name: give the account a name");
    if (!qw_text_is_utf8(name, strlen(name)) || qw_text_chars(name) > 64
        || strcmp(qw_text_safe(name, 512, pool), name) != 0)
        return QW_FAIL(pool, INVALID_INPUT,
                       "name: '%s' is not 1 to 64 printable characters",
                       qw_text_safe(name, 64, pool));
    if (qw_id_is(name))
        return QW_FAIL(pool, INVALID_INPUT,
                       "name: '%s' has the form of an account id; choose "
                       "another",
                       name);
    return NULL;
}

static json_t *verification_json(const qw_external_t *external,
                                 const qw_registry_t *r)
{
    json_t *detail = qw_json_new_object(r->pool);

    json_object_set_new(detail, "identity",
                        json_loads(external->identity, 0, NULL));
    json_object_set_new(detail, "identityVersion",
                        json_integer(external->identity_version));
    json_object_set_new(detail, "verifiedBy",
                        json_string(external->verified_by));
    json_object_set_new(detail, "verifiedMethod",
                        json_string(external->verified_method));
    json_object_set_new(detail, "verifiedAt",
                        json_string(
                            qw_text_time(external->verified_at, r->pool)));
    return detail;
}

static void record_verification(qw_external_t *external,
                                const qw_registration_t *reg, apr_pool_t *pool)
{
    external->identity =
        qw_json_dump(qw_identity_json(reg->identity, pool), pool);
    external->verified_at = reg->verified_at;
    external->verified_by = reg->verified_by;
    external->verified_method = reg->verified_method;
    external->profiles = reg->profiles;
}

qw_problem_t *qw_registry_check_registration(const qw_registry_t *r,
                                             const qw_registration_t *reg)
{
    QW_TRY(check_name(reg->name, r->pool));
    QW_TRY(check_verification(r, reg));
    QW_TRY(check_profiles(r, reg));
    if (reg->expires <= qw_authority_now(r->authority))
        return QW_FAIL(r->pool, INVALID_INPUT,
                       "expires: '%s' is not in the future",
                       qw_text_time(reg->expires, r->pool));
    return NULL;
}

qw_problem_t *qw_registry_create(const char **id, const qw_registry_t *r,
                                 const qw_registration_t *reg)
{
    qw_external_t external = { 0 };

    QW_TRY(qw_registry_check_registration(r, reg));
    external.created = qw_authority_now(r->authority);
    QW_TRY(qw_id_make(&external.id, r->pool));
    external.authority = r->authority->name;
    external.name = reg->name;
    external.status = QW_external_ACTIVE;
    external.expires = reg->expires;
    external.identity_version = 1;
    record_verification(&external, reg, r->pool);
    QW_TRY(qw_external_insert(r->db, &external, r->pool));
    *id = external.id;
    return qw_registry_note(r, "external.create", "external", external.id,
                            verification_json(&external, r));
}

qw_problem_t *qw_registry_find(qw_external_t **external, const qw_registry_t *r,
                               const char *key)
{
    if (qw_id_is(key))
        return qw_external_get(external, r->db, r->authority->name, key,
                               r->pool);
    return qw_external_by_name(external, r->db, r->authority->name, key,
                               r->pool);
}

/* What is closed stays as it was when it was closed. */
static qw_problem_t *check_not_closed(const qw_registry_t *r,
                                      const qw_external_t *external)
{
    if (external->status == QW_external_CLOSED)
        return QW_FAIL(r->pool, CONFLICT,
                       "the external account is closed; make another one");
    return NULL;
}

qw_problem_t *qw_registry_reverify(const qw_registry_t *r,
                                   const qw_external_t *external,
                                   const qw_registration_t *reg)
{
    qw_external_t changed = *external;

    QW_TRY(check_not_closed(r, external));
    QW_TRY(check_verification(r, reg));
    QW_TRY(check_profiles(r, reg));
    record_verification(&changed, reg, r->pool);
    QW_TRY(qw_external_set_identity(r->db, &changed, r->pool));
    if (reg->expires > external->expires)
        QW_TRY(qw_external_set_expires(r->db, external->id, reg->expires,
                                       r->pool));
    changed.identity_version++;
    return qw_registry_note(r, "external.verify", "external", external->id,
                            verification_json(&changed, r));
}

/* [OPR-11] Whoever took it over may have changed what we know of it. */
static qw_problem_t *check_verified_since(const qw_registry_t *r,
                                          const qw_external_t *external)
{
    apr_time_t opened;

    QW_TRY(qw_case_newest(&opened, r->db, external->id,
                          QW_CASE_EXTERNAL_ACCOUNT, r->pool));
    if (opened == 0 || external->verified_at > opened)
        return NULL;
    return QW_FAIL(r->pool, CONFLICT,
                   "the external account was compromised (case of %s), its "
                   "identity was last verified at %s; verify it anew "
                   "(qwacmectl account verify)",
                   qw_text_time(opened, r->pool),
                   qw_text_time(external->verified_at, r->pool));
}

qw_problem_t *qw_registry_move(const qw_registry_t *r,
                               const qw_external_t *external, qw_state_e to,
                               const char *reason)
{
    json_t *detail = qw_json_new_object(r->pool);

    if (reason == NULL || *reason == '\0')
        return QW_FAIL(r->pool, INVALID_INPUT,
                       "reason: say why, for the record");
    if (!qw_state_may_move(external->status, to))
        return QW_FAIL(r->pool, CONFLICT,
                       "the external account is %s and cannot become %s",
                       qw_state_word(external->status), qw_state_word(to));
    if (to == QW_external_ACTIVE)
        QW_TRY(check_verified_since(r, external));
    QW_TRY(qw_external_claim(r->db, external->id, r->pool));
    QW_TRY(to == QW_external_SUSPENDED
               ? qw_external_suspend(r->db, external->id,
                                     qw_authority_now(r->authority), reason,
                                     r->pool)
               : qw_external_move(r->db, external->id, external->status, to,
                                  reason, r->pool));
    json_object_set_new(detail, "from",
                        json_string(qw_state_word(external->status)));
    json_object_set_new(detail, "to", json_string(qw_state_word(to)));
    json_object_set_new(detail, "reason", json_string(reason));
    return qw_registry_note(r, "external.move", "external", external->id,
                            detail);
}

qw_problem_t *qw_registry_agree(const qw_registry_t *r,
                                const qw_external_t *external,
                                const char *version)
{
    const char *current = r->authority->terms_version;
    json_t *detail = qw_json_new_object(r->pool);

    QW_TRY(check_not_closed(r, external));
    if (current == NULL || strcmp(version, current) != 0)
        return QW_FAIL(r->pool, INVALID_INPUT,
                       "terms: '%s' is not the version in force (%s)",
                       qw_text_safe(version, 64, r->pool),
                       current != NULL ? current : "none");
    QW_TRY(qw_external_set_terms(r->db, external->id, version,
                                 qw_authority_now(r->authority), r->pool));
    json_object_set_new(detail, "version", json_string(version));
    return qw_registry_note(r, "external.agree", "external", external->id,
                            detail);
}
