#include "conf/value.h"

#include "base/text.h"

#include <apr_strings.h>

#include <string.h>

#define LOWER_DIGITS "abcdefghijklmnopqrstuvwxyz0123456789"
#define URL_CHARS                                                              \
    LOWER_DIGITS "ABCDEFGHIJKLMNOPQRSTUVWXYZ-._~:/?#[]@!$&'()*+,;=%"

const char *qw_value_bad(const qw_setting_t *s, const char *value,
                         const char *what)
{
    return apr_psprintf(s->pool, "%s: '%s' %s", s->name,
                        qw_text_safe(value, 128, s->pool), what);
}

int qw_value_is_url(const char *value, const char *scheme)
{
    apr_size_t n = strlen(scheme);

    return strncmp(value, scheme, n) == 0
           && strspn(value + n, LOWER_DIGITS "ABCDEFGHIJKLMNOPQRSTUVWXYZ[") > 0
           && value[strspn(value, URL_CHARS)] == '\0';
}

int qw_value_is_domain(const char *value)
{
    apr_size_t n;

    if (strlen(value) > 253)
        return 0;
    for (;;) {
        n = strspn(value, LOWER_DIGITS "-");
        if (n == 0 || n > 63 || value[0] == '-' || value[n - 1] == '-')
            return 0;
        if (value[n] == '\0')
            return 1;
        if (value[n] != '.')
            return 0;
        value += n + 1;
    }
}
