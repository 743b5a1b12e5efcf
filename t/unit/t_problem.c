#include "base/document.h"
#include "base/problem.h"

#include "told.h"

#include <apr_general.h>

static apr_pool_t *pool;

static qw_problem_t *step(int fails)
{
    return fails ? QW_FAIL(pool, BAD_NONCE, "step %d", fails) : NULL;
}

static int reached;

static qw_problem_t *steps(int first, int second)
{
    reached = 0;
    QW_TRY(step(first));
    reached = 1;
    QW_TRY(step(second));
    reached = 2;
    return NULL;
}

static void test_try(void)
{
    fine(steps(0, 0), "no problem, no return");
    ok(reached == 2, "both steps ran");
    told(steps(0, 2), BAD_NONCE, "step 2", "the second step's problem");
    ok(reached == 1, "and nothing after it");
    told(steps(1, 2), BAD_NONCE, "step 1", "the first problem wins");
    ok(reached == 0, "the second step did not run");
}

static void test_codes(void)
{
    int i, good = 1;

    for (i = 0; i < QW_E_COUNT; i++) {
        qw_code_e back = QW_E_COUNT;
        const char *urn = qw_problem_urn((qw_code_e)i);
        int http = qw_problem_http((qw_code_e)i);
        int level = qw_problem_level((qw_code_e)i);

        good = good && strncmp(urn, "urn:ietf:params:acme:error:", 27) == 0
               && urn[27] != '\0' && http >= 400 && http < 600 && level >= 3
               && level <= 7
               && qw_problem_code(&back, qw_problem_name((qw_code_e)i))
               && (int)back == i;
    }
    ok(good, "every code has a URN, a status, a level and a name of its own");
    is_str(qw_problem_urn(QW_E_ACCOUNT_DEACTIVATED),
           "urn:ietf:params:acme:error:unauthorized", "a URN shared by codes");
    ok(qw_problem_http(QW_E_ACCOUNT_DEACTIVATED) == 401,
       "RFC8555-7.3.6: 401 to a deactivated account");
    ok(qw_problem_http(QW_E_BAD_NONCE) == 400, "badNonce is a 400");
    ok(qw_problem_http(QW_E_UNAVAILABLE) == 503, "unavailable is a 503");
}

static void test_names(void)
{
    qw_code_e code = QW_E_CAA;

    ok(!qw_problem_code(&code, "NO_SUCH_CODE") && code == QW_E_CAA,
       "no code of an unknown name");
    ok(!qw_problem_code(&code, "bad_nonce"), "names are in capitals");
    ok(!qw_problem_code(&code, ""), "no code of no name");
}

static void test_log_line(void)
{
    qw_problem_t *plain =
        qw_problem_make(pool, "/a/b/c.c", 12, QW_E_DNS, NULL, "no %s", "host");
    qw_problem_t *deep = qw_problem_make(pool, "c.c", 3, QW_E_SERVER_INTERNAL,
                                         "disk", "it broke");

    is_str(qw_problem_for_log(plain, pool), "DNS: no host (c.c:12)",
           "a problem in the log, without the place it was built in");
    is_str(qw_problem_for_log(deep, pool),
           "SERVER_INTERNAL: it broke [disk] (c.c:3)", "with its cause");
}

static void test_document(void)
{
    qw_problem_t *prob =
        QW_FAIL_BECAUSE(pool, SERVER_INTERNAL, "SELECT secret", "later");
    qw_problem_t *sub = QW_FAIL(pool, REJECTED_IDENTIFIER, "not in the list");

    is_str(qw_problem_document(prob, pool),
           "{\"detail\":\"later\",\"status\":500,"
           "\"type\":\"urn:ietf:params:acme:error:serverInternal\"}",
           "the client never sees the cause");
    prob = QW_FAIL(pool, COMPOUND, "two");
    prob->instance = "https://a.example/help";
    sub->identifier = "a.example";
    qw_problem_add(prob, sub, pool);
    qw_problem_add(prob, QW_FAIL(pool, CAA, "caa"), pool);
    is_str(qw_problem_document(prob, pool),
           "{\"detail\":\"two\",\"instance\":\"https://a.example/help\","
           "\"status\":400,\"subproblems\":[{\"detail\":\"not in the list\","
           "\"identifier\":{\"type\":\"dns\",\"value\":\"a.example\"},"
           "\"type\":\"urn:ietf:params:acme:error:rejectedIdentifier\"},"
           "{\"detail\":\"caa\","
           "\"type\":\"urn:ietf:params:acme:error:caa\"}],"
           "\"type\":\"urn:ietf:params:acme:error:compound\"}",
           "RFC8555-6.7.1: subproblems, each with its identifier");
}

int main(void)
{
    apr_initialize();
    apr_pool_create(&pool, NULL);
    test_try();
    test_codes();
    test_names();
    test_log_line();
    test_document();
    apr_pool_destroy(pool);
    apr_terminate();
    return done_testing();
}
