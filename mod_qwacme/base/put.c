#include "base/put.h"

#include "base/text.h"

void qw_put_text(json_t *object, const char *name, const char *value)
{
    if (value != NULL)
        json_object_set_new(object, name, json_string(value));
}

void qw_put_int(json_t *object, const char *name, apr_int64_t value)
{
    json_object_set_new(object, name, json_integer(value));
}

void qw_put_flag(json_t *object, const char *name, int value)
{
    json_object_set_new(object, name, json_boolean(value));
}

void qw_put_time(json_t *object, const char *name, apr_time_t value,
                 apr_pool_t *pool)
{
    if (value != 0)
        qw_put_text(object, name, qw_text_time(value, pool));
}

void qw_put_json(json_t *object, const char *name, const char *value)
{
    json_t *parsed;

    if (value == NULL)
        return;
    parsed = json_loads(value, JSON_REJECT_DUPLICATES, NULL);
    if (parsed == NULL)
        parsed = json_string(value);
    json_object_set_new(object, name, parsed);
}
