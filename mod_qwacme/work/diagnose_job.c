#include "work/diagnose_job.h"

#include "audit/audit.h"
#include "base/log.h"
#include "check/diagnose.h"
#include "registry/registry.h"
#include "store/db_diagnosis.h"
#include "store/db_job.h"

/* Leases a job may lose before it is ended: one that kills its child must not do so
 * for ever. */
enum { TRIES_MOST = 3 };

typedef struct {
    const qw_authority_t *authority;
    qw_store_t *store;
    const qw_job_t *job;
    qw_diagnosis_t *diagnosis;
    qw_external_t *external;
    int listed;
    json_t *findings;
    apr_pool_t *pool;
} look_t;

static qw_problem_t *read_subject(qw_db_t *db, void *baton, apr_pool_t *pool)
{
    look_t *l = baton;

    QW_TRY(qw_diagnosis_get(&l->diagnosis, db, l->authority->name,
                            l->job->subject_id, pool));
    QW_TRY(qw_external_get(&l->external, db, l->authority->name,
                           l->diagnosis->external_id, pool));
    return qw_registry_lists(&l->listed, db, l->authority,
                             l->diagnosis->external_id, l->diagnosis->name,
                             pool);
}

/* Asked again, as things may have changed while the job waited. */
static void look(look_t *l)
{
    if (l->job->tries <= TRIES_MOST && l->listed
        && l->external->status == QW_external_ACTIVE
        && l->external->expires > qw_authority_now(l->authority)) {
        qw_diagnose(&l->findings, l->authority, l->diagnosis->name, l->pool);
        return;
    }
    l->findings = qw_json_new_array(l->pool);
    qw_finding_add(l->findings,
                   l->job->tries <= TRIES_MOST ? QW_F_UNLISTED : QW_F_BROKEN,
                   l->diagnosis->name, NULL, NULL);
}

static qw_problem_t *note(qw_db_t *db, const look_t *l, apr_time_t now)
{
    qw_audit_t who = { l->authority->name, now, "validator", "external",
                       l->diagnosis->external_id };
    json_t *detail = qw_json_new_object(l->pool);

    json_object_set_new(detail, "name", json_string(l->diagnosis->name));
    json_object_set_new(detail, "diagnosis", json_string(l->diagnosis->id));
    json_object_set(detail, "findings", l->findings);
    return qw_audit(db, &who, "diagnosis.end", detail, l->pool);
}

/* CONFLICT: another one has the lease, or it is ended. */
static qw_problem_t *record(qw_db_t *db, void *baton, apr_pool_t *pool)
{
    const look_t *l = baton;
    apr_time_t now = qw_authority_now(l->authority);

    QW_TRY(qw_job_done(db, l->job, pool));
    QW_TRY(qw_diagnosis_finish(db, l->diagnosis->id, now,
                               qw_json_dump(l->findings, pool), pool));
    return note(db, l, now);
}

/* It expired while it waited: only the job is left to forget. */
static qw_problem_t *forget(qw_db_t *db, void *baton, apr_pool_t *pool)
{
    const look_t *l = baton;

    return qw_problem_unless(qw_job_done(db, l->job, pool), QW_E_CONFLICT);
}

static qw_problem_t *diagnose(look_t *l)
{
    qw_problem_t *prob = qw_store_read(l->store, read_subject, l, l->pool);

    if (prob != NULL && prob->code == QW_E_NOT_FOUND)
        return qw_store_write(l->store, forget, l, l->pool);
    QW_TRY(prob);
    if (l->diagnosis->ended != 0)
        return qw_store_write(l->store, forget, l, l->pool);
    look(l);
    return qw_problem_unless(qw_store_write(l->store, record, l, l->pool),
                             QW_E_CONFLICT);
}

void qw_diagnose_job(const qw_conf_t *conf, qw_store_t *store,
                     const qw_job_t *job)
{
    look_t l = { .store = store, .job = job };
    qw_problem_t *prob = NULL;

    apr_pool_create(&l.pool, NULL);
    l.authority = qw_conf_authority(conf, job->authority);
    if (l.authority != NULL)
        prob = diagnose(&l);
    if (prob != NULL)
        qw_log_problem("QW0571", prob, l.pool);
    apr_pool_destroy(l.pool);
}
