/* domain diagnose: a worker of httpd looks, as it would for a validation; this
 * waits for what it finds. */
#include "ctl/ctl.h"

#include "check/diagnose.h"
#include "gate/diagnosis.h"
#include "portal/say_finding.h"
#include "store/db_diagnosis.h"

#include <string.h>

#define LOOK_EVERY  (APR_TIME_C(200) * 1000)
#define WORKER_AWAY (apr_time_from_sec(15))

typedef struct {
    qwc_call_t *call;
    const char *id;
    qw_diagnosis_t *diagnosis;
} wait_t;

static qw_problem_t *ask(qw_db_t *db, void *baton, apr_pool_t *pool)
{
    wait_t *w = baton;
    qw_external_t *external;

    w->call->registry.db = db;
    QW_TRY(qwc_external(&external, w->call, 0));
    return qw_diagnosis_ask(&w->id, &w->call->registry, external,
                            qwc_arg(w->call, 1));
}

static qw_problem_t *look(qw_db_t *db, void *baton, apr_pool_t *pool)
{
    wait_t *w = baton;

    return qw_diagnosis_get(&w->diagnosis, db, w->call->authority->name, w->id,
                            pool);
}

static qw_problem_t *await(wait_t *w)
{
    qwc_call_t *call = w->call;
    apr_time_t end =
        qw_world()->now() + qw_diagnose_span(call->authority) + WORKER_AWAY;

    for (;;) {
        QW_TRY(qw_store_read(call->store, look, w, call->pool));
        if (w->diagnosis->ended != 0)
            return NULL;
        if (qw_world()->now() > end)
            return QW_FAIL(call->pool, UNAVAILABLE,
                           "no worker has looked at %s yet: is httpd running "
                           "on this database?",
                           w->diagnosis->name);
        apr_sleep(LOOK_EVERY);
    }
}

static json_t *finding_json(const json_t *found, apr_pool_t *pool)
{
    json_t *object = qw_json_new_object(pool);
    const char *name = json_string_value(json_object_get(found, "finding"));
    const char *cure, *words = qw_finding_text(&cure, found, QW_ENGLISH, pool);
    qw_finding_e finding;

    if (name == NULL || words == NULL || !qw_finding_find(&finding, name))
        return NULL;
    qw_put_text(object, "finding", name);
    qw_put_text(object, "mood", qw_mood_word(qw_finding_mood(finding)));
    qw_put_text(object, "perspective",
                json_string_value(json_object_get(found, "perspective")));
    qw_put_text(object, "words", words);
    qw_put_text(object, "cure", cure);
    return object;
}

qw_problem_t *qwc_domain_diagnose(qwc_call_t *call)
{
    wait_t w = { .call = call };
    const json_t *found;
    json_t *findings;
    size_t i;

    QW_TRY(qw_store_write(call->store, ask, &w, call->pool));
    QW_TRY(await(&w));
    QW_TRY(qw_json_parse(&findings, w.diagnosis->findings,
                         strlen(w.diagnosis->findings), "findings",
                         call->pool));
    call->result = qw_json_new_array(call->pool);
    json_array_foreach(findings, i, found)
        json_array_append(call->result, finding_json(found, call->pool));
    return NULL;
}
