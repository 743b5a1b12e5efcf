/* The policy clock: each date of the rules from the second before it to the one
 * when it has come. The expectations are the rules' text, not our table. */
#include "tap.h"

#include "base/text.h"
#include "model/dates.h"

#include <apr_general.h>

static const struct {
    qw_rule_e rule;
    const char *day;
    int before, from;
    const char *source;
} steps[] = {
    { QW_RULE_VALIDITY, "2020-09-01", 0, 398, "BR 6.3.2" },
    { QW_RULE_VALIDITY, "2026-03-15", 398, 200, "BR 6.3.2" },
    { QW_RULE_VALIDITY, "2027-03-15", 200, 100, "BR 6.3.2" },
    { QW_RULE_VALIDITY, "2029-03-15", 100, 47, "BR 6.3.2" },
    { QW_RULE_DCV_REUSE, "2020-09-01", 0, 398, "BR 4.2.1" },
    { QW_RULE_DCV_REUSE, "2026-03-15", 398, 200, "BR 4.2.1" },
    { QW_RULE_DCV_REUSE, "2027-03-15", 200, 100, "BR 4.2.1" },
    { QW_RULE_DCV_REUSE, "2029-03-15", 100, 10, "BR 4.2.1" },
    { QW_RULE_IDENTITY_REUSE, "2020-09-01", 0, 825, "BR 4.2.1" },
    { QW_RULE_IDENTITY_REUSE, "2026-03-15", 825, 398,
      "BR 4.2.1, EVG 3.2.2.14.3" },
    { QW_RULE_PERSPECTIVES, "2026-03-15", 0, 3, "BR 3.2.2.9" },
    { QW_RULE_PERSPECTIVES, "2026-06-15", 3, 4, "BR 3.2.2.9" },
    { QW_RULE_PERSPECTIVES, "2026-12-15", 4, 5, "BR 3.2.2.9" },
    { QW_RULE_CLIENT_AUTH_BAN, "2027-03-15", 0, 1,
      "Chrome Root Program Policy 1.3.2" },
    { QW_RULE_ONE_PURPOSE, "2026-06-15", 0, 1,
      "Chrome Root Program Policy 1.3.2" },
};

enum { STEPS = sizeof(steps) / sizeof(steps[0]), RULES = 6 };

static apr_time_t at(const char *day)
{
    apr_time_t when = 0;

    if (!qw_text_parse_time(&when, day))
        ok(0, "%s is no day", day);
    return when;
}

static void each_side(int i)
{
    apr_time_t day = at(steps[i].day);

    ok(qw_rule(steps[i].rule, day - 1) == steps[i].before,
       "rule %d: %d until %s", steps[i].rule, steps[i].before, steps[i].day);
    ok(qw_rule(steps[i].rule, day) == steps[i].from, "%d from then on",
       steps[i].from);
    is_str(qw_rule_source(steps[i].rule, day), steps[i].source, "who says so");
    ok(qw_rule_span(steps[i].rule, day)
           == apr_time_from_sec((apr_int64_t)steps[i].from * 86400),
       "as a span");
}

/* Between its dates nothing changes, and there is no other date: day by day. */
static void no_other_day(void)
{
    apr_time_t day = at("2020-01-01"), end = at("2035-01-01");
    int last[RULES] = { 0 }, changes = 0, rule;

    for (; day < end; day += apr_time_from_sec(86400)) {
        for (rule = 0; rule < RULES; rule++) {
            int value = qw_rule((qw_rule_e)rule, day);

            changes += value != last[rule];
            last[rule] = value;
        }
    }
    ok(changes == STEPS, "no rule changes on any other day");
}

int main(void)
{
    int i;

    apr_initialize();
    for (i = 0; i < STEPS; i++)
        each_side(i);
    is_str(qw_rule_source(QW_RULE_CLIENT_AUTH_BAN, 0), "",
           "nobody before there is a rule");
    no_other_day();
    return done_testing();
}
