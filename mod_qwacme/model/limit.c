#include "model/limit.h"

#include "base/text.h"

#include <apr_strings.h>

#include <string.h>

enum { COUNT_MAX = 1000000, PERIOD_MAX = 366 * 86400 };

typedef enum { PRODUCTION, ALL } where_e;

static const struct {
    const char *name;
    int count, seconds;
    where_e where;
} rows[] = {
#define QW_LIMIT(code, name, count, seconds, where)                            \
    { name, count, seconds, where },
#include "model/limits.def"
};

const char *qw_limit_name(qw_limit_e limit)
{
    return rows[limit].name;
}

int qw_limit_find(qw_limit_e *limit, const char *name)
{
    for (int i = 0; i < QW_LIMIT_COUNT; i++) {
        if (strcmp(rows[i].name, name) == 0) {
            *limit = (qw_limit_e)i;
            return 1;
        }
    }
    return 0;
}

qw_limit_t qw_limit_default(qw_limit_e limit, int is_test)
{
    qw_limit_t l = { .count = rows[limit].count,
                     .period = apr_time_from_sec(rows[limit].seconds),
                     .burst = rows[limit].count };

    if (is_test && rows[limit].where == PRODUCTION)
        l.count = 0;
    return l;
}

static int number(apr_int64_t *n, const char *text, char **end)
{
    *n = apr_strtoi64(text, end, 10);
    return *end != text && *n >= 1 && *n <= COUNT_MAX && text[0] != '+';
}

int qw_limit_parse(qw_limit_t *limit, const char *rate, const char *burst)
{
    apr_int64_t count, at_once, seconds;
    char *end;

    *limit = (qw_limit_t){ .set = 1 };
    if (strcmp(rate, "off") == 0)
        return burst == NULL || *burst == '\0';
    if (!number(&count, rate, &end) || *end != '/'
        || !qw_text_parse_span(&seconds, end + 1) || seconds < 1
        || seconds > PERIOD_MAX)
        return 0;
    at_once = count;
    if (burst != NULL && *burst != '\0'
        && (!number(&at_once, burst, &end) || *end != '\0'))
        return 0;
    limit->count = (int)count;
    limit->period = apr_time_from_sec(seconds);
    limit->burst = (int)at_once;
    return 1;
}

const char *qw_limit_text(const qw_limit_t *limit, apr_pool_t *pool)
{
    if (limit->count == 0)
        return "off";
    return apr_psprintf(pool, "%d/%s", limit->count,
                        qw_text_span(apr_time_sec(limit->period), pool));
}

apr_interval_time_t qw_limit_step(const qw_limit_t *limit)
{
    return limit->period / limit->count;
}
