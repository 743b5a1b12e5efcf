#include "acme/names.h"

#include "base/own.h"
#include "base/text.h"
#include "dns/name.h"

#include <apr_strings.h>

#include <stdlib.h>
#include <string.h>

enum { REPEATS_MOST = 2, NAME_AVERAGE_MOST = 100 };

/* "www.www.www.example.org": a client that asks for what it was asked for. */
static int repeats_itself(const char *name)
{
    const char *label = name, *next;
    int same = 1;

    while ((next = strchr(label, '.')) != NULL && same <= REPEATS_MOST) {
        apr_size_t len = (apr_size_t)(next - label) + 1;

        same = strncmp(label, next + 1, len) == 0 ? same + 1 : 1;
        label = next + 1;
    }
    return same > REPEATS_MOST;
}

qw_problem_t *qw_name_of_identifier(const char **name, const qw_call_t *call,
                                    const json_t *identifier)
{
    const char *type, *value;
    qw_name_t parsed;

    if (!json_is_object(identifier))
        return QW_FAIL(call->pool, MALFORMED, "identifier: not an object");
    QW_TRY(qw_json_text(&type, identifier, "type", QW_REQUIRED, call->pool));
    QW_TRY(qw_json_text(&value, identifier, "value", QW_REQUIRED, call->pool));
    if (strcmp(type, "dns") != 0)
        return QW_FAIL(call->pool, UNSUPPORTED_IDENTIFIER,
                       "identifier type %s is not offered: only dns",
                       qw_text_safe(type, 32, call->pool));
    if (*value == '\0')
        return QW_FAIL(call->pool, MALFORMED, "identifier: value is empty");
    QW_TRY(qw_name_parse(&parsed, value, call->authority->kind == QW_KIND_TEST,
                         call->pool));
    if (repeats_itself(parsed.name))
        return QW_FAIL(call->pool, REJECTED_IDENTIFIER,
                       "%s repeats a label more than twice", parsed.name);
    *name = parsed.wildcard ? apr_pstrcat(call->pool, "*.", parsed.name, NULL)
                            : parsed.name;
    return NULL;
}

static int compare(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* RFC8555-7.4: a name given twice is asked for once. */
static void sort_unique(apr_array_header_t *names)
{
    const char **name = (const char **)names->elts;
    int i, n = 0;

    qsort(name, (size_t)names->nelts, sizeof(*name), compare);
    for (i = 0; i < names->nelts; i++)
        if (n == 0 || strcmp(name[n - 1], name[i]) != 0)
            name[n++] = name[i];
    names->nelts = n;
}

static qw_problem_t *collect(qw_problem_t *all, qw_problem_t *one,
                             const json_t *identifier, apr_pool_t *pool)
{
    const char *value = json_string_value(json_object_get(identifier, "value"));

    if (all == NULL)
        all = qw_problem_make(pool, one->file, one->line, one->code, NULL,
                              "one or more identifiers are not accepted");
    if (all->code != one->code)
        all->code = QW_E_COMPOUND;
    one->identifier = qw_text_safe(value, 253, pool);
    qw_problem_add(all, one, pool);
    return all;
}

static qw_problem_t *read_all(apr_array_header_t *names, const qw_call_t *call,
                              const json_t *list)
{
    qw_problem_t *all = NULL;
    json_t *identifier;
    apr_size_t i;

    json_array_foreach(list, i, identifier)
    {
        const char *name = NULL;
        qw_problem_t *one = qw_name_of_identifier(&name, call, identifier);

        if (one != NULL && one->code == QW_E_MALFORMED)
            return one;
        if (one != NULL)
            all = collect(all, one, identifier, call->pool);
        else
            APR_ARRAY_PUSH(names, const char *) = name;
    }
    return all;
}

static qw_problem_t *check_together(const apr_array_header_t *names,
                                    const qw_call_t *call)
{
    apr_size_t most =
        (apr_size_t)call->authority->max_names * NAME_AVERAGE_MOST;
    apr_size_t len = 0;

    for (int i = 0; i < names->nelts; i++)
        len += strlen(APR_ARRAY_IDX(names, i, const char *));
    if (len <= most)
        return NULL;
    return QW_FAIL(call->pool, MALFORMED,
                   "identifiers: more than %d characters together", (int)most);
}

/* A name that a wildcard beside it stands for already is of no use, and most
 * likely a mistake; BR-7.1.2.7.12 wants no name twice. */
static qw_problem_t *check_redundant(const apr_array_header_t *names,
                                     apr_pool_t *pool)
{
    for (int i = 0; i < names->nelts; i++) {
        const char *name = APR_ARRAY_IDX(names, i, const char *);
        const char *dot = strchr(name, '.');

        if (name[0] != '*' && dot != NULL
            && qw_text_in(names, apr_pstrcat(pool, "*", dot, NULL)))
            return QW_FAIL(pool, MALFORMED,
                           "identifiers: %s is redundant beside *%s", name,
                           dot);
    }
    return NULL;
}

qw_problem_t *qw_names_of_order(apr_array_header_t **names,
                                const qw_call_t *call)
{
    json_t *list;

    QW_TRY(qw_json_array(&list, call->payload, "identifiers", QW_REQUIRED,
                         call->pool));
    if (json_array_size(list) == 0)
        return QW_FAIL(call->pool, MALFORMED, "identifiers: empty");
    if (json_array_size(list) > (apr_size_t)call->authority->max_names)
        return QW_FAIL(call->pool, MALFORMED, "identifiers: more than %d",
                       call->authority->max_names);
    *names = apr_array_make(call->pool, (int)json_array_size(list),
                            sizeof(const char *));
    QW_TRY(read_all(*names, call, list));
    sort_unique(*names);
    QW_TRY(check_together(*names, call));
    return check_redundant(*names, call->pool);
}

const char *qw_names_json(const apr_array_header_t *names, apr_pool_t *pool)
{
    json_t *list = qw_json_new_array(pool);
    int i;

    for (i = 0; i < names->nelts; i++)
        json_array_append_new(list, json_string(
                                        APR_ARRAY_IDX(names, i, const char *)));
    return qw_json_dump(list, pool);
}

apr_array_header_t *qw_names_of_json(const char *json, apr_pool_t *pool)
{
    apr_array_header_t *names = apr_array_make(pool, 4, sizeof(const char *));
    json_t *list = qw_own_json_t(pool, json_loads(json, 0, NULL)), *name;
    apr_size_t i;

    json_array_foreach(list, i, name) APR_ARRAY_PUSH(names, const char *) =
        json_string_value(name);
    return names;
}
