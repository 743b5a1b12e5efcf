/* The parts of pages: escaping, messages, languages, forms, URLs. */
#include "portal/cbor.h"
#include "portal/env.h"
#include "portal/html.h"
#include "portal/portal.h"

#include "tap.h"

#include <apr_general.h>

#include <string.h>

static void test_html(apr_pool_t *pool)
{
    qw_html_t *h = qw_html_make(QW_FRENCH, pool);

    qw_html_put(h, "<a title=\"%s\">%s</a> %m %i%%", "\"><script>'", "a & <b>",
                QW_M_YES, 7);
    is_str(qw_html_text(h),
           "<a title=\"&quot;&gt;&lt;script&gt;&#39;\">a &amp; &lt;b&gt;</a> "
           "oui 7%",
           "OPR-16 text never becomes markup");
    h = qw_html_make(QW_ENGLISH, pool);
    qw_html_put(h, "%s", NULL);
    is_str(qw_html_text(h), "", "nothing is nothing");
    qw_html_say(h, QW_M_ACCOUNT_SUSPEND, "<i>$2", NULL, NULL);
    is_str(qw_html_text(h),
           "Suspend the account at once. Reason: "
           "<strong>&lt;i&gt;$2</strong>.",
           "what is said about is escaped, and not looked into");
}

/* How often each of $1 to $9 stands in TEXT. */
static void count(int *n, const char *text)
{
    for (; *text != '\0'; text++)
        if (*text == '$')
            n[text[1] >= '1' && text[1] <= '9' ? text[1] - '0' : 0]++;
}

static void test_messages(void)
{
    for (int i = 0; i < QW_MESSAGES; i++) {
        const char *en = qw_message((qw_message_e)i, QW_ENGLISH);
        const char *fr = qw_message((qw_message_e)i, QW_FRENCH);
        int n[2][10] = { { 0 } };

        count(n[0], en);
        count(n[1], fr);
        ok(*en != '\0' && *fr != '\0', "both languages say it: %s", en);
        ok(memcmp(n[0], n[1], sizeof n[0]) == 0 && n[0][0] == 0,
           "with the same values");
    }
}

static void test_languages(apr_pool_t *pool)
{
    qw_language_e found;

    ok(qw_language_accepted(NULL, pool) == QW_ENGLISH, "English, if not asked");
    ok(qw_language_accepted("fr-CA,en;q=0.8", pool) == QW_FRENCH, "French");
    ok(qw_language_find(&found, "fr") && found == QW_FRENCH, "by its code");
    ok(!qw_language_find(&found, "de") && !qw_language_find(&found, NULL),
       "or not");
}

static void test_urls(apr_pool_t *pool)
{
    const char *origin, *host, *path;

    qw_portal_split(&origin, &host, &path, "https://p.example:8443/a/b/", pool);
    is_str(origin, "https://p.example:8443", "origin");
    is_str(host, "p.example", "host");
    is_str(path, "/a/b", "path");
    qw_portal_split(&origin, &host, &path, "https://p.example", pool);
    is_str(origin, "https://p.example", "origin alone");
    is_str(path, "", "no path");
}

/* OPR-14: one subject is one, however it is spelled. */
static void test_subjects(apr_pool_t *pool)
{
    static const char *const bad[] = {
        "", " a", "a ", "a  b", "a\xe2\x80\x8b", "a\nb", "a\xff"
    };
    const char *a, *b;

    ok(qw_env_key(&a, "live", "SUB",
                  "Stra\xc3\x9f"
                  "e",
                  pool)
               == NULL
           && qw_env_key(&b, "live", "SUB", "STRASSE", pool) == NULL,
       "subjects");
    is_str(a, b, "case does not count");
    ok(qw_env_key(&b, "live", "SUB", "\xef\xbd\x93trasse", pool) == NULL,
       "wide letters");
    is_str(a, b, "nor do compatible forms");
    ok(qw_env_key(&b, "test", "SUB", "strasse", pool) == NULL
           && strcmp(a, b) != 0,
       "another authority's subject is another one");
    ok(qw_env_key(&b, "live", "USER", "strasse", pool) == NULL
           && strcmp(a, b) != 0,
       "and so is another variable's");
    ok(qw_env_key(&b, "live", "DN", "CN=\"A\\, B\"", pool) == NULL,
       "a distinguished name");
    for (unsigned i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        ok(qw_env_key(&b, "live", "SUB", bad[i], pool) != NULL, "nobody: %u",
           i);
}

/* libcbor makes room for what is only said. */
static void test_cbor(void)
{
    static const struct {
        const char *bytes;
        apr_size_t len, used;
        const char *why;
    } rows[] = {
        { "\xa1\x61x\x81\x01", 5, 5, "a map of an array" },
        { "\x01\x02", 2, 1, "the first of two" },
        { "\xf5", 1, 1, "true" },
        { "\xfb"
          "12345678",
          9, 9, "a float" },
        { "", 0, 0, "nothing" },
        { "\x9a\xff\xff\xff\xff\x01", 6, 0, "members that are not there" },
        { "\xbb\x7f\xff\xff\xff\xff\xff\xff\xff\x01", 10, 0,
          "pairs that are not there" },
        { "\x82\x01", 2, 0, "a member short" },
        { "\x42x", 2, 0, "an octet short" },
        { "\x5b\xff\xff\xff\xff\xff\xff\xff\xff", 9, 0, "a long string" },
        { "\x9f\x01\xff", 3, 0, "indefinite" },
        { "\x1c", 1, 0, "reserved" },
        { "\x19\x01", 2, 0, "a head short" },
        { "\x81\x81\x81\x81\x81\x81\x81\x81\x01", 9, 9, "deep" },
        { "\x81\x81\x81\x81\x81\x81\x81\x81\x81\x01", 10, 0, "too deep" },
    };

    for (unsigned i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        ok(qw_cbor_skim((const unsigned char *)rows[i].bytes, rows[i].len)
               == rows[i].used,
           "%s", rows[i].why);
}

int main(void)
{
    apr_pool_t *pool;

    apr_initialize();
    apr_pool_create(&pool, NULL);
    test_html(pool);
    test_messages();
    test_languages(pool);
    test_urls(pool);
    test_subjects(pool);
    test_cbor();
    apr_pool_destroy(pool);
    return done_testing();
}
