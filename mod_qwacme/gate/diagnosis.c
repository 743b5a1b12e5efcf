#include "gate/diagnosis.h"

#include "base/world.h"
#include "dns/name.h"
#include "gate/limits.h"
#include "registry/note.h"
#include "store/db_diagnosis.h"
#include "store/db_job.h"

#include <apr_strings.h>

#define KEPT (apr_time_from_sec(3600))

static qw_problem_t *read_name(const char **name, const qw_registry_t *r,
                               const char *text)
{
    qw_name_t read;

    QW_TRY(qw_name_from_user(&read, text, r->authority->kind == QW_KIND_TEST,
                             r->pool));
    if (read.wildcard)
        return QW_FAIL(r->pool, INVALID_INPUT,
                       "'*.%s': give the name without '*.'", read.name);
    *name = read.name;
    return NULL;
}

static qw_problem_t *check_account(const qw_registry_t *r,
                                   const qw_external_t *external)
{
    if (external->status == QW_external_ACTIVE
        && external->expires > qw_authority_now(r->authority))
        return NULL;
    return QW_FAIL(r->pool, CONFLICT,
                   "the external account is not active: nothing is looked at "
                   "for it");
}

/* LST-01: a name that is not listed causes no traffic. */
static qw_problem_t *check_listed(const qw_registry_t *r,
                                  const qw_external_t *external,
                                  const char *name)
{
    int listed;

    QW_TRY(qw_registry_lists(&listed, r->db, r->authority, external->id, name,
                             r->pool));
    if (listed)
        return NULL;
    return QW_FAIL(r->pool, UNAUTHORIZED,
                   "%s is not on the account's domain list: confirm it first",
                   name);
}

static qw_problem_t *spend(const qw_registry_t *r,
                           const qw_external_t *external)
{
    apr_array_header_t *charges =
        apr_array_make(r->pool, 1, sizeof(qw_charge_t));
    qw_limits_t limits;

    QW_TRY(qw_limits_open(&limits, r->db, r->authority, external->id,
                          qw_authority_now(r->authority), r->pool));
    qw_charge(charges, QW_LIMIT_DIAGNOSES_PER_ACCOUNT, external->id);
    return qw_limits_spend(&limits, charges);
}

static qw_problem_t *insert(const qw_registry_t *r, const qw_diagnosis_t *d)
{
    qw_problem_t *prob = qw_diagnosis_insert(r->db, d, r->pool);
    qw_job_t job = { 0 };

    if (prob != NULL && prob->code == QW_E_CONFLICT)
        return QW_FAIL(r->pool, CONFLICT,
                       "another diagnosis of this account is under way; wait "
                       "for it to end");
    QW_TRY(prob);
    QW_TRY(qw_id_make(&job.id, r->pool));
    job.authority = d->authority;
    job.kind = QW_JOB_DIAGNOSE;
    job.subject_id = d->id;
    job.account_id = d->external_id;
    job.due = qw_world()->now();
    return qw_job_insert(r->db, &job, r->pool);
}

qw_problem_t *qw_diagnosis_ask(const char **id, const qw_registry_t *r,
                               const qw_external_t *external, const char *text)
{
    json_t *detail = qw_json_new_object(r->pool);
    qw_diagnosis_t d = { 0 };

    QW_TRY(read_name(&d.name, r, text));
    QW_TRY(check_account(r, external));
    QW_TRY(check_listed(r, external, d.name));
    QW_TRY(qw_id_make(&d.id, r->pool));
    d.authority = r->authority->name;
    d.external_id = external->id;
    d.asked_by = r->actor;
    d.created = qw_authority_now(r->authority);
    d.expires = d.created + KEPT;
    QW_TRY(insert(r, &d));
    QW_TRY(spend(r, external));
    *id = d.id;
    json_object_set_new(detail, "name", json_string(d.name));
    json_object_set_new(detail, "diagnosis", json_string(d.id));
    return qw_registry_note(r, "diagnosis.begin", "external", external->id,
                            detail);
}
