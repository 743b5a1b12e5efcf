#include "base/text.h"

#include <apr_strings.h>

#include <stdio.h>
#include <string.h>

/* Bytes of a character of which LEAD is the first of several; 0 if it is not. */
static apr_size_t length_by(unsigned lead)
{
    if (lead >= 0xf0 && lead < 0xf8)
        return 4;
    if (lead >= 0xe0 && lead < 0xf0)
        return 3;
    return lead >= 0xc0 && lead < 0xe0 ? 2 : 0;
}

/* Length of the UTF-8 character at TEXT of LEFT bytes, and its code point;
 * 0 if it is none (overlong, surrogate, cut, beyond U+10FFFF). */
static apr_size_t character(unsigned *point, const char *text, apr_size_t left)
{
    const unsigned char *s = (const unsigned char *)text;
    static const unsigned least[] = { 0, 0, 0x80, 0x800, 0x10000 };
    apr_size_t n, i;
    unsigned c = s[0];

    if (c < 0x80) {
        *point = c;
        return 1;
    }
    n = length_by(c);
    if (n == 0 || n > left)
        return 0;
    c &= 0x7fu >> n;
    for (i = 1; i < n; i++) {
        if ((s[i] & 0xc0) != 0x80)
            return 0;
        c = c << 6 | (s[i] & 0x3f);
    }
    if (c < least[n] || c > 0x10ffff || (c >= 0xd800 && c <= 0xdfff))
        return 0;
    *point = c;
    return n;
}

/* Characters that change how a line is read instead of being read. */
static int is_harmful(unsigned c)
{
    return c < 0x20 || (c >= 0x7f && c < 0xa0) || c == 0xad
           || (c >= 0x200b && c <= 0x200f) || (c >= 0x2028 && c <= 0x202e)
           || (c >= 0x2060 && c <= 0x206f) || c == 0xfeff
           || (c & 0xfffe) == 0xfffe || c >= 0xe0000;
}

/* LOUD: characters that are spelled out too. */
static const char *spell(const char *value, apr_size_t max, const char *loud,
                         apr_pool_t *pool)
{
    apr_size_t len = strlen(value), i, n;
    apr_size_t take = len < max ? len : max;
    char *out = apr_palloc(pool, take * 4 + 4), *o = out;

    for (i = 0; i < take; i += n) {
        unsigned c = 0;
        apr_size_t whole = character(&c, value + i, len - i);

        n = whole > 0 ? whole : 1;
        if (i + n > take)
            break;
        if (whole > 0 && !is_harmful(c)
            && (n > 1 || strchr(loud, (int)c) == NULL)) {
            memcpy(o, value + i, n);
            o += n;
            continue;
        }
        for (whole = 0; whole < n; whole++)
            o += apr_snprintf(o, 5, "\\x%02X", (unsigned char)value[i + whole]);
    }
    apr_cpystrn(o, len > take ? "..." : "", 4);
    return out;
}

const char *qw_text_safe(const char *value, apr_size_t max, apr_pool_t *pool)
{
    return value != NULL ? spell(value, max, "\"\\", pool) : "(null)";
}

const char *qw_text_shown(const char *value, apr_pool_t *pool)
{
    return spell(value, strlen(value), "", pool);
}

int qw_text_is_utf8(const char *text, apr_size_t len)
{
    apr_size_t i, n;
    unsigned c;

    for (i = 0; i < len; i += n) {
        n = character(&c, text + i, len - i);
        if (n == 0 || c == 0)
            return 0;
    }
    return 1;
}

apr_size_t qw_text_chars(const char *utf8)
{
    apr_size_t n = 0;

    for (; *utf8 != '\0'; utf8++)
        n += (*utf8 & 0xc0) != 0x80;
    return n;
}

const char *qw_text_lower(const char *text, apr_pool_t *pool)
{
    char *copy = apr_pstrdup(pool, text), *c;

    for (c = copy; *c != '\0'; c++)
        if (*c >= 'A' && *c <= 'Z')
            *c = (char)(*c - 'A' + 'a');
    return copy;
}

apr_array_header_t *qw_text_words(const char *text, apr_pool_t *pool)
{
    static const char gaps[] = " \t\r\n,";
    apr_array_header_t *words = apr_array_make(pool, 4, sizeof(const char *));

    for (text += strspn(text, gaps); *text != '\0';
         text += strspn(text, gaps)) {
        apr_size_t len = strcspn(text, gaps);

        APR_ARRAY_PUSH(words, const char *) = apr_pstrmemdup(pool, text, len);
        text += len;
    }
    return words;
}

const char *qw_text_join(const apr_array_header_t *words, const char *sep,
                         apr_pool_t *pool)
{
    apr_size_t sep_len = strlen(sep), len = 1;
    char *all, *to;
    int i;

    for (i = 0; i < words->nelts; i++)
        len += strlen(APR_ARRAY_IDX(words, i, const char *)) + sep_len;
    to = all = apr_palloc(pool, len);
    for (i = 0; i < words->nelts; i++) {
        const char *word = APR_ARRAY_IDX(words, i, const char *);

        if (i > 0)
            to = (char *)memcpy(to, sep, sep_len) + sep_len;
        to = (char *)memcpy(to, word, strlen(word)) + strlen(word);
    }
    *to = '\0';
    return all;
}

int qw_text_in(const apr_array_header_t *words, const char *word)
{
    int i;

    for (i = 0; i < words->nelts; i++)
        if (strcmp(APR_ARRAY_IDX(words, i, const char *), word) == 0)
            return 1;
    return 0;
}

const char *qw_text_time(apr_time_t when, apr_pool_t *pool)
{
    apr_time_exp_t t;

    apr_time_exp_gmt(&t, when);
    return apr_psprintf(pool, "%04d-%02d-%02dT%02d:%02d:%02dZ",
                        t.tm_year + 1900, t.tm_mon + 1, t.tm_mday, t.tm_hour,
                        t.tm_min, t.tm_sec);
}

/* 1 if TEXT has FORM, where '0' stands for a digit. */
static int has_form(const char *text, const char *form)
{
    for (; *form != '\0'; form++, text++)
        if (*form == '0' ? *text < '0' || *text > '9' : *text != *form)
            return 0;
    return *text == '\0';
}

static int read_fields(apr_time_exp_t *t, const char *text)
{
    if (has_form(text, "0000-00-00"))
        return sscanf(text, "%4d-%2d-%2d", &t->tm_year, &t->tm_mon, &t->tm_mday)
               == 3;
    return has_form(text, "0000-00-00T00:00:00Z")
           && sscanf(text, "%4d-%2d-%2dT%2d:%2d:%2d", &t->tm_year, &t->tm_mon,
                     &t->tm_mday, &t->tm_hour, &t->tm_min, &t->tm_sec)
                  == 6;
}

int qw_text_parse_time(apr_time_t *when, const char *text)
{
    apr_time_exp_t t, back;
    apr_time_t at;

    memset(&t, 0, sizeof(t));
    if (!read_fields(&t, text))
        return 0;
    t.tm_year -= 1900;
    t.tm_mon -= 1;
    if (apr_time_exp_gmt_get(&at, &t) != APR_SUCCESS)
        return 0;
    apr_time_exp_gmt(&back, at); /* 31 February comes back as March */
    if (back.tm_mday != t.tm_mday || back.tm_mon != t.tm_mon
        || back.tm_hour != t.tm_hour || back.tm_min != t.tm_min
        || back.tm_sec != t.tm_sec)
        return 0;
    *when = at;
    return 1;
}

static const struct {
    const char *name;
    apr_int64_t seconds;
} units[] = {
    { "d", 86400 }, { "h", 3600 }, { "m", 60 }, { "s", 1 }, { "", 1 }
};

enum { UNITS = sizeof(units) / sizeof(units[0]), UNITS_MOST = 1000000 };

int qw_text_parse_span(apr_int64_t *seconds, const char *text)
{
    char *end;
    apr_int64_t n = apr_strtoi64(text, &end, 10);

    if (text[0] < '0' || text[0] > '9' || n > UNITS_MOST)
        return 0;
    for (int i = 0; i < UNITS; i++) {
        if (strcmp(units[i].name, end) == 0) {
            *seconds = n * units[i].seconds;
            return 1;
        }
    }
    return 0;
}

const char *qw_text_span(apr_int64_t seconds, apr_pool_t *pool)
{
    int i = 0;

    while (seconds % units[i].seconds != 0)
        i++;
    return apr_psprintf(pool, "%" APR_INT64_T_FMT "%s",
                        seconds / units[i].seconds, units[i].name);
}
