/* What runs out: which clocks an account has, and when people are reminded. */
#include "tap.h"

#include "base/text.h"
#include "model/clock.h"

#include <apr_general.h>

#define DAY (apr_time_from_sec(86400))

static apr_time_t at(const char *day)
{
    apr_time_t when = 0;

    ok(qw_text_parse_time(&when, day), "%s is a day", day);
    return when;
}

static const qw_clock_t *find(const apr_array_header_t *clocks, qw_clock_e kind)
{
    for (int i = 0; i < clocks->nelts; i++)
        if (APR_ARRAY_IDX(clocks, i, qw_clock_t).kind == kind)
            return &APR_ARRAY_IDX(clocks, i, qw_clock_t);
    return NULL;
}

static void test_account(apr_pool_t *pool)
{
    qw_authority_t *a = qw_authority_make("test", pool);
    qw_external_t e = { .id = "x", .status = QW_external_SUSPENDED };
    apr_array_header_t *clocks = qw_clocks_make(pool);

    e.created = e.verified_at = at("2026-11-26");
    e.expires = e.created + 100 * DAY;
    qw_clocks_of(clocks, a, &e);
    ok(clocks->nelts == 2, "lifetime and identity; no terms, no clock of them");
    ok(find(clocks, QW_CLOCK_IDENTITY)->ends == e.verified_at + 398 * DAY,
       "an identity is relied on for 398 days");
    a->terms_version = "2";
    e.terms_version = "1";
    apr_array_clear(clocks);
    qw_clocks_of(clocks, a, &e);
    ok(find(clocks, QW_CLOCK_TERMS) != NULL
           && find(clocks, QW_CLOCK_TERMS)->ends == 0,
       "terms of another version are late at once");
    qw_clocks_sort(clocks);
    ok(APR_ARRAY_IDX(clocks, 0, qw_clock_t).kind == QW_CLOCK_TERMS
           && APR_ARRAY_IDX(clocks, 1, qw_clock_t).kind == QW_CLOCK_ACCOUNT,
       "what is late comes first, then what ends first");
    e.terms_version = "2";
    apr_array_clear(clocks);
    qw_clocks_of(clocks, a, &e);
    ok(find(clocks, QW_CLOCK_TERMS) == NULL, "of the same version, none");
    e.status = QW_external_CLOSED;
    apr_array_clear(clocks);
    qw_clocks_of(clocks, a, &e);
    ok(clocks->nelts == 0, "a closed account has no clock");
}

static void test_binding(apr_pool_t *pool)
{
    qw_binding_t b = { .id = "k", .status = QW_binding_ACTIVE, .max_uses = 1 };
    apr_array_header_t *clocks = qw_clocks_make(pool);

    qw_clocks_binding(clocks, &b);
    ok(clocks->nelts == 1, "a binding key that can bind has a clock");
    b.uses = 1;
    qw_clocks_binding(clocks, &b);
    b.uses = 0;
    b.status = QW_binding_REVOKED;
    qw_clocks_binding(clocks, &b);
    ok(clocks->nelts == 1, "one that was used or revoked has none");
}

static void test_times(apr_pool_t *pool)
{
    /* of a clock of 20 days: before its end, and which time has come, in days */
    static const struct {
        apr_int64_t left;
        int reminds, ahead;
        const char *what;
    } cases[] = {
        { 20 * 86400, 0, 0, "30 days before was before it began" },
        { 14 * 86400 + 1, 0, 0, "a second too early" },
        { 14 * 86400, 1, 14, "14 days before" },
        { 7 * 86400 + 1, 1, 14, "until the next time" },
        { 7 * 86400, 1, 7, "7 days before" },
        { 86400, 1, 1, "a day before" },
        { 1, 1, 1, "until the end" },
        { 0, 0, 0, "not at the end" },
        { -86400, 0, 0, "nor after it" },
    };
    qw_authority_t *a = qw_authority_make("test", pool);
    qw_clock_t c = { QW_CLOCK_BINDING, "x", "k", at("2026-11-26"), 0 };
    apr_interval_time_t ahead;

    c.ends = c.begun + 20 * DAY;
    for (unsigned i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        apr_time_t now = c.ends - apr_time_from_sec(cases[i].left);

        ok(qw_clock_reminds(&ahead, &c, a, now) == cases[i].reminds
               && ahead == cases[i].ahead * DAY,
           "%s", cases[i].what);
    }
    ok(qw_clock_days(&c, c.ends - DAY) == 1
           && qw_clock_days(&c, c.ends - DAY - 1) == 2
           && qw_clock_days(&c, c.ends - 1) == 1
           && qw_clock_days(&c, c.ends) == 0,
       "days are counted to the end, the one begun too");
    ok(qw_clock_is_near(&c, c.ends - DAY, DAY)
           && !qw_clock_is_near(&c, c.ends - DAY - 1, DAY),
       "near from then on");
    c.ends = 0;
    ok(qw_clock_reminds(&ahead, &c, a, c.begun) && ahead == 0,
       "what is late is told of at once");
    apr_array_clear(a->reminders);
    ok(!qw_clock_reminds(&ahead, &c, a, c.begun), "unless nobody is reminded");
}

int main(void)
{
    apr_pool_t *pool;
    qw_clock_e kind;

    apr_initialize();
    apr_pool_create(&pool, NULL);
    test_account(pool);
    test_binding(pool);
    test_times(pool);
    for (int i = 0; i < QW_CLOCKS; i++)
        ok(qw_clock_find(&kind, qw_clock_word((qw_clock_e)i)) && (int)kind == i,
           "%s is found by its word", qw_clock_word((qw_clock_e)i));
    ok(!qw_clock_find(&kind, "weather"), "another word is none");
    apr_pool_destroy(pool);
    apr_terminate();
    return done_testing();
}
