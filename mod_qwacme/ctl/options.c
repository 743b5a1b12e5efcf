/* The command line and the values on it. */
#include "ctl/ctl.h"

#include "base/text.h"
#include "base/world.h"

#include <apr_lib.h>
#include <apr_strings.h>

#include <stdlib.h>
#include <string.h>

/* Accepted by every command. */
static const char global_options[] = "config= authority= json help";

const char *qwc_option(const qwc_call_t *call, const char *name)
{
    return apr_table_get(call->options, name);
}

const char *qwc_arg(const qwc_call_t *call, int n)
{
    return APR_ARRAY_IDX(call->args, n, const char *);
}

/* 1: a flag; 2: takes a value; 0: not one of WORDS. */
static int kind_of(const char *words, const char *name, apr_size_t len)
{
    const char *word = words;

    while (*word != '\0') {
        apr_size_t n = strcspn(word, " ");

        if (n == len && strncmp(word, name, len) == 0)
            return 1;
        if (n == len + 1 && word[len] == '=' && strncmp(word, name, len) == 0)
            return 2;
        word += n + strspn(word + n, " ");
    }
    return 0;
}

/* Of two values, one would be obeyed and the other one forgotten. */
static qw_problem_t *keep_option(qwc_call_t *call, const char *name,
                                 const char *value)
{
    if (value != NULL && qwc_option(call, name) != NULL)
        return QW_FAIL(call->pool, INVALID_INPUT,
                       "--%s is given twice: '%s' and '%s'", name,
                       qw_text_safe(qwc_option(call, name), 64, call->pool),
                       qw_text_safe(value, 64, call->pool));
    apr_table_setn(call->options, name, value != NULL ? value : "");
    return NULL;
}

static qw_problem_t *take_option(qwc_call_t *call, int *i, int argc,
                                 const char *const *argv)
{
    const char *name = argv[*i] + 2;
    apr_size_t len = strcspn(name, "=");
    const char *value = name[len] == '=' ? name + len + 1 : NULL;
    int kind = kind_of(global_options, name, len);

    if (kind == 0 && call->command != NULL)
        kind = kind_of(call->command->options, name, len);
    if (kind == 0)
        return QW_FAIL(call->pool, INVALID_INPUT, "--%s: no such option",
                       qw_text_safe(name, 64, call->pool));
    if (kind == 1 && value != NULL)
        return QW_FAIL(call->pool, INVALID_INPUT, "--%.*s takes no value",
                       (int)len, name);
    if (kind == 2 && value == NULL && *i + 1 < argc)
        value = argv[++*i];
    if (kind == 2 && value == NULL)
        return QW_FAIL(call->pool, INVALID_INPUT, "--%s needs a value", name);
    return keep_option(call, apr_pstrmemdup(call->pool, name, len), value);
}

static const qwc_command_t *find_command(const char *noun, const char *verb)
{
    const qwc_command_t *c;

    for (c = qwc_commands; c->noun != NULL; c++)
        if (strcmp(c->noun, noun) == 0 && strcmp(c->verb, verb) == 0)
            return c;
    return NULL;
}

/* Noun and verb are the first two words that are no options. */
static qw_problem_t *choose_command(qwc_call_t *call, int argc,
                                    const char *const *argv)
{
    const char *words[2] = { NULL, NULL };
    int n = 0, i;

    for (i = 1; i < argc && n < 2; i++) {
        if (strncmp(argv[i], "--", 2) != 0)
            words[n++] = argv[i];
        else if (strchr(argv[i], '=') == NULL
                 && kind_of(global_options, argv[i] + 2, strlen(argv[i] + 2))
                        == 2)
            i++;
    }
    if (n == 2)
        call->command = find_command(words[0], words[1]);
    if (n < 2 || call->command == NULL)
        return QW_FAIL(call->pool, INVALID_INPUT, "no command '%s%s%s'",
                       n > 0 ? qw_text_safe(words[0], 32, call->pool) : "",
                       n > 1 ? " " : "",
                       n > 1 ? qw_text_safe(words[1], 32, call->pool) : "");
    return NULL;
}

/* What is no UTF-8 has no place in JSON: the record would be without it. */
static qw_problem_t *check_words(const qwc_call_t *call, int argc,
                                 const char *const *argv)
{
    for (int i = 1; i < argc; i++)
        if (!qw_text_is_utf8(argv[i], strlen(argv[i])))
            return QW_FAIL(call->pool, INVALID_INPUT, "'%s' is no UTF-8",
                           qw_text_safe(argv[i], 64, call->pool));
    return NULL;
}

qw_problem_t *qwc_parse(qwc_call_t *call, int argc, const char *const *argv)
{
    const qwc_command_t *c;
    int i, only_args = 0, words = 0;

    QW_TRY(check_words(call, argc, argv));
    QW_TRY(choose_command(call, argc, argv));
    for (i = 1; i < argc; i++) {
        if (!only_args && strcmp(argv[i], "--") == 0)
            only_args = 1;
        else if (!only_args && strncmp(argv[i], "--", 2) == 0)
            QW_TRY(take_option(call, &i, argc, argv));
        else if (words < 2)
            words++;
        else
            APR_ARRAY_PUSH(call->args, const char *) = argv[i];
    }
    c = call->command;
    if (call->args->nelts < c->min_args
        || (c->max_args >= 0 && call->args->nelts > c->max_args))
        return QW_FAIL(call->pool, INVALID_INPUT, "usage: qwacmectl %s %s %s",
                       c->noun, c->verb, c->args);
    return NULL;
}

/* "90d", "12h", "30m", "45s" from now. */
static int from_now(apr_time_t *when, const qwc_call_t *call, const char *text)
{
    apr_size_t len = strlen(text);
    apr_int64_t seconds;

    if (len == 0 || apr_isdigit(text[len - 1])
        || !qw_text_parse_span(&seconds, text))
        return 0;
    *when = (call->authority != NULL ? qw_authority_now(call->authority)
                                     : qw_world()->now())
            + apr_time_from_sec(seconds);
    return 1;
}

qw_problem_t *qwc_time(apr_time_t *when, const qwc_call_t *call,
                       const char *name, const char *by_default)
{
    const char *text = qwc_option(call, name);

    if (text == NULL)
        text = by_default;
    *when = 0;
    if (text == NULL || qw_text_parse_time(when, text)
        || from_now(when, call, text))
        return NULL;
    return QW_FAIL(call->pool, INVALID_INPUT,
                   "%s: '%s' is not a date (2026-11-23), a time "
                   "(2026-11-23T12:00:00Z) or a span from now (90d, 12h)",
                   name, qw_text_safe(text, 64, call->pool));
}

qw_problem_t *qwc_number(int *n, const qwc_call_t *call, const char *name,
                         int min, int max, int by_default)
{
    const char *text = qwc_option(call, name);
    char *end;
    apr_int64_t value;

    *n = by_default;
    if (text == NULL)
        return NULL;
    value = apr_strtoi64(text, &end, 10);
    if (end == text || *end != '\0' || value < min || value > max)
        return QW_FAIL(call->pool, INVALID_INPUT,
                       "%s: '%s' is not a number from %d to %d", name,
                       qw_text_safe(text, 32, call->pool), min, max);
    *n = (int)value;
    return NULL;
}
