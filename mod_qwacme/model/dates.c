#include "model/dates.h"

#include "base/text.h"

static const struct {
    qw_rule_e rule;
    const char *from;
    int value;
} rows[] = {
#define QW_DATED(rule, from, value) { QW_RULE_##rule, from, value },
#include "model/dates.def"
};

int qw_rule(qw_rule_e rule, apr_time_t now)
{
    int value = 0;
    unsigned i;

    for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        apr_time_t from = 0;

        if (rows[i].rule == rule && qw_text_parse_time(&from, rows[i].from)
            && from <= now)
            value = rows[i].value;
    }
    return value;
}

apr_interval_time_t qw_rule_span(qw_rule_e rule, apr_time_t now)
{
    return apr_time_from_sec((apr_int64_t)qw_rule(rule, now) * 86400);
}
