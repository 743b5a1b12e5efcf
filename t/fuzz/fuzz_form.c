/* Forms: what is taken is text, and passes into a page without a tag. */
#include "fuzz.h"

#include "base/text.h"
#include "base/web.h"

static int check(void *baton, const char *name, const char *value)
{
    apr_pool_t *pool = baton;

    FUZZ_MUST(qw_text_is_utf8(name, strlen(name)));
    FUZZ_MUST(qw_text_is_utf8(value, strlen(value)));
    FUZZ_MUST(strpbrk(qw_html(value, pool), "<>\"'\r\t") == NULL);
    return 1;
}

void fuzz_one(const unsigned char *data, size_t len, apr_pool_t *pool)
{
    static const char *const offered[] = { "en", "fr", NULL };
    const char *text = fuzz_text(data, len, pool);
    apr_table_t *fields;

    if (text != NULL)
        FUZZ_MUST(qw_language_choose(text, offered, pool) < 2);
    if (qw_form_parse(&fields, (const char *)data, len, pool) != NULL)
        return;
    fuzz_taken++;
    FUZZ_MUST(apr_table_elts(fields)->nelts <= QW_FORM_FIELDS_MOST);
    apr_table_do(check, pool, fields, NULL);
}
