#include "model/dates.h"

#include "base/text.h"

static const struct {
    qw_rule_e rule;
    const char *from;
    int days;
} rows[] = {
#define QW_DATED(rule, from, days) { QW_RULE_##rule, from, days },
#include "model/dates.def"
};

int qw_rule_days(qw_rule_e rule, apr_time_t now)
{
    int days = 0;
    unsigned i;

    for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        apr_time_t from = 0;

        if (rows[i].rule == rule && qw_text_parse_time(&from, rows[i].from)
            && from <= now)
            days = rows[i].days;
    }
    return days;
}

apr_interval_time_t qw_rule_span(qw_rule_e rule, apr_time_t now)
{
    return apr_time_from_sec((apr_int64_t)qw_rule_days(rule, now) * 86400);
}
