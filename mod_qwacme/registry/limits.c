/* Exceptions from limits, made by people, for a while and for a reason. */
#include "registry/note.h"

#include "base/text.h"

#include <apr_strings.h>

#include <string.h>

static const char account_prefix[] = "account:";

static qw_problem_t *check_limit(const qw_registry_t *r, const char *name)
{
    qw_limit_e limit;

    if (!qw_limit_find(&limit, name))
        return QW_FAIL(r->pool, INVALID_INPUT, "'%s' is no limit",
                       qw_text_safe(name, 64, r->pool));
    return NULL;
}

/* *SUBJECT as the counters have it: of "account:NAME" the id. */
static qw_problem_t *resolve(const char **subject, const qw_registry_t *r,
                             const char *text)
{
    qw_external_t *external;

    *subject = text;
    if (strncmp(text, account_prefix, sizeof account_prefix - 1) != 0)
        return NULL;
    QW_TRY(qw_registry_find(&external, r, text + sizeof account_prefix - 1));
    *subject = apr_pstrcat(r->pool, "external:", external->id, NULL);
    return NULL;
}

static qw_problem_t *check(const qw_registry_t *r, const qw_override_t *o)
{
    qw_limit_t limit;

    QW_TRY(check_limit(r, o->name));
    if (!qw_limit_parse(&limit, o->rate, o->burst))
        return QW_FAIL(r->pool, INVALID_INPUT,
                       "'%s' is no rate; write a count and a time, such as "
                       "300/3h, perhaps a burst, or off",
                       qw_text_safe(o->rate, 64, r->pool));
    if (o->comment == NULL || *o->comment == '\0')
        return QW_FAIL(r->pool, INVALID_INPUT,
                       "comment: say why, for the record");
    if (o->expires <= qw_authority_now(r->authority))
        return QW_FAIL(r->pool, INVALID_INPUT,
                       "expires: an exception ends some day in the future");
    return NULL;
}

static json_t *subject_json(const char *name, const char *subject,
                            const qw_registry_t *r)
{
    json_t *detail = qw_json_new_object(r->pool);

    json_object_set_new(detail, "limit", json_string(name));
    json_object_set_new(detail, "subject", json_string(subject));
    return detail;
}

qw_problem_t *qw_registry_set_limit(const qw_registry_t *r,
                                    const qw_override_t *asked)
{
    qw_override_t o = *asked;
    json_t *detail;

    QW_TRY(check(r, &o));
    QW_TRY(resolve(&o.subject, r, asked->subject));
    if (o.burst == NULL)
        o.burst = "";
    o.created_by = r->actor;
    o.created = qw_authority_now(r->authority);
    QW_TRY(qw_override_set(r->db, r->authority->name, &o, r->pool));
    detail = subject_json(o.name, o.subject, r);
    json_object_set_new(detail, "rate", json_string(o.rate));
    json_object_set_new(detail, "burst", json_string(o.burst));
    json_object_set_new(detail, "comment", json_string(o.comment));
    json_object_set_new(detail, "expires",
                        json_string(qw_text_time(o.expires, r->pool)));
    return qw_registry_note(r, "limit.set", "limit", o.name, detail);
}

qw_problem_t *qw_registry_remove_limit(const qw_registry_t *r, const char *name,
                                       const char *text)
{
    const char *subject;
    qw_problem_t *prob;

    QW_TRY(check_limit(r, name));
    QW_TRY(resolve(&subject, r, text));
    prob =
        qw_override_remove(r->db, r->authority->name, name, subject, r->pool);
    if (prob != NULL && prob->code == QW_E_CONFLICT)
        return QW_FAIL(r->pool, NOT_FOUND, "%s has no exception for '%s'", name,
                       qw_text_safe(text, 128, r->pool));
    QW_TRY(prob);
    return qw_registry_note(r, "limit.remove", "limit", name,
                            subject_json(name, subject, r));
}

qw_problem_t *qw_registry_unpause(const qw_registry_t *r,
                                  const char *account_id, const char *name)
{
    json_t *detail = qw_json_new_object(r->pool);
    qw_account_t *account;
    int forgotten;

    QW_TRY(qw_account_get(&account, r->db, r->authority->name, account_id,
                          r->pool));
    QW_TRY(qw_failure_forget(&forgotten, r->db, account->id, name, r->pool));
    if (!forgotten)
        return QW_FAIL(r->pool, NOT_FOUND,
                       "'%s' is not paused for that account; nothing failed",
                       qw_text_safe(name, 128, r->pool));
    json_object_set_new(detail, "name", json_string(name));
    return qw_registry_note(r, "limit.unpause", "account", account->id, detail);
}
