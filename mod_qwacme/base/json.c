#include "base/json.h"

#include "base/text.h"

#include <apr_strings.h>

#include <stdlib.h>
#include <string.h>

/* Deepest nesting, counted before the parser allocates anything. */
static int depth_of(const char *text, apr_size_t len)
{
    int depth = 0, deepest = 0, in_string = 0;
    apr_size_t i;

    for (i = 0; i < len; i++) {
        if (in_string && text[i] == '\\')
            i++;
        else if (text[i] == '"')
            in_string = !in_string;
        else if (!in_string && (text[i] == '{' || text[i] == '['))
            deepest = ++depth > deepest ? depth : deepest;
        else if (!in_string && (text[i] == '}' || text[i] == ']'))
            depth--;
    }
    return deepest;
}

qw_problem_t *qw_json_parse(json_t **root, const char *text, apr_size_t len,
                            const char *what, apr_pool_t *pool)
{
    json_error_t why;

    if (len > QW_JSON_MAX_BYTES)
        return QW_FAIL(pool, MALFORMED, "%s: more than %d bytes", what,
                       QW_JSON_MAX_BYTES);
    if (depth_of(text, len) > QW_JSON_MAX_DEPTH)
        return QW_FAIL(pool, MALFORMED, "%s: nested deeper than %d", what,
                       QW_JSON_MAX_DEPTH);
    *root =
        qw_own_json_t(pool, json_loadb(text, len,
                                       JSON_REJECT_DUPLICATES | JSON_DECODE_ANY,
                                       &why));
    if (*root == NULL)
        return QW_FAIL(pool, MALFORMED, "%s: not strict JSON: %s", what,
                       qw_text_safe(why.text, 120, pool));
    return NULL;
}

qw_problem_t *qw_json_parse_object(json_t **root, const char *text,
                                   apr_size_t len, const char *what,
                                   apr_pool_t *pool)
{
    json_t *value;

    QW_TRY(qw_json_parse(&value, text, len, what, pool));
    if (!json_is_object(value))
        return QW_FAIL(pool, MALFORMED, "%s: not a JSON object", what);
    *root = value;
    return NULL;
}

/* Member NAME if it is of TYPE; *VALUE NULL if it may be and is absent. */
static qw_problem_t *member(json_t **value, const json_t *object,
                            const char *name, qw_need_e need, apr_pool_t *pool)
{
    *value = json_object_get(object, name);
    if (*value == NULL && need == QW_REQUIRED)
        return QW_FAIL(pool, MALFORMED, "%s: missing", name);
    return NULL;
}

const char *qw_json_word(const json_t *object, const char *name)
{
    const char *text = json_string_value(json_object_get(object, name));

    return text != NULL ? text : "";
}

qw_problem_t *qw_json_text(const char **value, const json_t *object,
                           const char *name, qw_need_e need, apr_pool_t *pool)
{
    json_t *found;

    QW_TRY(member(&found, object, name, need, pool));
    if (found != NULL && !json_is_string(found))
        return QW_FAIL(pool, MALFORMED, "%s: not a string", name);
    *value = json_string_value(found);
    return NULL;
}

qw_problem_t *qw_json_object(json_t **value, const json_t *object,
                             const char *name, qw_need_e need, apr_pool_t *pool)
{
    json_t *found;

    QW_TRY(member(&found, object, name, need, pool));
    if (found != NULL && !json_is_object(found))
        return QW_FAIL(pool, MALFORMED, "%s: not an object", name);
    *value = found;
    return NULL;
}

qw_problem_t *qw_json_array(json_t **value, const json_t *object,
                            const char *name, qw_need_e need, apr_pool_t *pool)
{
    json_t *found;

    QW_TRY(member(&found, object, name, need, pool));
    if (found != NULL && !json_is_array(found))
        return QW_FAIL(pool, MALFORMED, "%s: not an array", name);
    *value = found;
    return NULL;
}

qw_problem_t *qw_json_int(apr_int64_t *value, const json_t *object,
                          const char *name, qw_need_e need, apr_pool_t *pool)
{
    json_t *found;

    QW_TRY(member(&found, object, name, need, pool));
    if (found != NULL && !json_is_integer(found))
        return QW_FAIL(pool, MALFORMED, "%s: not an integer", name);
    *value = json_integer_value(found);
    return NULL;
}

qw_problem_t *qw_json_bool(int *value, const json_t *object, const char *name,
                           qw_need_e need, apr_pool_t *pool)
{
    json_t *found;

    QW_TRY(member(&found, object, name, need, pool));
    if (found != NULL && !json_is_boolean(found))
        return QW_FAIL(pool, MALFORMED, "%s: not true or false", name);
    *value = json_is_true(found);
    return NULL;
}

const char *qw_json_dump(const json_t *root, apr_pool_t *pool)
{
    char *text =
        json_dumps(root, JSON_COMPACT | JSON_SORT_KEYS | JSON_ENCODE_ANY);
    const char *copy = apr_pstrdup(pool, text != NULL ? text : "null");

    free(text);
    return copy;
}

json_t *qw_json_new_object(apr_pool_t *pool)
{
    return qw_own_json_t(pool, json_object());
}

json_t *qw_json_new_array(apr_pool_t *pool)
{
    return qw_own_json_t(pool, json_array());
}
