#include "x509/identity.h"

#include "base/text.h"
#include "x509/attr.h"

#include <apr_strings.h>
#include <string.h>

static const qw_attr_row_t rows[] = {
#define QW_ATTR(member, oid, type, max)                                        \
    { #member, QW_OID_##oid, QW_DER_##type, max },
#include "x509/attr.def"
};

const qw_attr_row_t *qw_attr_row(qw_attr_e attr)
{
    return &rows[attr];
}

/* The member's place in the struct; the compiler checks that each is there. */
static const char **place(qw_identity_t *identity, qw_attr_e attr)
{
    switch (attr) {
#define QW_ATTR(member, oid, type, max)                                        \
    case QW_ATTR_##member:                                                     \
        return &identity->member;
#include "x509/attr.def"
    case QW_ATTR_COUNT:
        break;
    }
    return NULL;
}

const char *qw_identity_get(const qw_identity_t *identity, qw_attr_e attr)
{
    qw_identity_t copy = *identity;
    const char **at = place(&copy, attr);

    return at != NULL ? *at : NULL;
}

static qw_attr_e find(const char *name)
{
    int i;

    for (i = 0; i < QW_ATTR_COUNT && strcmp(rows[i].name, name) != 0; i++)
        continue;
    return (qw_attr_e)i;
}

int qw_identity_set(qw_identity_t *identity, const char *name,
                    const char *value)
{
    const char **at = place(identity, find(name));

    if (at == NULL)
        return 0;
    *at = value;
    return 1;
}

static const char *known_names(apr_pool_t *pool)
{
    apr_array_header_t *names =
        apr_array_make(pool, QW_ATTR_COUNT, sizeof(const char *));
    int i;

    for (i = 0; i < QW_ATTR_COUNT; i++)
        APR_ARRAY_PUSH(names, const char *) = rows[i].name;
    return qw_text_join(names, ", ", pool);
}

qw_problem_t *qw_identity_parse(qw_identity_t **identity, const json_t *object,
                                apr_pool_t *pool)
{
    qw_identity_t *parsed = apr_pcalloc(pool, sizeof(*parsed));
    json_t *walked = (json_t *)object; /* jansson's iterators are not const */
    const char *name;
    json_t *value;

    if (!json_is_object(object))
        return QW_FAIL(pool, INVALID_INPUT, "the identity is not an object");
    json_object_foreach(walked, name, value)
    {
        if (!json_is_string(value) || json_string_length(value) == 0)
            return QW_FAIL(pool, INVALID_INPUT,
                           "identity attribute %s is not a text; leave out "
                           "what was not verified",
                           qw_text_safe(name, 64, pool));
        if (!qw_identity_set(parsed, name,
                             apr_pstrdup(pool, json_string_value(value))))
            return QW_FAIL(pool, INVALID_INPUT,
                           "there is no identity attribute %s; known are %s",
                           qw_text_safe(name, 64, pool), known_names(pool));
    }
    *identity = parsed;
    return NULL;
}

json_t *qw_identity_json(const qw_identity_t *identity, apr_pool_t *pool)
{
    json_t *object = qw_json_new_object(pool);
    const char *value;
    int i;

    for (i = 0; i < QW_ATTR_COUNT; i++) {
        value = qw_identity_get(identity, (qw_attr_e)i);
        if (value != NULL)
            json_object_set_new(object, rows[i].name, json_string(value));
    }
    return object;
}
