/* Results, for people and for programs. */
#include "ctl/ctl.h"

#include "base/text.h"

#include <apr_strings.h>

#include <stdio.h>
#include <string.h>

/* A value on one line; nothing a terminal could obey. */
static const char *plain(const json_t *value, apr_pool_t *pool)
{
    if (value == NULL || json_is_null(value))
        return "-";
    if (json_is_string(value))
        return json_string_length(value) > 0
                   ? qw_text_shown(json_string_value(value), pool)
                   : "-";
    if (json_is_integer(value))
        return apr_psprintf(pool, "%" APR_INT64_T_FMT,
                            (apr_int64_t)json_integer_value(value));
    if (json_is_boolean(value))
        return json_is_true(value) ? "yes" : "no";
    return qw_text_shown(qw_json_dump(value, pool), pool);
}

/* Printed width of the column KEY. */
static int width_of(const json_t *rows, const char *key, apr_pool_t *pool)
{
    apr_size_t width = strlen(key), i, n;
    json_t *row;

    json_array_foreach(rows, i, row)
    {
        n = qw_text_chars(plain(json_object_get(row, key), pool));
        width = n > width ? n : width;
    }
    return (int)width;
}

static void print_cell(const char *text, int width)
{
    printf("%s%*s", text, width + 2 - (int)qw_text_chars(text), "");
}

/* Columns are the members of the first row: every row of a listing has all. */
static void print_table(const json_t *rows, apr_pool_t *pool)
{
    json_t *first = json_array_get(rows, 0), *row, *value;
    const char *key;
    apr_size_t i;

    if (first == NULL) {
        printf("(none)\n");
        return;
    }
    json_object_foreach(first, key, value)
        print_cell(key, width_of(rows, key, pool));
    printf("\n");
    json_array_foreach(rows, i, row)
    {
        json_object_foreach(first, key, value)
            print_cell(plain(json_object_get(row, key), pool),
                       width_of(rows, key, pool));
        printf("\n");
    }
}

static void print_object(const json_t *object, const char *indent,
                         apr_pool_t *pool);

static void print_list(const json_t *list, const char *indent, apr_pool_t *pool)
{
    json_t *item;
    apr_size_t i;

    json_array_foreach(list, i, item)
    {
        if (json_is_object(item)) {
            print_object(item, indent, pool);
            printf("\n");
        }
        else
            printf("%s%s\n", indent, plain(item, pool));
    }
}

static void print_object(const json_t *object, const char *indent,
                         apr_pool_t *pool)
{
    const char *deeper = apr_pstrcat(pool, indent, "    ", NULL);
    const char *key;
    json_t *value;

    json_object_foreach((json_t *)object, key, value)
    {
        if (json_is_array(value)) {
            printf("%s%s:\n", indent, key);
            print_list(value, deeper, pool);
        }
        else if (json_is_object(value)) {
            printf("%s%s:\n", indent, key);
            print_object(value, deeper, pool);
        }
        else
            printf("%s%-24s %s\n", indent, apr_pstrcat(pool, key, ":", NULL),
                   plain(value, pool));
    }
}

void qwc_print(const qwc_call_t *call)
{
    if (call->result != NULL && qwc_option(call, "json") != NULL) {
        json_dumpf(call->result, stdout, JSON_INDENT(2));
        printf("\n");
    }
    else if (call->text != NULL)
        fputs(call->text, stdout);
    else if (json_is_array(call->result))
        print_table(call->result, call->pool);
    else if (call->result != NULL)
        print_object(call->result, "", call->pool);
    if (qwc_option(call, "dry-run") != NULL && qwc_option(call, "json") == NULL)
        printf("(dry run: nothing was changed)\n");
}

void qwc_usage(FILE *out, const char *noun)
{
    const qwc_command_t *c;

    fprintf(out, "usage: qwacmectl [--config FILE] [--authority NAME] [--json] "
                 "NOUN VERB ...\n\n");
    for (c = qwc_commands; c->noun != NULL; c++)
        if (noun == NULL || strcmp(noun, c->noun) == 0)
            fprintf(out, "  %s %s %s\n        %s\n%s%s%s", c->noun, c->verb,
                    c->args, c->help, noun && *c->options ? "        --" : "",
                    noun ? c->options : "", noun && *c->options ? "\n" : "");
    fprintf(out, "\nSee qwacmectl(8).\n");
}
