/* How many perspectives must agree, and from where: BR-3.2.2.9; and which
 * answers are one. */
#include "base/b64.h"
#include "check/mpic.h"
#include "tap.h"

#include <apr_general.h>
#include <apr_strings.h>

#include <string.h>

static apr_pool_t *pool;

/* VOTES as text: a capital letter is a region, then + - or ? */
static qw_quorum_e judge(const char *text, int needed)
{
    qw_perspective_t places[16] = { { NULL } };
    qw_vote_t votes[16] = { { NULL } };
    int n = 0;

    for (; *text != '\0'; text += 2, n++) {
        places[n].region = apr_pstrmemdup(pool, text, 1);
        votes[n].perspective = &places[n];
        votes[n].vote = text[1] == '+'   ? QW_VOTE_YES
                        : text[1] == '-' ? QW_VOTE_NO
                                         : QW_VOTE_SILENT;
    }
    return qw_quorum_judge(votes, n,
                           needed != 0 ? needed : qw_perspectives_least(n));
}

static void test_quorum(void)
{
    static const struct {
        const char *votes;
        int needed;
        qw_quorum_e is;
        const char *name;
    } rows[] = {
        { "R+R+R+A+", 0, QW_QUORUM_MET, "[MPC-01] four of four" },
        { "R+R+R-A+", 0, QW_QUORUM_MET, "three of four" },
        { "R+R-R-A+", 0, QW_QUORUM_MISSED, "two of four" },
        { "R+R+R+A+A-", 0, QW_QUORUM_MET, "four of five" },
        { "R+R+R+A-A-", 0, QW_QUORUM_MISSED, "[MPC-04] three of five" },
        { "R+R+R+A+A-A-", 0, QW_QUORUM_MET, "[MPC-05] four of six" },
        { "R+R+R+A-A-A-", 0, QW_QUORUM_MISSED, "[MPC-05] three of six" },
        { "R+R+R+R+R+A-", 0, QW_QUORUM_MISSED, "[MPC-06] all in one region" },
        { "R+R+R+R+R+A?", 0, QW_QUORUM_OPEN, "that could be in two" },
        { "R+R+R+R+R+R?", 0, QW_QUORUM_MISSED, "that could not" },
        { "R+R+R?A?A?", 0, QW_QUORUM_OPEN, "[MPC-07] three are silent" },
        { "R+R-R-A?A?", 0, QW_QUORUM_MISSED,
          "silent ones that could change nothing" },
        { "R+R+R+A+A+", 5, QW_QUORUM_MET, "all, where all are asked for" },
        { "R+R+R+A+A-", 5, QW_QUORUM_MISSED, "but one" },
        { "R+", 0, QW_QUORUM_MET, "one of one has no two regions" },
        { "R-", 0, QW_QUORUM_MISSED, "one that says no" },
        { "R+A-", 0, QW_QUORUM_MET, "one of two" },
    };

    for (unsigned i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        ok(judge(rows[i].votes, rows[i].needed) == rows[i].is, "%s",
           rows[i].name);
    ok(qw_perspectives_least(0) == 0, "none need nobody");
}

#define URL "https://a.example/mpic"
#define HEAD                                                                   \
    "{\"check_type\":\"caa\",\"domain_or_ip_target\":\"www.example.org\","     \
    "\"trace_identifier\":\"t1\",\"is_valid\":true,\"perspectives\":["
#define YES(code)                                                              \
    "{\"perspective_code\":\"" code "\",\"check_response\":{\"check_type\":"   \
    "\"caa\",\"check_completed\":true,\"check_passed\":true,\"errors\":null}}"
#define NO(code)                                                               \
    "{\"perspective_code\":\"" code "\",\"check_response\":{\"check_type\":"   \
    "\"caa\",\"check_completed\":true,\"check_passed\":false,\"errors\":"      \
    "[{\"error_type\":\"x\",\"error_message\":\"bad\\u001b\"}]}}"

/* What ANSWER makes of a and b at URL and c elsewhere: "+-?" */
static const char *counted(const char *answer)
{
    qw_perspective_t places[3] = { { "a", URL, "RIPE" },
                                   { "b", URL, "ARIN" },
                                   { "c", "https://c.example/mpic", "ARIN" } };
    qw_vote_t votes[3] = { { NULL } };
    qw_mpic_ask_t ask = { .check = "caa",
                          .target = "www.example.org",
                          .trace = "t1" };
    qw_bytes_t bytes = { (const unsigned char *)answer, strlen(answer) };
    char *text = apr_pstrdup(pool, "???");

    for (int i = 0; i < 3; i++)
        votes[i].perspective = &places[i];
    qw_mpic_count(votes, 3, URL, &bytes, &ask, pool);
    for (int i = 0; i < 3; i++) {
        text[i] = "?-+"[votes[i].vote];
        if (votes[i].vote == QW_VOTE_NO)
            ok(votes[i].why != NULL && strchr(votes[i].why, 27) == NULL,
               "a reason that is safe: %s", votes[i].why);
    }
    return text;
}

static void test_answers(void)
{
    is_str(counted(HEAD YES("a") "," YES("b") "]}"), "++?", "two say yes");
    is_str(counted(HEAD YES("a") "," NO("b") "]}"), "+-?",
           "is_valid of the service counts for nothing");
    is_str(counted(HEAD YES("a") "," YES("a") "," NO("a") "]}"), "+??",
           "[MPC-08] the first answer of one");
    is_str(counted(HEAD NO("a") "," YES("a") "]}"), "-??",
           "[MPC-08] whichever it is");
    is_str(counted(HEAD YES("c") "," YES("d") "]}"), "???",
           "of another service, of nobody");
    is_str(counted(HEAD "7,null,{}," YES("b") "]}"), "?+?", "some junk");
    is_str(counted(HEAD "{\"perspective_code\":\"a\",\"check_type\":\"caa\","
                        "\"check_completed\":true,\"check_passed\":true}]}"),
           "+??", "the flat form of the API's text");
    is_str(counted(HEAD "{\"perspective_code\":\"a\",\"check_type\":\"dcv\","
                        "\"check_completed\":true,\"check_passed\":true}]}"),
           "???", "an answer about something else");
    is_str(counted(HEAD "{\"perspective_code\":\"a\",\"check_type\":\"caa\","
                        "\"check_completed\":false,\"check_passed\":true}]}"),
           "-??", "a check that was not completed");
    is_str(counted(HEAD "{\"perspective_code\":\"a\",\"check_type\":\"caa\","
                        "\"check_passed\":\"true\"}]}"),
           "???", "a text is no truth");
    is_str(counted("[" YES("a") "]"), "???", "[MPC-12] no object");
    is_str(counted("{\"perspectives\":[" YES("a") "]}"), "???",
           "[MPC-12] to no question");
    is_str(counted(""), "???", "[MPC-12] nothing");
}

static void test_questions(void)
{
    qw_dcv_t dcv = { .domain = "www.example.org",
                     .token = "tok",
                     .key_auth = "tok.print" };
    qw_mpic_ask_t ask = { .check = "dcv",
                          .target = "www.example.org",
                          .trace = "t1",
                          .type = "http-01",
                          .dcv = &dcv };
    const char *text;

    ok(qw_dcv_digest(&dcv, pool) == NULL, "a digest");
    text = qw_mpic_question(&ask, 6, pool);
    ok(strstr(text, "\"perspective_count\":6,\"quorum_count\":4") != NULL,
       "how many: %s", text);
    ok(strstr(text, "\"key_authorization\":\"tok.print\",\"token\":\"tok\","
                    "\"validation_method\":\"acme-http-01\"")
           != NULL,
       "http-01 has the key authorization");
    ask.type = "dns-01";
    text = qw_mpic_question(&ask, 6, pool);
    ok(strstr(text, "tok.print") == NULL, "dns-01 does not");
    ok(strstr(text,
              apr_pstrcat(pool, "\"key_authorization_hash\":\"",
                          qw_b64url_encode(dcv.digest, 32, pool), "\"", NULL))
               != NULL
           && strstr(text, "acme-dns-01") != NULL,
       "but its digest: %s", text);
    ask.type = "tls-alpn-01";
    text = strstr(qw_mpic_question(&ask, 6, pool), "hash\":\"");
    ok(text != NULL && strspn(text + 7, "0123456789abcdef") == 64,
       "tls-alpn-01 as hex");
    is_str(qw_mpic_type("acme-dns-01"), "dns-01", "the name back");
    ok(qw_mpic_type("dns-change") == NULL && qw_mpic_method("x-01") == NULL,
       "or not");
}

int main(void)
{
    apr_initialize();
    apr_pool_create(&pool, NULL);
    test_quorum();
    test_answers();
    test_questions();
    apr_pool_destroy(pool);
    return done_testing();
}
