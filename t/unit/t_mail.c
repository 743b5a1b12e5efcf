/* Headers of mail: nothing that is said in one begins another; addresses. And what
 * reminders say. */
#include "tap.h"

#include "net/mail.h"
#include "work/remind_text.h"

#include <apr_general.h>
#include <apr_strings.h>

static void test_addresses(apr_pool_t *pool)
{
    static const char *const good[] = { "a@b", "olga.o'x+y=z@exemple.fr" };
    static const char *const bad[] = {
        "",      "a",           "@b",         "a@",    "a@b@c",
        "a b@c", "a@b\r\nDATA", "a@b\n",      "<a@b>", "a@b>",
        "a@b,c", "\"a\"@b",     "\xc3\xa9@b", "a@b;c", "a@\x7f"
    };

    for (unsigned i = 0; i < 2; i++)
        ok(qw_mail_is_address(good[i]), "%s is an address", good[i]);
    for (unsigned i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        ok(!qw_mail_is_address(bad[i]), "what is no address, %u", i);
    ok(!qw_mail_is_address(apr_psprintf(pool, "%0250d@b.test", 1)),
       "nor is one that is too long");
}

/* Lines of 76 at most; the later ones begin with a space. */
static int is_folded(const char *header)
{
    for (;;) {
        apr_size_t len = strcspn(header, "\r\n");

        if (len > 76)
            return 0;
        header += len;
        if (*header == '\0')
            return 1;
        if (strncmp(header, "\r\n ", 3) != 0)
            return 0;
        header += 2;
    }
}

static void test_headers(apr_pool_t *pool)
{
    const char *text;

    is_str(qw_mail_header_text("External account a", pool),
           "External account a", "what is short and plain stays");
    is_str(qw_mail_header_text("H\xc3\xa4\xc3\x9f", pool),
           "=?UTF-8?B?SMOkw58=?=", "what is not is an encoded word");
    is_str(qw_mail_header_text("a\r\nBcc: x@y", pool), "a  Bcc: x@y",
           "a line cannot end");
    is_str(qw_mail_header_text("=?UTF-8?B?eA==?=", pool),
           "=?UTF-8?B?PT9VVEYtOD9CP2VBPT0/PQ==?=",
           "what looks encoded is shown as it is");
    text =
        qw_mail_header_text("\xe2\x82\xac\xe2\x82\xac\xe2\x82\xac\xe2\x82\xac"
                            "\xe2\x82\xac\xe2\x82\xac"
                            "\xe2\x82\xac\xe2\x82\xac\xe2\x82\xac\xe2\x82\xac"
                            "\xe2\x82\xac\xe2\x82\xac"
                            "\xe2\x82\xac\xe2\x82\xac x\xe2\x82\xac\r\n\r\nx",
                            pool);
    ok(is_folded(text), "long ones are folded");
    ok(strstr(text, "4oKs?=\r\n =?UTF-8?B?") != NULL, "between two characters");
    is_str(qw_mail_date(apr_time_from_sec(1796655845), pool),
           "Mon, 07 Dec 2026 15:04:05 +0000", "a date of RFC 5322");
}

static void test_texts(apr_pool_t *pool)
{
    qw_external_t e = { .id = "i",
                        .name = "a$1\r\nb",
                        .identity = "{\"organization\":\"O\\nP\"}" };
    qw_clock_t c = { QW_CLOCK_ACCOUNT, "i", "s", 1, apr_time_from_sec(86400) };
    qw_remind_about_t about = { qw_authority_make("live", pool), &e, &c, "en",
                                1 };
    const char *subject, *text;

    for (int i = 0; i < QW_CLOCKS; i++) {
        c.kind = (qw_clock_e)i;
        about.language = "en";
        qw_remind_say(&subject, &text, &about, pool);
        ok(strstr(subject, "a$1  b") != NULL && strchr(subject, '\n') == NULL,
           "%s: one line, and what is put in is not looked into",
           qw_clock_word(c.kind));
        ok(strstr(text, "Organization: O P\n") != NULL
               && strchr(text, '\r') == NULL,
           "and in the text");
        about.language = "fr";
        qw_remind_say(&subject, &text, &about, pool);
        ok(strstr(text, "Organisation : O P\n") != NULL, "and in French");
    }
    c.kind = QW_CLOCK_ACCOUNT;
    c.ends = 3 * apr_time_from_sec(86400);
    about.language = "en";
    e.identity = "{\"surname\":\"X\"}";
    qw_remind_say(&subject, &text, &about, pool);
    ok(strstr(subject, "ends in 3 days") != NULL, "days are counted");
    ok(strstr(text, "Organization") == NULL && strstr(text, "page:") == NULL,
       "what there is not is not told");
}

int main(void)
{
    apr_pool_t *pool;

    apr_initialize();
    apr_pool_create(&pool, NULL);
    test_addresses(pool);
    test_headers(pool);
    test_texts(pool);
    apr_pool_destroy(pool);
    apr_terminate();
    return done_testing();
}
