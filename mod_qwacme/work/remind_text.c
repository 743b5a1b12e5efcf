#include "work/remind_text.h"

#include "base/json.h"
#include "base/text.h"

#include <apr_strings.h>

#include <string.h>

enum { ENGLISH, FRENCH, LANGUAGES };

typedef enum {
#define QW_REMIND_WORD(key, en, fr) WORD_##key,
#include "work/remind_text.def"
    WORDS
} word_e;

static const char *const words[WORDS][LANGUAGES] = {
#define QW_REMIND_WORD(key, en, fr) { en, fr },
#include "work/remind_text.def"
};

static const struct {
    const char *subject[LANGUAGES], *text[LANGUAGES];
} sayings[QW_CLOCKS] = {
#define QW_REMIND(clock, en_subject, fr_subject, en, fr)                       \
    [QW_CLOCK_##clock] = { { en_subject, fr_subject }, { en, fr } },
#include "work/remind_text.def"
};

enum { VALUES = 4 };

static int language_of(const char *code)
{
    return strcmp(code, "fr") == 0 ? FRENCH : ENGLISH;
}

static const char *one_line(const char *value, apr_pool_t *pool)
{
    char *copy = apr_pstrdup(pool, value);

    for (char *c = copy; *c != '\0'; c++)
        if ((unsigned char)*c < ' ' || *c == 0x7f)
            *c = ' ';
    return copy;
}

/* FORM with VALUES for $1 to $4; what is put in is not looked into. */
static const char *fill(const char *form, const char *const *values,
                        apr_pool_t *pool)
{
    apr_array_header_t *parts = apr_array_make(pool, 8, sizeof(char *));
    const char *dollar;

    while ((dollar = strchr(form, '$')) != NULL) {
        APR_ARRAY_PUSH(parts, const char *) =
            apr_pstrmemdup(pool, form, (apr_size_t)(dollar - form));
        APR_ARRAY_PUSH(parts, const char *) =
            one_line(values[dollar[1] - '1'], pool);
        form = dollar + 2;
    }
    APR_ARRAY_PUSH(parts, const char *) = form;
    return apr_array_pstrcat(pool, parts, '\0');
}

static const char *word(word_e key, int language, const char *value,
                        apr_pool_t *pool)
{
    const char *const values[VALUES] = { value, "", "", "" };

    return fill(words[key][language], values, pool);
}

static const char *in_days(const qw_remind_about_t *a, int language,
                           apr_pool_t *pool)
{
    int days = qw_clock_days(a->clock, a->now);

    return word(days > 1 ? WORD_IN_DAYS : WORD_IN_A_DAY, language,
                apr_itoa(pool, days), pool);
}

/* "" of an identity without one: a natural person's. */
static const char *organization(const qw_external_t *e, apr_pool_t *pool)
{
    const char *name = NULL;
    json_t *object;

    if (qw_json_parse_object(&object, e->identity, strlen(e->identity),
                             "identity", pool)
            != NULL
        || qw_json_text(&name, object, "organization", QW_OPTIONAL, pool)
               != NULL)
        return "";
    return name != NULL ? name : "";
}

static void add(apr_array_header_t *lines, word_e key, int language,
                const char *value, apr_pool_t *pool)
{
    if (value != NULL && *value != '\0')
        APR_ARRAY_PUSH(lines, const char *) = word(key, language, value, pool);
}

static void add_foot(apr_array_header_t *lines, const qw_authority_t *a,
                     int language, apr_pool_t *pool)
{
    APR_ARRAY_PUSH(lines, const char *) = "";
    if (a->kind == QW_KIND_TEST)
        add(lines, WORD_TEST_ONLY, language, "-", pool);
    add(lines, WORD_BY_PROGRAM, language, a->name, pool);
    APR_ARRAY_PUSH(lines, const char *) = "";
}

static const char *page_of(const qw_remind_about_t *a, apr_pool_t *pool)
{
    if (a->authority->portal_url == NULL)
        return NULL;
    return apr_pstrcat(pool, a->authority->portal_url, "/account/",
                       a->external->id, NULL);
}

void qw_remind_say(const char **subject, const char **text,
                   const qw_remind_about_t *a, apr_pool_t *pool)
{
    apr_array_header_t *lines = apr_array_make(pool, 8, sizeof(char *));
    int language = language_of(a->language);
    const char *const values[VALUES] = {
        a->external->name, in_days(a, language, pool),
        apr_pstrmemdup(pool, qw_text_time(a->clock->ends, pool), 10),
        a->clock->subject
    };

    *subject = fill(sayings[a->clock->kind].subject[language], values, pool);
    APR_ARRAY_PUSH(lines, const char *) =
        fill(sayings[a->clock->kind].text[language], values, pool);
    APR_ARRAY_PUSH(lines, const char *) = "";
    add(lines, WORD_ORGANIZATION, language, organization(a->external, pool),
        pool);
    if (a->clock->kind == QW_CLOCK_TERMS)
        add(lines, WORD_TERMS_AT, language, a->authority->terms_url, pool);
    add(lines, WORD_PAGE, language, page_of(a, pool), pool);
    add_foot(lines, a->authority, language, pool);
    *text = qw_text_join(lines, "\n", pool);
}

void qw_remind_say_test(const char **subject, const char **text,
                        const qw_authority_t *authority, const char *code,
                        apr_pool_t *pool)
{
    apr_array_header_t *lines = apr_array_make(pool, 4, sizeof(char *));
    int language = language_of(code);

    *subject = word(WORD_TEST_SUBJECT, language, "", pool);
    add(lines, WORD_TEST_TEXT, language, "-", pool);
    add_foot(lines, authority, language, pool);
    *text = qw_text_join(lines, "\n", pool);
}
