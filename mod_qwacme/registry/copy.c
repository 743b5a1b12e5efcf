/* An account of one authority as a new one of a test authority. */
#include "registry/note.h"

#include "base/text.h"

#include <string.h>

static qw_problem_t *may_copy(const qw_registry_t *from,
                              const qw_registry_t *to,
                              const qw_external_t *external)
{
    if (to->authority->kind != QW_KIND_TEST)
        return QW_FAIL(from->pool, INVALID_INPUT,
                       "to: '%s' is a production authority; an account there "
                       "is registered and verified by itself",
                       to->authority->name);
    if (strcmp(to->authority->name, from->authority->name) == 0)
        return QW_FAIL(from->pool, INVALID_INPUT,
                       "to: '%s' is where the account is; name another "
                       "authority",
                       to->authority->name);
    if (external->status != QW_external_ACTIVE)
        return QW_FAIL(from->pool, CONFLICT,
                       "the external account is %s; only an active one can be "
                       "copied",
                       qw_state_word(external->status));
    return NULL;
}

/* Those of PROFILES (words) that AUTHORITY offers too. */
static const char *offered(const char *profiles,
                           const qw_authority_t *authority, apr_pool_t *pool)
{
    apr_array_header_t *words = qw_text_words(profiles, pool);
    apr_array_header_t *both =
        apr_array_make(pool, words->nelts + 1, sizeof(const char *));
    int i;

    for (i = 0; i < words->nelts; i++) {
        const char *word = APR_ARRAY_IDX(words, i, const char *);

        if (qw_text_in(authority->profiles, word))
            APR_ARRAY_PUSH(both, const char *) = word;
    }
    return qw_text_join(both, " ", pool);
}

static qw_problem_t *read_identity(qw_identity_t **identity,
                                   const qw_external_t *external,
                                   apr_pool_t *pool)
{
    json_t *object;

    QW_TRY(qw_json_parse_object(&object, external->identity,
                                strlen(external->identity), "identity", pool));
    return qw_identity_parse(identity, object, pool);
}

static qw_problem_t *create(const char **id, const qw_registry_t *to,
                            const qw_external_t *external)
{
    qw_registration_t reg = { 0 };
    qw_identity_t *identity;

    QW_TRY(read_identity(&identity, external, to->pool));
    reg.name = external->name;
    reg.identity = identity;
    reg.profiles = offered(external->profiles, to->authority, to->pool);
    reg.verified_at = external->verified_at;
    reg.verified_by = external->verified_by;
    reg.verified_method = external->verified_method;
    reg.expires = external->expires;
    return qw_registry_create(id, to, &reg);
}

/* Whose a name is that two accounts have was asked where they come from. */
static qw_problem_t *copy_domains(const qw_registry_t *to, const char *id,
                                  const qw_external_t *external)
{
    qw_external_t *copy;
    apr_array_header_t *list;
    qw_domain_t *added;
    int i;

    QW_TRY(qw_registry_find(&copy, to, id));
    QW_TRY(qw_domain_list(&list, to->db, external->id, 0, to->pool));
    for (i = 0; i < list->nelts; i++)
        QW_TRY(qw_registry_add_domain(&added, to, copy,
                                      APR_ARRAY_IDX(list, i, qw_domain_t *),
                                      1));
    return NULL;
}

/* The copy's id is not told: nothing here leads to it. */
qw_problem_t *qw_registry_copy_to_test(const char **id,
                                       const qw_registry_t *from,
                                       const qw_registry_t *to,
                                       const qw_external_t *external)
{
    json_t *detail = qw_json_new_object(from->pool);

    QW_TRY(may_copy(from, to, external));
    QW_TRY(create(id, to, external));
    QW_TRY(copy_domains(to, *id, external));
    json_object_set_new(detail, "to", json_string(to->authority->name));
    return qw_registry_note(from, "external.copy", "external", external->id,
                            detail);
}
