/* The parts of pages: escaping, messages, languages, forms, URLs. */
#include "portal/html.h"
#include "portal/portal.h"

#include "tap.h"

#include <apr_general.h>

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

int main(void)
{
    apr_pool_t *pool;

    apr_initialize();
    apr_pool_create(&pool, NULL);
    test_html(pool);
    test_messages();
    test_languages(pool);
    test_urls(pool);
    apr_pool_destroy(pool);
    return done_testing();
}
