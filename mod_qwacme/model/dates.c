#include "model/dates.h"

#include "base/text.h"

typedef struct {
    qw_rule_e rule;
    const char *from;
    int value;
    const char *source;
} row_t;

static const row_t rows[] = {
#define QW_DATED(rule, from, value, source)                                    \
    { QW_RULE_##rule, from, value, source },
#include "model/dates.def"
};

/* The last row of RULE that has begun at NOW. */
static const row_t *find(qw_rule_e rule, apr_time_t now)
{
    const row_t *found = NULL;
    unsigned i;

    for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        apr_time_t from = 0;

        if (rows[i].rule == rule && qw_text_parse_time(&from, rows[i].from)
            && from <= now)
            found = &rows[i];
    }
    return found;
}

int qw_rule(qw_rule_e rule, apr_time_t now)
{
    const row_t *row = find(rule, now);

    return row != NULL ? row->value : 0;
}

const char *qw_rule_source(qw_rule_e rule, apr_time_t now)
{
    const row_t *row = find(rule, now);

    return row != NULL ? row->source : "";
}

apr_interval_time_t qw_rule_span(qw_rule_e rule, apr_time_t now)
{
    return apr_time_from_sec((apr_int64_t)qw_rule(rule, now) * 86400);
}

/* The rows of a rule are in the order of their dates. */
apr_time_t qw_rule_lapses(qw_rule_e rule, apr_time_t since)
{
    apr_interval_time_t span = 0;
    apr_time_t lapse = since;

    for (unsigned i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        apr_time_t from = 0;

        if (rows[i].rule != rule || !qw_text_parse_time(&from, rows[i].from))
            continue;
        if (span != 0 && lapse < from)
            return lapse;
        span = apr_time_from_sec((apr_int64_t)rows[i].value * 86400);
        lapse = since + span > from ? since + span : from;
    }
    return lapse;
}
