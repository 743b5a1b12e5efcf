#include "base/text.h"

#include "tap.h"

#include <apr_general.h>
#include <apr_strings.h>

static apr_pool_t *pool;

static const struct {
    const char *in, *out, *why;
} safe[] = {
    { "plain text", "plain text", "plain text stays" },
    { "", "", "so does nothing" },
    { "Soci\xc3\xa9t\xc3\xa9", "Soci\xc3\xa9t\xc3\xa9", "and other letters" },
    { "\xf0\x9f\x94\x91", "\xf0\x9f\x94\x91", "and four bytes" },
    { "a\nb\r\tc", "a\\x0Ab\\x0D\\x09c", "a log line stays one line" },
    { "\x1b[31m", "\\x1B[31m", "no escape reaches a terminal" },
    { "\x7f", "\\x7F", "DEL" },
    { "\xc2\x85", "\\xC2\\x85", "C1 controls" },
    { "a\"b\\c", "a\\x22b\\x5Cc", "quotes and backslashes" },
    { "\xff", "\\xFF", "what is no UTF-8" },
    { "\xc3", "\\xC3", "a character that is cut" },
    { "\xc0\xaf", "\\xC0\\xAF", "an overlong one" },
    { "\xed\xa0\x80", "\\xED\\xA0\\x80", "a surrogate" },
    { "\xf4\x90\x80\x80", "\\xF4\\x90\\x80\\x80", "beyond U+10FFFF" },
    { "\xe2\x80\xae", "\\xE2\\x80\\xAE", "U+202E turns a line around" },
    { "\xe2\x81\xa6", "\\xE2\\x81\\xA6", "U+2066 does too" },
    { "\xe2\x80\x8b", "\\xE2\\x80\\x8B", "zero-width space" },
    { "\xe2\x80\xa8", "\\xE2\\x80\\xA8", "U+2028 ends a line" },
    { "\xc2\xad", "\\xC2\\xAD", "soft hyphen" },
    { "\xef\xbb\xbf", "\\xEF\\xBB\\xBF", "byte order mark" },
    { "\xef\xbf\xbf", "\\xEF\\xBF\\xBF", "noncharacter" },
    { "\xf3\xa0\x81\x81", "\\xF3\\xA0\\x81\\x81", "tag characters" },
};

static void test_safe(void)
{
    unsigned i;

    for (i = 0; i < sizeof(safe) / sizeof(safe[0]); i++)
        is_str(qw_text_safe(safe[i].in, 100, pool), safe[i].out, safe[i].why);
    for (i = 0; i < sizeof(safe) / sizeof(safe[0]); i++)
        if (strpbrk(safe[i].in, "\"\\") == NULL)
            is_str(qw_text_shown(safe[i].in, pool), safe[i].out,
                   apr_pstrcat(pool, "shown: ", safe[i].why, NULL));
    is_str(qw_text_shown("{\"a\":\"b\\c\"}", pool), "{\"a\":\"b\\c\"}",
           "quotes and backslashes are shown as they are");
    is_str(qw_text_safe(NULL, 100, pool), "(null)", "NULL is told");
    is_str(qw_text_safe("abcdef", 3, pool), "abc...", "a cut is told");
    is_str(qw_text_safe("abc", 3, pool), "abc", "what fits is not cut");
    is_str(qw_text_safe("ab\xc3\xa9z", 3, pool), "ab...",
           "no character is cut in half");
    is_str(qw_text_safe("\n\n\n", 2, pool), "\\x0A\\x0A...",
           "the worst case has room");
}

static void test_utf8(void)
{
    ok(qw_text_is_utf8("a\xc3\xa9\xe2\x82\xac\xf0\x9f\x94\x91", 10), "UTF-8");
    ok(qw_text_is_utf8("", 0), "nothing is UTF-8");
    ok(!qw_text_is_utf8("a\0b", 3), "NUL is not");
    ok(!qw_text_is_utf8("\xc3", 1), "nor half a character");
    ok(!qw_text_is_utf8("\xc3\xa9", 1), "even if the rest follows");
    ok(!qw_text_is_utf8("\x80", 1), "nor a lone continuation");
    ok(!qw_text_is_utf8("\xe0\x80\xaf", 3), "nor an overlong one");
    ok(!qw_text_is_utf8("\xf8\x88\x80\x80\x80", 5), "nor five bytes");
    ok(qw_text_chars("a\xc3\xa9\xe2\x82\xac\xf0\x9f\x94\x91") == 4,
       "four characters");
    ok(qw_text_chars("") == 0, "none");
}

static void test_words(void)
{
    apr_array_header_t *words = qw_text_words(" a, b\t\nc,,d ", pool);

    is_str(qw_text_join(words, "|", pool), "a|b|c|d",
           "words between white space and commas");
    ok(qw_text_words(" , ", pool)->nelts == 0, "no word in gaps");
    is_str(qw_text_join(qw_text_words("", pool), "|", pool), "",
           "nothing joined is nothing");
    ok(qw_text_in(words, "c") && !qw_text_in(words, "C")
           && !qw_text_in(words, ""),
       "a word is found as it is");
    is_str(qw_text_lower("AZaz09-\xc3\x89I", pool), "azaz09-\xc3\x89i",
           "ASCII becomes lower case, nothing else");
}

static const struct {
    const char *text;
    int taken;
} times[] = {
    { "2026-11-23T18:00:01Z", 1 },
    { "2026-11-23", 1 },
    { "2028-02-29", 1 },
    { "2027-02-29", 0 },
    { "2026-13-01", 0 },
    { "2026-00-10", 0 },
    { "2026-11-31", 0 },
    { "2026-11-23T24:00:00Z", 0 },
    { "2026-11-23T23:60:00Z", 0 },
    { "2026-11-23T23:59:60Z", 0 },
    { "2026-11-23T18:00:01", 0 },
    { "2026-11-23T18:00:01+01:00", 0 },
    { "2026-11-23T18:00:01.5Z", 0 },
    { "2026-11-23 18:00:01Z", 0 },
    { "2026-11-23T18:00:01Zx", 0 },
    { "2026-11-23T18:0:001Z", 0 },
    { "2026-1-23", 0 },
    { "26-11-23", 0 },
    { "2026-11-23x", 0 },
    { " 2026-11-23", 0 },
    { "+026-11-23", 0 },
    { "2026--1-23", 0 },
    { "2026-11- 3", 0 },
    { "2026-+1-23", 0 },
    { "2026-11-23T+8:00:01Z", 0 },
    { "", 0 },
    { "tomorrow", 0 },
    { "2026-11-23t18:00:01z", 0 },
};

static void test_time(void)
{
    apr_time_t when = 0;
    unsigned i;

    is_str(qw_text_time(apr_time_from_sec(0), pool), "1970-01-01T00:00:00Z",
           "the beginning");
    is_str(qw_text_time(apr_time_from_sec(1795456801) + 999999, pool),
           "2026-11-23T18:00:01Z", "microseconds are cut");
    for (i = 0; i < sizeof(times) / sizeof(times[0]); i++)
        ok(qw_text_parse_time(&when, times[i].text) == times[i].taken, "%s: %s",
           times[i].taken ? "taken" : "refused", times[i].text);
    ok(qw_text_parse_time(&when, "2026-11-23T18:00:01Z")
           && when == apr_time_from_sec(1795456801),
       "a time comes back");
    ok(qw_text_parse_time(&when, "2026-11-23")
           && strcmp(qw_text_time(when, pool), "2026-11-23T00:00:00Z") == 0,
       "a date is its midnight");
}

static void test_span(void)
{
    static const struct {
        const char *text;
        apr_int64_t seconds; /* -1: refused */
        const char *back;
    } spans[] = { { "90", 90, "90s" },      { "90s", 90, "90s" },
                  { "30m", 1800, "30m" },   { "12h", 43200, "12h" },
                  { "7d", 604800, "7d" },   { "0", 0, "0d" },
                  { "48h", 172800, "2d" },  { "", -1, NULL },
                  { "h", -1, NULL },        { "-1h", -1, NULL },
                  { "+1h", -1, NULL },      { " 1h", -1, NULL },
                  { "1hh", -1, NULL },      { "1.5h", -1, NULL },
                  { "1000001s", -1, NULL }, { "1w", -1, NULL } };
    apr_int64_t seconds = -1;

    for (unsigned i = 0; i < sizeof(spans) / sizeof(spans[0]); i++) {
        int taken = qw_text_parse_span(&seconds, spans[i].text);

        ok(taken == (spans[i].seconds >= 0)
               && (!taken || seconds == spans[i].seconds),
           "the span '%s'", spans[i].text);
        if (taken)
            is_str(qw_text_span(seconds, pool), spans[i].back, "as text");
    }
}

int main(void)
{
    apr_initialize();
    apr_pool_create(&pool, NULL);
    test_safe();
    test_utf8();
    test_words();
    test_time();
    test_span();
    apr_pool_destroy(pool);
    apr_terminate();
    return done_testing();
}
