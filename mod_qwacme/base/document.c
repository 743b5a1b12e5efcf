#include "base/document.h"

static json_t *one(const qw_problem_t *prob)
{
    json_t *object = json_object();

    json_object_set_new(object, "type",
                        json_string(qw_problem_urn(prob->code)));
    json_object_set_new(object, "detail", json_string(prob->detail));
    if (prob->identifier != NULL)
        json_object_set_new(object, "identifier",
                            json_pack("{s:s,s:s}", "type", "dns", "value",
                                      prob->identifier));
    return object;
}

static json_t *subproblems(const apr_array_header_t *subs)
{
    json_t *list = json_array();
    int i;

    for (i = 0; i < subs->nelts; i++)
        json_array_append_new(list,
                              one(APR_ARRAY_IDX(subs, i, qw_problem_t *)));
    return list;
}

json_t *qw_problem_json(const qw_problem_t *prob, apr_pool_t *pool)
{
    json_t *object = qw_own_json_t(pool, one(prob));

    json_object_set_new(object, "status",
                        json_integer(qw_problem_http(prob->code)));
    if (prob->instance != NULL)
        json_object_set_new(object, "instance", json_string(prob->instance));
    if (prob->subproblems != NULL)
        json_object_set_new(object, "subproblems",
                            subproblems(prob->subproblems));
    return object;
}

const char *qw_problem_document(const qw_problem_t *prob, apr_pool_t *pool)
{
    return qw_json_dump(qw_problem_json(prob, pool), pool);
}
