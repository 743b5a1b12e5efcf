#include "model/clock.h"

#include "model/dates.h"

#include <stdlib.h>
#include <string.h>

#define DAY (apr_time_from_sec(86400))

static const char *const words[QW_CLOCKS] = { "account", "identity", "terms",
                                              "binding" };

const char *qw_clock_word(qw_clock_e kind)
{
    return words[kind];
}

int qw_clock_find(qw_clock_e *kind, const char *word)
{
    for (int i = 0; i < QW_CLOCKS; i++)
        if (strcmp(words[i], word) == 0) {
            *kind = (qw_clock_e)i;
            return 1;
        }
    return 0;
}

apr_array_header_t *qw_clocks_make(apr_pool_t *pool)
{
    return apr_array_make(pool, 4, sizeof(qw_clock_t));
}

static void add(apr_array_header_t *clocks, qw_clock_e kind,
                const char *external_id, const char *subject, apr_time_t begun,
                apr_time_t ends)
{
    qw_clock_t clock = { kind, external_id, subject, begun, ends };

    APR_ARRAY_PUSH(clocks, qw_clock_t) = clock;
}

void qw_clocks_of(apr_array_header_t *clocks, const qw_authority_t *authority,
                  const qw_external_t *e)
{
    const char *terms = authority->terms_version;

    if (e->status == QW_external_CLOSED)
        return;
    add(clocks, QW_CLOCK_ACCOUNT, e->id, "", e->created, e->expires);
    add(clocks, QW_CLOCK_IDENTITY, e->id, "", e->verified_at,
        qw_rule_lapses(QW_RULE_IDENTITY_REUSE, e->verified_at));
    if (terms != NULL
        && (e->terms_version == NULL || strcmp(e->terms_version, terms) != 0))
        add(clocks, QW_CLOCK_TERMS, e->id, terms, 0, 0);
}

void qw_clocks_binding(apr_array_header_t *clocks, const qw_binding_t *b)
{
    if (b->status == QW_binding_ACTIVE && b->uses < b->max_uses)
        add(clocks, QW_CLOCK_BINDING, b->external_id, b->id, b->created,
            b->expires);
}

static int sooner(const void *a, const void *b)
{
    const qw_clock_t *x = a, *y = b;

    if (x->ends != y->ends)
        return x->ends < y->ends ? -1 : 1;
    return x->kind < y->kind ? -1 : x->kind > y->kind;
}

void qw_clocks_sort(apr_array_header_t *clocks)
{
    qsort(clocks->elts, (size_t)clocks->nelts, sizeof(qw_clock_t), sooner);
}

int qw_clock_days(const qw_clock_t *clock, apr_time_t now)
{
    return clock->ends > now ? (int)((clock->ends - now + DAY - 1) / DAY) : 0;
}

int qw_clock_is_near(const qw_clock_t *clock, apr_time_t now,
                     apr_interval_time_t span)
{
    return clock->ends - now <= span;
}

int qw_clock_reminds(apr_interval_time_t *ahead, const qw_clock_t *clock,
                     const qw_authority_t *authority, apr_time_t now)
{
    const apr_array_header_t *times = authority->reminders;
    int found = 0;

    *ahead = 0;
    if (clock->ends == 0)
        return times->nelts > 0;
    if (clock->ends <= now)
        return 0;
    for (int i = 0; i < times->nelts; i++) {
        apr_interval_time_t one = APR_ARRAY_IDX(times, i, apr_interval_time_t);

        if (clock->ends - now > one || clock->ends - one <= clock->begun)
            continue;
        *ahead = one; /* the longest come first */
        found = 1;
    }
    return found;
}
