#include "base/world.h"

#include "told.h"

#include <apr_general.h>

static apr_pool_t *pool;

static apr_time_t midnight(void)
{
    return apr_time_from_sec(86399);
}

static int counted(unsigned char *out, apr_size_t len)
{
    memset(out, 0xff, len);
    return 1;
}

static int none(unsigned char *out, apr_size_t len)
{
    return 0;
}

static void test_replaced(void)
{
    static const qw_world_t mine = { midnight, counted };
    unsigned char bytes[4] = { 0 };
    const char *id;

    qw_world_set(&mine);
    ok(qw_world()->now() == apr_time_from_sec(86399), "a clock of the test's");
    fine(qw_random(bytes, sizeof(bytes), pool), "its randomness");
    ok(bytes[0] == 0xff && bytes[3] == 0xff, "fills every byte");
    fine(qw_id_make(&id, pool), "an id of it");
    is_str(id, "_____________________w", "is 128 bits of base64url");
    ok(qw_id_is(id), "and has the form of an id");
    qw_world_set(NULL);
    ok(qw_world()->now() > apr_time_from_sec(1600000000), "the clock again");
}

static void test_due(void)
{
    static const qw_world_t mine = { midnight, counted };
    apr_time_t now = midnight(), every = apr_time_from_sec(5);

    qw_world_set(&mine);
    ok(qw_is_due(0, every), "what was never done is due");
    ok(qw_is_due(now, every), "so is what is due now");
    ok(!qw_is_due(now + 1, every), "what is due later is not");
    ok(!qw_is_due(now + every, every), "nor what has just been done");
    ok(qw_is_due(now + every + 1, every), "a clock set back holds nobody up");
    qw_world_set(NULL);
}

static void test_no_randomness(void)
{
    static const qw_world_t dry = { midnight, none };
    unsigned char bytes[4];
    const char *id = "untouched";

    qw_world_set(&dry);
    told(qw_random(bytes, sizeof(bytes), pool), UNAVAILABLE, "no randomness",
         "no randomness is told");
    told(qw_id_make(&id, pool), UNAVAILABLE, "no randomness",
         "and no id is made of it");
    is_str(id, "untouched", "the caller's is left alone");
    qw_world_set(NULL);
}

static void test_ids(void)
{
    const char *id, *before = "";
    int i, good = 1;

    for (i = 0; i < 1000; i++) {
        good = good && qw_id_make(&id, pool) == NULL && strlen(id) == 22
               && qw_id_is(id) && strcmp(id, before) != 0 && *id != '-';
        before = id;
    }
    ok(good, "1000 ids, each in form, none like an option");
    ok(!qw_id_is(""), "nothing is no id");
    ok(!qw_id_is("AAAAAAAAAAAAAAAAAAAAA"), "21 characters");
    ok(!qw_id_is("AAAAAAAAAAAAAAAAAAAAAAA"), "23 characters");
    ok(qw_id_is("AAAAAAAAAAAAAAAAAAAAAA"), "22 characters");
    ok(!qw_id_is("AAAAAAAAAAAAAAAAAAAAAB"), "a second spelling of an id");
    ok(!qw_id_is("AAAAAAAAAA/AAAAAAAAAAA"), "a slash");
    ok(!qw_id_is("AAAAAAAAAA%AAAAAAAAAAA"), "a percent sign");
    ok(!qw_id_is("AAAAAAAAAAAAAAAAAAAA=="), "padding");
}

int main(void)
{
    apr_initialize();
    apr_pool_create(&pool, NULL);
    test_replaced();
    test_due();
    test_no_randomness();
    test_ids();
    apr_pool_destroy(pool);
    apr_terminate();
    return done_testing();
}
