#include "ca/wire.h"

#include "base/put.h"

#include <apr_strings.h>

static json_t *one(const qw_problem_t *prob)
{
    json_t *object = json_object();

    qw_put_text(object, "problem", qw_problem_name(prob->code));
    qw_put_text(object, "detail", prob->detail);
    qw_put_text(object, "identifier", prob->identifier);
    qw_put_text(object, "instance", prob->instance);
    if (prob->retry_after != 0)
        json_object_set_new(object, "retry",
                            json_integer(apr_time_sec(prob->retry_after)));
    return object;
}

json_t *qw_wire_answer(const qw_problem_t *prob, apr_pool_t *pool)
{
    json_t *answer = prob != NULL ? qw_own_json_t(pool, one(prob))
                                  : qw_json_new_object(pool);
    json_t *subs;
    int i;

    if (prob == NULL || prob->subproblems == NULL)
        return answer;
    subs = json_array();
    for (i = 0; i < prob->subproblems->nelts; i++)
        json_array_append_new(subs, one(APR_ARRAY_IDX(prob->subproblems, i,
                                                      qw_problem_t *)));
    json_object_set_new(answer, "subproblems", subs);
    return answer;
}

static qw_problem_t *strange(apr_pool_t *pool)
{
    return QW_FAIL_BECAUSE(pool, UNAVAILABLE,
                           "the signer's answer is not understood",
                           "issuance failed; try again later");
}

static const char *text(const json_t *object, const char *name,
                        apr_pool_t *pool)
{
    const char *value = json_string_value(json_object_get(object, name));

    return value != NULL ? apr_pstrdup(pool, value) : NULL;
}

/* Read as a value, not returned as an error: hence no QW_TRY. */
static qw_problem_t *read_one(const json_t *object, apr_pool_t *pool)
{
    const char *name = text(object, "problem", pool);
    const char *detail = text(object, "detail", pool);
    qw_problem_t *prob;
    qw_code_e code;

    if (name == NULL || detail == NULL || !qw_problem_code(&code, name))
        return strange(pool);
    prob = qw_problem_make(pool, __FILE__, __LINE__, code,
                           "as the signer answered", "%s", detail);
    prob->identifier = text(object, "identifier", pool);
    prob->instance = text(object, "instance", pool);
    prob->retry_after =
        apr_time_from_sec(json_integer_value(json_object_get(object, "retry")));
    return prob;
}

qw_problem_t *qw_wire_problem(const json_t *answer, apr_pool_t *pool)
{
    json_t *sub;
    qw_problem_t *prob;
    apr_size_t i;

    if (json_object_size(answer) == 0)
        return NULL;
    prob = read_one(answer, pool);
    json_array_foreach(json_object_get(answer, "subproblems"), i, sub)
        qw_problem_add(prob, read_one(sub, pool), pool);
    return prob;
}
