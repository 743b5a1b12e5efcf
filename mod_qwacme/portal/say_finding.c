#include "portal/say_finding.h"

#include <apr_strings.h>

#include <string.h>

enum { ARGS = 3 };

/* Words of each finding, and its cure. */
#define MEND_GOOD(code) QW_MESSAGES
#define MEND_FAIR(code) QW_M_C_##code
#define MEND_BAD(code)  QW_M_C_##code

static const struct {
    qw_message_e words, cure;
} said[QW_FINDINGS] = {
#define QW_FINDING(code, name, mood) { QW_M_F_##code, MEND_##mood(code) },
#include "check/findings.def"
};

static const qw_message_e moods[] = { QW_M_MOOD_GOOD, QW_M_MOOD_FAIR,
                                      QW_M_MOOD_BAD };

/* *FINDING and ARGS of FOUND; 0 if it is none. */
static int read_found(qw_finding_e *finding, const char *args[ARGS],
                      const json_t *found)
{
    const json_t *list = json_object_get(found, "args");
    const char *name = json_string_value(json_object_get(found, "finding"));

    for (int i = 0; i < ARGS; i++) {
        args[i] = json_string_value(json_array_get(list, (size_t)i));
        if (args[i] == NULL)
            args[i] = "";
    }
    return name != NULL && qw_finding_find(finding, name);
}

static void say_one(const qw_page_t *page, const json_t *found)
{
    const char *perspective =
        json_string_value(json_object_get(found, "perspective"));
    const char *args[ARGS];
    qw_finding_e finding;
    qw_mood_e mood;

    if (!read_found(&finding, args, found))
        return;
    mood = qw_finding_mood(finding);
    qw_html_put(page->html,
                "<li class=\"%s\"><p><span class=\"state\">%m</span> ",
                qw_mood_word(mood), moods[mood]);
    qw_html_say(page->html, said[finding].words, args[0], args[1], args[2]);
    if (perspective != NULL && qw_page_is_provider(page))
        qw_html_put(page->html, " (%s)", perspective);
    qw_html_put(page->html, "</p>");
    if (said[finding].cure != QW_MESSAGES) {
        qw_html_put(page->html, "<p class=\"cure\">%m ", QW_M_CURE);
        qw_html_say(page->html, said[finding].cure, args[0], args[1], args[2]);
        qw_html_put(page->html, "</p>");
    }
    qw_html_put(page->html, "</li>");
}

void qw_findings_say(const qw_page_t *page, const json_t *findings)
{
    const json_t *found;
    size_t i;

    qw_html_put(page->html, "<ul class=\"findings\">");
    json_array_foreach(findings, i, found) say_one(page, found);
    qw_html_put(page->html, "</ul>");
}

/* MESSAGE with ARGS in it. */
static const char *fill(qw_message_e message, const char *const args[ARGS],
                        qw_language_e language, apr_pool_t *pool)
{
    const char *rest = qw_message(message, language), *dollar;
    const char *text = "";

    while ((dollar = strchr(rest, '$')) != NULL && dollar[1] >= '1'
           && dollar[1] <= '0' + ARGS) {
        text =
            apr_pstrcat(pool, text,
                        apr_pstrmemdup(pool, rest, (apr_size_t)(dollar - rest)),
                        args[dollar[1] - '1'], NULL);
        rest = dollar + 2;
    }
    return apr_pstrcat(pool, text, rest, NULL);
}

const char *qw_finding_text(const char **cure, const json_t *found,
                            qw_language_e language, apr_pool_t *pool)
{
    const char *args[ARGS];
    qw_finding_e finding;

    *cure = NULL;
    if (!read_found(&finding, args, found))
        return NULL;
    if (said[finding].cure != QW_MESSAGES)
        *cure = fill(said[finding].cure, args, language, pool);
    return fill(said[finding].words, args, language, pool);
}
