/* schema create | upgrade | check */
#include "ctl/ctl.h"

#include "store/schema.h"

#include <apr_env.h>

static const char *schema_dir(const qwc_call_t *call)
{
    const char *dir = qwc_option(call, "schema-dir");
    char *from_env = NULL;

    if (dir != NULL)
        return dir;
    if (apr_env_get(&from_env, "QWACME_SCHEMA_DIR", call->pool) == APR_SUCCESS)
        return from_env;
    return QW_SCHEMADIR;
}

static void say_version(qwc_call_t *call)
{
    call->result = qw_json_new_object(call->pool);
    qw_put_text(call->result, "database", qw_store_driver(call->store));
    json_object_set_new(call->result, "schemaVersion",
                        json_integer(QW_SCHEMA_VERSION));
}

qw_problem_t *qwc_schema_create(qwc_call_t *call)
{
    QW_TRY(qw_schema_create(call->store, schema_dir(call), call->pool));
    say_version(call);
    return NULL;
}

qw_problem_t *qwc_schema_upgrade(qwc_call_t *call)
{
    int steps = 0;

    QW_TRY(qw_schema_upgrade(&steps, call->store, schema_dir(call),
                             qwc_option(call, "dry-run") != NULL, call->pool));
    say_version(call);
    json_object_set_new(call->result, "steps", json_integer(steps));
    return NULL;
}

qw_problem_t *qwc_schema_check(qwc_call_t *call)
{
    QW_TRY(qw_schema_check(call->store, call->pool));
    say_version(call);
    return NULL;
}
