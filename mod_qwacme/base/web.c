#include "base/web.h"

#include "base/text.h"

#include <apr_lib.h>
#include <apr_strings.h>

#include <stdlib.h>
#include <string.h>

static int hex_value(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c |= 0x20;
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* Of LEN bytes FROM, decoded; NULL if they are no text. */
static char *decode(const char *from, apr_size_t len, apr_pool_t *pool)
{
    char *out = apr_palloc(pool, len + 1), *to = out;

    for (apr_size_t i = 0; i < len; i++) {
        int c = (unsigned char)from[i];

        if (c == '+')
            c = ' ';
        if (c == '%') {
            if (len - i < 3 || hex_value(from[i + 1]) < 0
                || hex_value(from[i + 2]) < 0)
                return NULL;
            c = hex_value(from[i + 1]) * 16 + hex_value(from[i + 2]);
            i += 2;
        }
        if (c == '\0')
            return NULL;
        if (c != '\r')
            *to++ = (char)c;
    }
    *to = '\0';
    return qw_text_is_utf8(out, (apr_size_t)(to - out)) ? out : NULL;
}

static int add_field(apr_table_t *fields, const char *field, apr_size_t len,
                     apr_pool_t *pool)
{
    const char *equals = memchr(field, '=', len);
    apr_size_t name_len = equals != NULL ? (apr_size_t)(equals - field) : len;
    const char *name = decode(field, name_len, pool), *value = "";

    if (equals != NULL)
        value = decode(equals + 1, len - name_len - 1, pool);
    if (name == NULL || value == NULL || *name == '\0'
        || apr_table_get(fields, name) != NULL
        || apr_table_elts(fields)->nelts >= QW_FORM_FIELDS_MOST)
        return 0;
    apr_table_setn(fields, name, value);
    return 1;
}

qw_problem_t *qw_form_parse(apr_table_t **fields, const char *body,
                            apr_size_t len, apr_pool_t *pool)
{
    apr_table_t *all = apr_table_make(pool, 8);
    const char *end = body + len;

    while (body < end) {
        const char *amp = memchr(body, '&', (apr_size_t)(end - body));
        apr_size_t n = (apr_size_t)((amp != NULL ? amp : end) - body);

        if (n > 0 && !add_field(all, body, n, pool))
            return QW_FAIL(pool, MALFORMED, "the form cannot be read");
        body += n + 1;
    }
    *fields = all;
    return NULL;
}

/* Thousandths of ";q=0.8" in PARAMS; 1000 without. */
static int weight(const char *params)
{
    const char *q = strstr(params, "q=");
    int value = 0, unit = 1000;

    if (q == NULL)
        return 1000;
    for (q += 2; unit > 0 && (apr_isdigit(*q) || *q == '.'); q++)
        if (*q != '.') {
            value += (*q - '0') * unit;
            unit /= 10;
        }
    return value;
}

static int index_of(const char *tag, const char *const *offered)
{
    for (int i = 0; offered[i] != NULL; i++) {
        apr_size_t n = strlen(offered[i]);

        if (strncmp(tag, offered[i], n) == 0
            && (tag[n] == '\0' || tag[n] == '-' || tag[n] == ';'
                || tag[n] == ' '))
            return i;
    }
    return -1;
}

int qw_language_choose(const char *header, const char *const *offered,
                       apr_pool_t *pool)
{
    int best = 0, best_weight = 0;
    char *range, *last = NULL;

    if (header == NULL)
        return 0;
    for (range = apr_strtok(apr_pstrdup(pool, qw_text_lower(header, pool)), ",",
                            &last);
         range != NULL; range = apr_strtok(NULL, ",", &last)) {
        int i = index_of(range + strspn(range, " \t"), offered);
        int w = weight(range);

        if (i >= 0 && w > best_weight) {
            best = i;
            best_weight = w;
        }
    }
    return best;
}

static const char *entity(unsigned char c)
{
    switch (c) {
    case '&':
        return "&amp;";
    case '<':
        return "&lt;";
    case '>':
        return "&gt;";
    case '"':
        return "&quot;";
    case '\'':
        return "&#39;";
    default:
        return (c < 0x20 && c != '\n') || c == 0x7f ? "&#65533;" : NULL;
    }
}

const char *qw_html(const char *text, apr_pool_t *pool)
{
    enum { LONGEST = 8 };
    char *out, *to;

    if (text == NULL)
        return "";
    to = out = apr_palloc(pool, strlen(text) * LONGEST + 1);
    for (; *text != '\0'; text++) {
        const char *as = entity((unsigned char)*text);
        apr_size_t n = as != NULL ? strlen(as) : 1;

        memcpy(to, as != NULL ? as : text, n);
        to += n;
    }
    *to = '\0';
    return out;
}
