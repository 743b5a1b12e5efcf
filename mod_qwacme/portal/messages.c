#include "portal/messages.h"

#include "base/web.h"

#include <string.h>
#include <strings.h>

static const char *const texts[QW_MESSAGES][QW_LANGUAGES] = {
#define QW_MESSAGE(key, english, french) { english, french },
#include "portal/messages.def"
};

static const char *const codes[QW_LANGUAGES] = { "en", "fr" };

const char *qw_message(qw_message_e message, qw_language_e language)
{
    return texts[message][language];
}

const char *qw_language_code(qw_language_e language)
{
    return codes[language];
}

int qw_language_find(qw_language_e *language, const char *code)
{
    for (int i = 0; code != NULL && i < QW_LANGUAGES; i++)
        if (strcasecmp(code, codes[i]) == 0) {
            *language = (qw_language_e)i;
            return 1;
        }
    return 0;
}

qw_language_e qw_language_accepted(const char *header, apr_pool_t *pool)
{
    static const char *const offered[] = { "en", "fr", NULL };

    return (qw_language_e)qw_language_choose(header, offered, pool);
}
