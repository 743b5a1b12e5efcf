/* incident load | list | clear */
#include "ctl/evidence.h"

#include <apr_strings.h>

#include <string.h>

qw_problem_t *qwc_read_serials(apr_array_header_t **serials, const char *path,
                               apr_pool_t *pool)
{
    const char *text;

    QW_TRY(qwc_read_file(&text, path, pool));
    return qw_cases_serials(serials, text, path, pool);
}

static json_t *incident_json(const qw_incident_t *i, apr_pool_t *pool)
{
    json_t *object = qw_json_new_object(pool);

    qw_put_text(object, "name", i->name);
    qw_put_text(object, "url", i->url);
    qw_put_text(object, "status", i->cleared != 0 ? "cleared" : "in force");
    json_object_set_new(object, "certificates", json_integer(i->certificates));
    qw_put_text(object, "createdBy", i->created_by);
    qw_put_time(object, "created", i->created, pool);
    qw_put_time(object, "cleared", i->cleared, pool);
    return object;
}

qw_problem_t *qwc_incident_list(qwc_call_t *call)
{
    apr_array_header_t *list;

    QW_TRY(qw_incident_list(&list, call->registry.db, call->authority->name,
                            call->pool));
    call->result = qw_json_new_array(call->pool);
    for (int i = 0; i < list->nelts; i++)
        json_array_append(call->result,
                          incident_json(APR_ARRAY_IDX(list, i, qw_incident_t *),
                                        call->pool));
    return NULL;
}

qw_problem_t *qwc_incident_load(qwc_call_t *call)
{
    qw_incident_t incident = { 0 };
    apr_array_header_t *serials;

    incident.name = qwc_arg(call, 0);
    incident.url = qwc_option(call, "url");
    QW_TRY(qwc_read_serials(&serials, qwc_arg(call, 1), call->pool));
    QW_TRY(qw_registry_load_incident(&call->registry, &incident, serials));
    return qwc_incident_list(call);
}

qw_problem_t *qwc_incident_clear(qwc_call_t *call)
{
    QW_TRY(qw_registry_clear_incident(&call->registry, qwc_arg(call, 0)));
    return qwc_incident_list(call);
}
