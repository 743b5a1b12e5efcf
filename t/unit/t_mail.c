/* Headers of mail: nothing that is said in one begins another; addresses. Servers
 * that do what they should not. And what reminders say. */
#include "tap.h"

#include "base/world.h"

#include "net/http_get.h"
#include "net/mail.h"
#include "work/remind_text.h"

#include <apr_general.h>
#include <apr_strings.h>

#include <arpa/inet.h>
#include <poll.h>
#include <pthread.h>
#include <string.h>
#include <unistd.h>

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

/* ---- servers --------------------------------------------------------------------- */

/* One connection: what the server says first and after each line it gets, until the
 * NULL; then it closes, or is silent until its peer leaves. */
typedef struct {
    const char *says[8];
    int closes;
    int listener, port;
    char got[2048];
} server_t;

/* 0: the peer has gone, or said too much. */
static int take_line(server_t *s, int fd)
{
    struct pollfd p = { fd, POLLIN, 0 };
    size_t len = strlen(s->got);

    while (len < sizeof(s->got) - 1 && poll(&p, 1, 10000) == 1
           && read(fd, s->got + len, 1) == 1)
        if (s->got[len++] == '\n')
            return 1;
    return 0;
}

static void *serve(void *baton)
{
    server_t *s = baton;
    int fd = accept(s->listener, NULL, NULL);

    for (int i = 0; s->says[i] != NULL; i++)
        if (write(fd, s->says[i], strlen(s->says[i])) < 0 || !take_line(s, fd))
            break;
    while (!s->closes && take_line(s, fd))
        continue;
    close(fd);
    return NULL;
}

static int start(server_t *s, pthread_t *thread)
{
    struct sockaddr_in at = { .sin_family = AF_INET };
    socklen_t len = sizeof(at);

    at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    s->listener = socket(AF_INET, SOCK_STREAM, 0);
    if (bind(s->listener, (struct sockaddr *)&at, len) != 0
        || listen(s->listener, 1) != 0
        || getsockname(s->listener, (struct sockaddr *)&at, &len) != 0)
        return 0;
    s->port = ntohs(at.sin_port);
    return pthread_create(thread, NULL, serve, s) == 0;
}

/* What comes of a mail to S, with TLS or without, in half a second. */
static const char *tried(server_t *s, int tls, apr_pool_t *pool)
{
    qw_mail_t mail = { .from = "a@b.test",
                       .to = "c@d.test",
                       .subject = "s",
                       .text = "t\n",
                       .language = "en",
                       .id = "i" };
    qw_mail_server_t to = { .tls = tls, .user = "u", .password = "pa55w0rd" };
    qw_problem_t *prob;
    pthread_t thread;

    ok(start(s, &thread), "a server");
    to.url = apr_psprintf(pool, "smtp://127.0.0.1:%d", s->port);
    to.deadline = qw_world()->now() + apr_time_from_msec(500);
    prob = qw_mail_send(&to, &mail, pool);
    pthread_join(thread, NULL);
    close(s->listener);
    ok(qw_world()->now() < to.deadline + apr_time_from_sec(3),
       "it ends in time");
    ok(prob == NULL || strstr(qw_problem_for_log(prob, pool), "pa55") == NULL,
       "the password is in no problem");
    return prob == NULL ? "sent" : prob->detail;
}

#define HELLO "220 x ESMTP\r\n"

static void test_servers(apr_pool_t *pool)
{
    server_t silent = { .says = { NULL } }, slow = { .says = { HELLO, NULL } },
             gone = { .says = { HELLO, NULL }, .closes = 1 },
             web = { .says = { "HTTP/1.1 200 OK\r\n\r\n", NULL } },
             refuses = { .says = { "554 \x1b[2Jgo away\r\n", NULL } },
             stripped = { .says = { HELLO, "250-x\r\n250 AUTH PLAIN\r\n",
                                    "221 bye\r\n", NULL } },
             weak = { .says = { HELLO, "250-x\r\n250 STARTTLS\r\n",
                                "454 not now\r\n", "221 bye\r\n", NULL } },
             injects = { .says = { HELLO, "250-x\r\n250 STARTTLS\r\n",
                                   "220 go\r\n250 AUTH PLAIN\r\n", NULL } };
    const char *why;

    ok(strstr(tried(&silent, 0, pool), "did not take it") != NULL, "silence");
    ok(strstr(tried(&slow, 1, pool), "did not take it") != NULL,
       "silence after a word");
    ok(strstr(tried(&gone, 1, pool), "did not take it") != NULL, "a hang-up");
    ok(strstr(tried(&web, 0, pool), "did not take it") != NULL,
       "another protocol");
    why = tried(&refuses, 0, pool);
    ok(strstr(why, "go away") != NULL && strchr(why, '\x1b') == NULL,
       "a refusal is told, but nothing that a terminal obeys: %s", why);
    tried(&stripped, 1, pool);
    ok(strncmp(stripped.got, "EHLO", 4) == 0
           && strstr(stripped.got, "AUTH") == NULL
           && strstr(stripped.got, "MAIL") == NULL,
       "STARTTLS that was taken out: nothing is said in clear");
    tried(&weak, 1, pool);
    ok(strstr(weak.got, "STARTTLS") != NULL && strstr(weak.got, "AUTH") == NULL
           && strstr(weak.got, "MAIL") == NULL,
       "nor if it is refused");
    tried(&injects, 1, pool);
    ok(strstr(injects.got, "AUTH") == NULL
           && strstr(injects.got, "MAIL") == NULL,
       "nor is what came before TLS an answer");
}

int main(void)
{
    apr_pool_t *pool;

    apr_initialize();
    apr_pool_create(&pool, NULL);
    test_addresses(pool);
    test_headers(pool);
    test_texts(pool);
    ok(qw_http_init(pool) == NULL, "libcurl");
    test_servers(pool);
    apr_pool_destroy(pool);
    apr_terminate();
    return done_testing();
}
