/* Forms, languages, and text in pages. */
#include "base/web.h"
#include "tap.h"

#include <apr_general.h>

#include <string.h>

static apr_pool_t *pool;

static void test_form(void)
{
    static const struct {
        const char *body, *name, *value; /* value NULL: refused */
    } rows[] = {
        { "a=b&c=d", "c", "d" },
        { "a=b+c%20d", "a", "b c d" },
        { "a=%C3%A9", "a", "\xc3\xa9" },
        { "a=1%0D%0A2", "a", "1\n2" },
        { "a", "a", "" },
        { "a=b=c", "a", "b=c" },
        { "&&a=b&", "a", "b" },
        { "a%3D=b", "a=", "b" },
        { "a=%", "a", NULL },
        { "a=%4", "a", NULL },
        { "a=%4g", "a", NULL },
        { "a=%g4", "a", NULL },
        { "a=%00", "a", NULL },
        { "a=%ff", "a", NULL },
        { "=b", "", NULL },
        { "a=1&a=2", "a", NULL },
        { "a=1&A=2", "a", NULL },
    };
    apr_table_t *fields;
    unsigned i;

    for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        qw_problem_t *prob =
            qw_form_parse(&fields, rows[i].body, strlen(rows[i].body), pool);

        ok((prob == NULL) == (rows[i].value != NULL), "%s", rows[i].body);
        if (prob == NULL)
            is_str(apr_table_get(fields, rows[i].name), rows[i].value,
                   rows[i].body);
    }
    ok(qw_form_parse(&fields, "a=b\0c", 5, pool) != NULL, "a raw NUL");
    ok(qw_form_parse(&fields, "", 0, pool) == NULL, "an empty form is one");
}

static void test_language(void)
{
    static const char *const offered[] = { "en", "fr", NULL };
    static const struct {
        const char *header;
        int index;
    } rows[] = {
        { NULL, 0 },
        { "", 0 },
        { "fr", 1 },
        { "FR-ca", 1 },
        { "de, fr;q=0.1", 1 },
        { "en;q=0.8,fr;q=0.9", 1 },
        { "en;q=0.9,fr;q=0.8", 0 },
        { "fr;q=0", 0 },
        { "fr;q=0.001", 1 },
        { "french", 0 },
        { ",,;;q=,fr", 1 },
        { "*", 0 },
    };
    unsigned i;

    for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        ok(qw_language_choose(rows[i].header, offered, pool) == rows[i].index,
           "Accept-Language: %s", rows[i].header ? rows[i].header : "(none)");
}

static void test_html(void)
{
    is_str(qw_html("a<b>&\"c'", pool), "a&lt;b&gt;&amp;&quot;c&#39;",
           "what has a meaning in HTML");
    is_str(qw_html("\xc3\xa9\n", pool), "\xc3\xa9\n", "text stays text");
    is_str(qw_html("\x1b[1m\x7f\t", pool), "&#65533;[1m&#65533;&#65533;",
           "control characters do not pass");
    is_str(qw_html(NULL, pool), "", "nothing");
}

int main(void)
{
    apr_initialize();
    apr_pool_create(&pool, NULL);
    test_form();
    test_language();
    test_html();
    return done_testing();
}
