/* Setters of the portal's directives. */
#include "base/text.h"
#include "conf/setters.h"
#include "conf/value.h"

#include <apr_strings.h>

#include <string.h>

static const char *span(apr_interval_time_t *value, const qw_setting_t *s,
                        int n)
{
    qw_setting_t one = *s;

    one.member = value;
    one.argv = s->argv + n;
    one.argc = 1;
    return qw_set_span(&one);
}

const char *qw_set_portal_session(const qw_setting_t *s)
{
    qw_authority_t *a = s->authority;
    const char *error = span(&a->portal_idle, s, 0);

    if (error == NULL && s->argc > 1)
        error = span(&a->portal_most, s, 1);
    if (error == NULL && a->portal_idle > a->portal_most)
        return qw_value_bad(s, s->argv[0],
                            "is longer than a session lasts at most; write the "
                            "longer time second");
    return error;
}

/* 8-4-4-4-12 hexadecimal digits. */
static int is_aaguid(const char *text)
{
    static const char form[] = "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx";

    if (strlen(text) != sizeof form - 1)
        return 0;
    for (apr_size_t i = 0; i < sizeof form - 1; i++)
        if (form[i] == '-' ? text[i] != '-'
                           : strchr("0123456789abcdef", text[i]) == NULL)
            return 0;
    return 1;
}

const char *qw_set_aaguids(const qw_setting_t *s)
{
    apr_array_clear(s->authority->passkey_aaguids);
    for (int i = 0; i < s->argc; i++) {
        const char *lower = qw_text_lower(s->argv[i], s->pool);

        if (!is_aaguid(lower))
            return qw_value_bad(s, s->argv[i],
                                "is no AAGUID; write it as "
                                "ee882879-721c-4913-9775-3dfcce97072a");
        APR_ARRAY_PUSH(s->authority->passkey_aaguids, const char *) = lower;
    }
    return NULL;
}
