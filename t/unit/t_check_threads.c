/* Many validations at once, as in the threads of one httpd child. */
#include "base/json.h"
#include "base/world.h"
#include "check/check.h"
#include "rig.h"
#include "tap.h"

#include <apr_general.h>
#include <pthread.h>

#define KEY_AUTH "token.9jg46WB3rR_AHD-EBXdN7cBkH1WOu0tA3M9fm21mqTI"

enum { THREADS = 16, ROUNDS = 6 };

static qw_authority_t *authority;
static int mixed_up;

/* Even rounds: a host that answers right. Odd rounds: one that does not. */
static void *validate(void *baton)
{
    apr_pool_t *own;

    apr_pool_create(&own, NULL);
    for (int i = 0; i < ROUNDS; i++) {
        qw_dcv_t dcv = { authority,
                         apr_psprintf(own, "%s%d.test", i % 2 ? "bad" : "good",
                                      *(int *)baton),
                         "token", KEY_AUTH,
                         qw_world()->now() + apr_time_from_sec(30) };
        qw_problem_t *prob =
            qw_validator_find("http-01")->try(qw_json_new_object(own), &dcv,
                                              own);

        if ((prob == NULL) != (i % 2 == 0)
            || (prob != NULL && prob->code != QW_E_UNAUTHORIZED))
            __atomic_add_fetch(&mixed_up, 1, __ATOMIC_SEQ_CST);
        apr_pool_clear(own);
    }
    apr_pool_destroy(own);
    return NULL;
}

int main(void)
{
    pthread_t threads[THREADS];
    int number[THREADS];
    const char *plan = "{";
    apr_pool_t *pool;

    apr_initialize();
    apr_pool_create(&pool, NULL);
    for (int i = 0; i < THREADS; i++)
        plan = apr_psprintf(
            pool,
            "%s\"good%d.test\": [\"HTTP/1.1 200 OK\\r\\n\\r\\n" KEY_AUTH
            "\"], \"bad%d.test\": [\"HTTP/1.1 200 OK"
            "\\r\\n\\r\\nno\"], ",
            plan, i, i);
    rig_write("plan", apr_pstrcat(pool, plan, "\"z.test\": []}", NULL), pool);
    rig_write("zone", "*.test A 127.0.0.1\n", pool);
    ok(rig_dns(pool) && rig_http_plain(pool), "two servers");
    ok(qw_check_init(pool) == NULL, "init");

    authority = qw_authority_make("t", pool);
    authority->kind = QW_KIND_TEST;
    APR_ARRAY_PUSH(authority->resolvers, const char *) =
        apr_psprintf(pool, "127.0.0.1@%d", rig_port(0));
    authority->test_insecure_dns = authority->test_private_targets = 1;
    authority->test_http_port = rig_port(2);

    for (int i = 0; i < THREADS; i++) {
        number[i] = i;
        pthread_create(&threads[i], NULL, validate, &number[i]);
    }
    for (int i = 0; i < THREADS; i++)
        pthread_join(threads[i], NULL);
    ok(mixed_up == 0, "%d validations by %d threads, none mixed up",
       THREADS * ROUNDS, THREADS);
    apr_pool_destroy(pool);
    return done_testing();
}
