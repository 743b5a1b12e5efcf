/* Setters that any directive could use. */
#include "conf/setters.h"
#include "conf/value.h"

#include "base/text.h"

#include <apr_lib.h>
#include <apr_strings.h>

#include <string.h>

const char *qw_set_ignored(const qw_setting_t *s)
{
    return NULL;
}

const char *qw_set_text(const qw_setting_t *s)
{
    if (s->argv[0][0] == '\0')
        return qw_value_bad(s, "", "is empty");
    *(const char **)s->member = apr_pstrdup(s->pool, s->argv[0]);
    return NULL;
}

const char *qw_set_path(const qw_setting_t *s)
{
    if (s->argv[0][0] != '/')
        return qw_value_bad(s, s->argv[0],
                            "is not an absolute path; start it with '/'");
    return qw_set_text(s);
}

const char *qw_set_more_paths(const qw_setting_t *s)
{
    const char *path = NULL, *error;
    qw_setting_t one = *s;

    one.member = &path;
    error = qw_set_path(&one);
    if (error == NULL)
        APR_ARRAY_PUSH(*(apr_array_header_t **)s->member, const char *) = path;
    return error;
}

const char *qw_set_number(const qw_setting_t *s)
{
    char *end;
    apr_int64_t n = apr_strtoi64(s->argv[0], &end, 10);

    if (end == s->argv[0] || *end != '\0' || n < s->low || n > s->high)
        return qw_value_bad(
            s, s->argv[0],
            apr_psprintf(s->pool,
                         "is not a number from %" APR_INT64_T_FMT
                         " to %" APR_INT64_T_FMT,
                         s->low, s->high));
    *(int *)s->member = (int)n;
    return NULL;
}

const char *qw_set_span(const qw_setting_t *s)
{
    apr_int64_t seconds;

    if (!qw_text_parse_span(&seconds, s->argv[0]) || seconds < s->low
        || seconds > s->high)
        return qw_value_bad(s, s->argv[0],
                            apr_psprintf(s->pool,
                                         "is not a time from %" APR_INT64_T_FMT
                                         " to %" APR_INT64_T_FMT
                                         " seconds; write 90s, 30m, 12h or 7d",
                                         s->low, s->high));
    *(apr_interval_time_t *)s->member = apr_time_from_sec(seconds);
    return NULL;
}

const char *qw_set_flag(const qw_setting_t *s)
{
    if (apr_strnatcasecmp(s->argv[0], "on") == 0)
        *(int *)s->member = 1;
    else if (apr_strnatcasecmp(s->argv[0], "off") == 0)
        *(int *)s->member = 0;
    else
        return qw_value_bad(s, s->argv[0], "is neither 'on' nor 'off'");
    return NULL;
}

const char *qw_set_words(const qw_setting_t *s)
{
    apr_array_header_t *words = *(apr_array_header_t **)s->member;
    int i;

    apr_array_clear(words);
    for (i = 0; i < s->argc; i++) {
        if (s->argv[i][0] == '\0')
            return qw_value_bad(s, "", "is empty");
        if (qw_text_in(words, s->argv[i]))
            return qw_value_bad(s, s->argv[i], "is named twice");
        APR_ARRAY_PUSH(words, const char *) = apr_pstrdup(s->pool, s->argv[i]);
    }
    return NULL;
}

const char *qw_set_domains(const qw_setting_t *s)
{
    int i;

    for (i = 0; i < s->argc; i++)
        if (!qw_value_is_domain(s->argv[i]))
            return qw_value_bad(s, s->argv[i],
                                "is not a domain name in lower-case ASCII");
    return qw_set_words(s);
}

const char *qw_set_https_url(const qw_setting_t *s)
{
    if (!qw_value_is_url(s->argv[0], "https://"))
        return qw_value_bad(s, s->argv[0], "is not an https URL with a host");
    return qw_set_text(s);
}

const char *qw_set_http_url(const qw_setting_t *s)
{
    if (!qw_value_is_url(s->argv[0], "http://"))
        return qw_value_bad(s, s->argv[0],
                            "is not an http URL with a host; what helps to "
                            "judge certificates must not need one");
    return qw_set_text(s);
}
