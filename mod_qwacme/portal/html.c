#include "portal/html.h"

#include "base/web.h"

#include <apr_strings.h>
#include <apr_tables.h>

#include <assert.h>
#include <stdarg.h>
#include <string.h>

struct qw_html_t {
    apr_array_header_t *bytes; /* of char */
    qw_language_e language;
    apr_pool_t *pool;
};

qw_html_t *qw_html_make(qw_language_e language, apr_pool_t *pool)
{
    qw_html_t *html = apr_pcalloc(pool, sizeof(*html));

    html->bytes = apr_array_make(pool, 8192, sizeof(char));
    html->language = language;
    html->pool = pool;
    return html;
}

static void add(qw_html_t *html, const char *text, apr_size_t len)
{
    for (apr_size_t i = 0; i < len; i++)
        APR_ARRAY_PUSH(html->bytes, char) = text[i];
}

static void add_escaped(qw_html_t *html, const char *text)
{
    const char *safe = qw_html(text, html->pool);

    add(html, safe, strlen(safe));
}

/* What stands for CONVERSION in a form. */
static void add_value(qw_html_t *html, char conversion, va_list *args)
{
    switch (conversion) {
    case 's':
        add_escaped(html, va_arg(*args, const char *));
        break;
    case 'm':
        add_escaped(html, qw_message(va_arg(*args, int), html->language));
        break;
    case 'i':
        add_escaped(html, apr_itoa(html->pool, va_arg(*args, int)));
        break;
    default:
        assert(conversion == '%');
        add(html, "%", 1);
    }
}

void qw_html_put(qw_html_t *html, const char *form, ...)
{
    va_list args;

    va_start(args, form);
    for (; *form != '\0'; form++)
        if (*form == '%')
            add_value(html, *++form, &args);
        else
            add(html, form, 1);
    va_end(args);
}

void qw_html_say(qw_html_t *html, qw_message_e message, const char *a,
                 const char *b, const char *c)
{
    const char *const given[] = { a, b, c };
    const char *text = qw_message(message, html->language);

    for (; *text != '\0'; text++) {
        char one[2] = { *text, '\0' };

        if (*text == '$' && text[1] >= '1' && text[1] <= '3')
            qw_html_put(html, "<strong>%s</strong>", given[*++text - '1']);
        else
            add_escaped(html, one);
    }
}

const char *qw_html_text(const qw_html_t *html)
{
    return apr_pstrmemdup(html->pool, html->bytes->elts,
                          (apr_size_t)html->bytes->nelts);
}
