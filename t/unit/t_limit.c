/* Rates as they are written, and their defaults. */
#include "model/authority.h"
#include "tap.h"

#include <apr_general.h>

#include <string.h>

static apr_pool_t *pool;

static void test_rates(void)
{
    static const struct {
        const char *rate, *burst;
        int count, at_once; /* -1: refused */
        const char *back;
    } rows[] = {
        { "300/3h", NULL, 300, 300, "300/3h" },
        { "300/180m", "", 300, 300, "300/3h" },
        { "5/90", "2", 5, 2, "5/90s" },
        { "1/366d", "9", 1, 9, "1/366d" },
        { "off", NULL, 0, 0, "off" },
        { "off", "3", -1, 0, NULL },
        { "0/1h", NULL, -1, 0, NULL },
        { "-1/1h", NULL, -1, 0, NULL },
        { "+1/1h", NULL, -1, 0, NULL },
        { "1/0", NULL, -1, 0, NULL },
        { "1/367d", NULL, -1, 0, NULL },
        { "1000001/1h", NULL, -1, 0, NULL },
        { "5", NULL, -1, 0, NULL },
        { "5/", NULL, -1, 0, NULL },
        { "/1h", NULL, -1, 0, NULL },
        { "5/1h", "0", -1, 0, NULL },
        { "5/1h", "x", -1, 0, NULL },
        { "5/1h", "3x", -1, 0, NULL },
        { "", NULL, -1, 0, NULL },
    };
    qw_limit_t limit;

    for (unsigned i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        int taken = qw_limit_parse(&limit, rows[i].rate, rows[i].burst);

        ok(taken == (rows[i].count >= 0), "the rate '%s'", rows[i].rate);
        if (!taken)
            continue;
        ok(limit.count == rows[i].count && limit.burst == rows[i].at_once
               && limit.set,
           "its numbers");
        is_str(qw_limit_text(&limit, pool), rows[i].back, "as text");
    }
}

static void test_names(void)
{
    qw_limit_e found;

    for (int i = 0; i < QW_LIMIT_COUNT; i++)
        ok(qw_limit_find(&found, qw_limit_name((qw_limit_e)i))
               && found == (qw_limit_e)i,
           "%s", qw_limit_name((qw_limit_e)i));
    ok(!qw_limit_find(&found, "orders"), "no other name");
}

static void test_defaults(void)
{
    qw_authority_t *a = qw_authority_make("live", pool);
    qw_limit_t limit = qw_authority_limit(a, QW_LIMIT_ORDERS_PER_IP);

    ok(limit.count == 300 && limit.burst == 300
           && limit.period == apr_time_from_sec(10800),
       "production has limits");
    a->kind = QW_KIND_TEST;
    ok(qw_authority_limit(a, QW_LIMIT_ORDERS_PER_IP).count == 0,
       "a test authority has not");
    ok(qw_authority_limit(a, QW_LIMIT_WRONG_MACS_PER_KEY).count == 20,
       "but that against guessing");
    ok(qw_limit_parse(&a->limits[QW_LIMIT_ORDERS_PER_IP], "2/1h", "1"), "set");
    limit = qw_authority_limit(a, QW_LIMIT_ORDERS_PER_IP);
    ok(limit.count == 2 && limit.burst == 1
           && qw_limit_step(&limit) == apr_time_from_sec(1800),
       "what is set counts");
}

int main(void)
{
    apr_initialize();
    apr_pool_create(&pool, NULL);
    test_rates();
    test_names();
    test_defaults();
    apr_pool_destroy(pool);
    return done_testing();
}
