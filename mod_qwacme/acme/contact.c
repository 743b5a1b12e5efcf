#include "acme/contact.h"

#include "base/text.h"

#include <apr_lib.h>

#include <string.h>
#include <strings.h>

enum { CONTACTS_MOST = 10, LOCAL_MOST = 64, ADDRESS_MOST = 254 };

/* Domains that RFC 2606 keeps for examples cannot take mail. */
static const char *const reserved[] = { "example.com", "example.net",
                                        "example.org" };

static int is_local_part(const char *text, apr_size_t len)
{
    apr_size_t i;

    if (len == 0 || len > LOCAL_MOST || text[0] == '.' || text[len - 1] == '.')
        return 0;
    for (i = 0; i < len; i++)
        if (!apr_isalnum(text[i])
            && strchr("!#$&'*+-/=^_`{|}~.", text[i]) == NULL)
            return 0;
    return 1;
}

static int is_label(const char *text, apr_size_t len)
{
    apr_size_t i;

    if (len == 0 || len > 63 || text[0] == '-' || text[len - 1] == '-')
        return 0;
    for (i = 0; i < len; i++)
        if (!apr_isalnum(text[i]) && text[i] != '-')
            return 0;
    return 1;
}

static int is_mail_domain(const char *text)
{
    int labels = 0;
    unsigned i;

    for (i = 0; i < sizeof(reserved) / sizeof(reserved[0]); i++)
        if (strcasecmp(text, reserved[i]) == 0)
            return 0;
    for (;; text++) {
        apr_size_t len = strcspn(text, ".");

        if (!is_label(text, len))
            return 0;
        labels++;
        text += len;
        if (*text == '\0')
            return labels > 1;
    }
}

/* RFC8555-7.3: one addr-spec, and no hfields. */
static int is_address(const char *text)
{
    const char *at = strchr(text, '@');

    return at != NULL && strlen(text) <= ADDRESS_MOST
           && is_local_part(text, (apr_size_t)(at - text))
           && is_mail_domain(at + 1);
}

static qw_problem_t *check(const json_t *item, apr_pool_t *pool)
{
    const char *text = json_string_value(item);

    if (text == NULL)
        return QW_FAIL(pool, MALFORMED, "contact: not a string");
    if (strncasecmp(text, "mailto:", 7) != 0)
        return QW_FAIL(pool, UNSUPPORTED_CONTACT,
                       "contact: '%s' is not a mailto: URL",
                       qw_text_safe(text, 64, pool));
    if (!is_address(text + 7))
        return QW_FAIL(pool, INVALID_CONTACT,
                       "contact: '%s' is not one plain mail address",
                       qw_text_safe(text + 7, 64, pool));
    return NULL;
}

qw_problem_t *qw_contacts_read(const char **contacts, const json_t *payload,
                               apr_pool_t *pool)
{
    json_t *list, *item;
    apr_size_t i;

    *contacts = NULL;
    QW_TRY(qw_json_array(&list, payload, "contact", QW_OPTIONAL, pool));
    if (list == NULL)
        return NULL;
    if (json_array_size(list) > CONTACTS_MOST)
        return QW_FAIL(pool, INVALID_CONTACT, "contact: more than %d",
                       CONTACTS_MOST);
    json_array_foreach(list, i, item) QW_TRY(check(item, pool));
    *contacts = qw_json_dump(list, pool);
    return NULL;
}
