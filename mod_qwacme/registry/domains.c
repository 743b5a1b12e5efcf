/* The domain list: what may be ordered, and nothing else. */
#include "registry/note.h"

#include "base/text.h"
#include "base/world.h"
#include "dns/name.h"

#include <apr_strings.h>

#include <string.h>

static int is_test(const qw_registry_t *r)
{
    return r->authority->kind == QW_KIND_TEST;
}

static qw_problem_t *read_name(qw_name_t *name, const char *text,
                               const qw_registry_t *r)
{
    QW_TRY(qw_name_from_user(name, text, is_test(r), r->pool));
    if (name->wildcard)
        return QW_FAIL(r->pool, INVALID_INPUT,
                       "domain: '%s': list the name without '*.' and allow "
                       "wildcards for it",
                       qw_text_safe(text, 253, r->pool));
    return NULL;
}

static json_t *entry_json(const qw_domain_t *domain, int shared,
                          const qw_registry_t *r)
{
    json_t *detail = qw_json_new_object(r->pool);

    json_object_set_new(detail, "name", json_string(domain->name));
    json_object_set_new(detail, "subtree", json_boolean(domain->subtree));
    json_object_set_new(detail, "wildcard", json_boolean(domain->wildcard));
    json_object_set_new(detail, "confirmedBy",
                        json_string(domain->confirmed_by));
    if (shared)
        json_object_set_new(detail, "shared", json_true());
    if (domain->reviewed_by != NULL)
        json_object_set_new(detail, "reviewedBy",
                            json_string(domain->reviewed_by));
    return detail;
}

/* BR-4.2.1: a name of high risk is looked into once more, by another person. */
static qw_problem_t *check_review(const char *name, const qw_domain_t *entry,
                                  const qw_registry_t *r)
{
    if (entry->reviewed_by == NULL
        && qw_authority_is_high_risk(r->authority, name))
        return QW_FAIL(r->pool, INVALID_INPUT,
                       "domain: '%s' is a name of high risk "
                       "(QwacmeHighRiskNames); have an officer look into it "
                       "and name them with --reviewed-by",
                       name);
    if (entry->reviewed_by != NULL
        && (*entry->reviewed_by == '\0'
            || strcmp(entry->reviewed_by, entry->confirmed_by) == 0))
        return QW_FAIL(r->pool, INVALID_INPUT,
                       "reviewed-by: another person than the one who confirmed "
                       "the name");
    return NULL;
}

/* Two parties that both say that a name is theirs is a question for people. */
static qw_problem_t *check_elsewhere(const qw_name_t *name, int shared,
                                     const qw_external_t *external,
                                     const qw_registry_t *r)
{
    const char *other;

    if (shared)
        return NULL;
    QW_TRY(qw_domain_elsewhere(&other, r->db, r->authority->name, name->name,
                               external->id, r->pool));
    if (other != NULL)
        return QW_FAIL(r->pool, CONFLICT,
                       "domain: '%s' is on the list of the account '%s' too; "
                       "find out whose it is, and give --shared if both may "
                       "have it",
                       name->name, other);
    return NULL;
}

qw_problem_t *qw_registry_check_domain(const char **canonical,
                                       const qw_registry_t *r,
                                       const qw_external_t *external,
                                       const qw_domain_t *entry, int shared)
{
    qw_name_t name;

    if (external->status == QW_external_CLOSED)
        return QW_FAIL(r->pool, CONFLICT, "the external account is closed");
    QW_TRY(read_name(&name, entry->name, r));
    if (entry->confirmed_by == NULL || *entry->confirmed_by == '\0')
        return QW_FAIL(r->pool, INVALID_INPUT,
                       "confirmed-by: name who confirmed '%s'", name.name);
    QW_TRY(check_elsewhere(&name, shared, external, r));
    *canonical = name.name;
    return NULL;
}

qw_problem_t *qw_registry_add_domain(qw_domain_t **domain,
                                     const qw_registry_t *r,
                                     const qw_external_t *external,
                                     const qw_domain_t *entry, int shared)
{
    qw_domain_t *row = apr_pmemdup(r->pool, entry, sizeof(*row));

    QW_TRY(qw_registry_check_domain(&row->name, r, external, entry, shared));
    QW_TRY(check_review(row->name, entry, r));
    QW_TRY(qw_id_make(&row->id, r->pool));
    row->external_id = external->id;
    if (row->confirmed_at == 0)
        row->confirmed_at = qw_authority_now(r->authority);
    row->removed_by = NULL;
    row->removed_at = 0;
    QW_TRY(qw_domain_insert(r->db, row, r->pool));
    QW_TRY(qw_registry_note(r, "domain.add", "external", external->id,
                            entry_json(row, shared, r)));
    *domain = row;
    return NULL;
}

qw_problem_t *qw_registry_remove_domain(const qw_registry_t *r,
                                        const qw_external_t *external,
                                        const char *text)
{
    json_t *detail = qw_json_new_object(r->pool);
    qw_name_t name;

    QW_TRY(read_name(&name, text, r));
    QW_TRY(qw_external_claim(r->db, external->id, r->pool));
    QW_TRY(qw_domain_remove(r->db, external->id, name.name, r->actor,
                            qw_authority_now(r->authority), r->pool));
    json_object_set_new(detail, "name", json_string(name.name));
    return qw_registry_note(r, "domain.remove", "external", external->id,
                            detail);
}

/* An entry speaks for itself, and for what is below it if it is a subtree. */
static int covers(const qw_domain_t *domain, const char *name, int wildcard,
                  int high_risk)
{
    if (domain == NULL || !qw_name_covers(domain->name, domain->subtree, name))
        return 0;
    return (!wildcard || domain->wildcard)
           && (!high_risk || domain->reviewed_by != NULL);
}

/* Walks up the labels, so the cost is that of the name, not of the list. */
qw_problem_t *qw_registry_lists(int *listed, qw_db_t *db,
                                const qw_authority_t *authority,
                                const char *external_id, const char *name,
                                apr_pool_t *pool)
{
    int wildcard = strncmp(name, "*.", 2) == 0;
    int high_risk =
        authority != NULL && qw_authority_is_high_risk(authority, name);
    const char *base = wildcard ? name + 2 : name, *bare = base;

    *listed = 0;
    while (base != NULL && *base != '\0' && !*listed) {
        qw_domain_t *domain = NULL;

        QW_TRY(qw_domain_find(&domain, db, external_id, base, pool));
        *listed = covers(domain, bare, wildcard, high_risk);
        base = strchr(base, '.');
        if (base != NULL)
            base++;
    }
    return NULL;
}
