#include "check/caa_value.h"

#include "base/text.h"

#include <apr_lib.h>
#include <apr_strings.h>

#include <string.h>

static const char *skip_space(const char *at)
{
    return at + strspn(at, " \t");
}

/* The LEN bytes at TEXT without the white space at their ends. */
static const char *trimmed(const char *text, apr_size_t len, apr_pool_t *pool)
{
    for (; len > 0 && (*text == ' ' || *text == '\t'); len--)
        text++;
    while (len > 0 && (text[len - 1] == ' ' || text[len - 1] == '\t'))
        len--;
    return apr_pstrmemdup(pool, text, len);
}

/* A letter or digit first and last, hyphens between them. */
static int is_label(const char *text, apr_size_t len)
{
    if (len == 0 || text[0] == '-' || text[len - 1] == '-')
        return 0;
    for (apr_size_t i = 0; i < len; i++) {
        if (!apr_isalnum(text[i]) && text[i] != '-')
            return 0;
    }
    return 1;
}

static int is_issuer(const char *text)
{
    for (;;) {
        apr_size_t len = strcspn(text, ".");

        if (!is_label(text, len))
            return 0;
        if (text[len] == '\0')
            return 1;
        text += len + 1;
    }
}

static int is_parameter_value(const char *text)
{
    for (; *text != '\0'; text++) {
        if (*text < 0x21 || *text > 0x7e || *text == ';')
            return 0;
    }
    return 1;
}

static int add_parameter(apr_table_t *parameters, const char *text,
                         apr_pool_t *pool)
{
    const char *equals = strchr(text, '='), *tag, *value;

    if (equals == NULL)
        return 0;
    tag = trimmed(text, (apr_size_t)(equals - text), pool);
    value = trimmed(equals + 1, strlen(equals + 1), pool);
    if (!is_label(tag, strlen(tag)) || !is_parameter_value(value)
        || apr_table_get(parameters, tag) != NULL)
        return 0;
    apr_table_setn(parameters, tag, value);
    return 1;
}

/* AT is behind the first semicolon; nothing may follow it, or parameters. */
static int add_parameters(apr_table_t *parameters, const char *at,
                          apr_pool_t *pool)
{
    if (*skip_space(at) == '\0')
        return 1;
    for (;;) {
        apr_size_t len = strcspn(at, ";");

        if (!add_parameter(parameters, trimmed(at, len, pool), pool))
            return 0;
        if (at[len] == '\0')
            return 1;
        at += len + 1;
    }
}

int qw_caa_value_parse(qw_caa_value_t *out, const qw_bytes_t *value,
                       apr_pool_t *pool)
{
    const char *text =
        apr_pstrmemdup(pool, (const char *)value->data, value->len);
    apr_size_t len = strcspn(text, ";");

    if (strlen(text) != value->len)
        return 0;
    out->issuer = qw_text_lower(trimmed(text, len, pool), pool);
    out->parameters = apr_table_make(pool, 2);
    if (out->issuer[0] != '\0' && !is_issuer(out->issuer))
        return 0;
    return text[len] == '\0'
           || add_parameters(out->parameters, text + len + 1, pool);
}
