#include "gate/limits.h"

#include "base/log.h"
#include "base/text.h"
#include "base/world.h"
#include "store/db_job.h"
#include "store/db_limit.h"

#include <apr_atomic.h>
#include <apr_strings.h>

#include <arpa/inet.h>
#include <string.h>

enum { WIDER_TIMES = 10, LOG_EVERY = 60, PAUSE_TOLD = 86400 };

qw_problem_t *qw_limits_open(qw_limits_t *l, qw_db_t *db,
                             const qw_authority_t *authority,
                             const char *external_id, apr_time_t now,
                             apr_pool_t *pool)
{
    l->db = db;
    l->authority = authority;
    l->external_id = external_id;
    l->now = now;
    l->pool = pool;
    return qw_override_list(&l->overrides, db, authority->name, now, pool);
}

void qw_charge(apr_array_header_t *charges, qw_limit_e limit,
               const char *subject)
{
    qw_charge_t *c = apr_array_push(charges);

    c->limit = limit;
    c->subject = subject;
    c->times = 1;
}

static const char *network(const struct in6_addr *address, unsigned bits,
                           apr_pool_t *pool)
{
    struct in6_addr net = *address;
    char text[INET6_ADDRSTRLEN];

    memset(net.s6_addr + bits / 8, 0, sizeof net.s6_addr - bits / 8);
    return apr_psprintf(pool, "%s/%u",
                        inet_ntop(AF_INET6, &net, text, sizeof text), bits);
}

void qw_charge_address(apr_array_header_t *charges, qw_limit_e limit,
                       const char *address)
{
    apr_pool_t *pool = charges->pool;
    struct in6_addr in6;

    if (inet_pton(AF_INET6, address, &in6) != 1) {
        qw_charge(charges, limit, address);
        return;
    }
    qw_charge(charges, limit, network(&in6, 64, pool));
    qw_charge(charges, limit, network(&in6, 48, pool));
    APR_ARRAY_IDX(charges, charges->nelts - 1, qw_charge_t).times = WIDER_TIMES;
}

/* The override of the subject itself goes before that of the external account. */
static qw_limit_t rate_of(const qw_limits_t *l, const qw_charge_t *c)
{
    const char *external =
        l->external_id != NULL
            ? apr_pstrcat(l->pool, "external:", l->external_id, NULL)
            : "";
    qw_limit_t limit = qw_authority_limit(l->authority, c->limit), other;
    int own = 0;

    for (int i = 0; i < l->overrides->nelts; i++) {
        const qw_override_t *o =
            APR_ARRAY_IDX(l->overrides, i, qw_override_t *);
        int is_own = strcmp(o->subject, c->subject) == 0;

        if (strcmp(o->name, qw_limit_name(c->limit)) != 0
            || (!is_own && (own || strcmp(o->subject, external) != 0))
            || !qw_limit_parse(&other, o->rate, o->burst))
            continue;
        limit = other;
        own = is_own;
    }
    limit.count *= c->times;
    limit.burst *= c->times;
    return limit;
}

static qw_meter_t meter_of(const qw_limits_t *l, const qw_charge_t *c)
{
    qw_meter_t meter = { l->authority->name, qw_limit_name(c->limit),
                         c->subject };

    return meter;
}

/* At most one line a minute for each limit, whoever floods us. */
static void say(const qw_limits_t *l, const char *limit, int which,
                const char *subject)
{
    static volatile apr_uint32_t said_at[QW_LIMIT_COUNT + 1],
        hushed[QW_LIMIT_COUNT + 1];
    apr_uint32_t now = (apr_uint32_t)apr_time_sec(qw_world()->now());
    apr_uint32_t last = apr_atomic_read32(&said_at[which]);

    if (now - last < LOG_EVERY
        || apr_atomic_cas32(&said_at[which], now, last) != last) {
        apr_atomic_inc32(&hushed[which]);
        return;
    }
    qw_log(QW_LOG_WARNING, 0, l->pool,
           "QW0216: limit %s: refused to %s; %u more refusals by it were not "
           "logged",
           limit, qw_text_safe(subject, 128, l->pool),
           apr_atomic_xchg32(&hushed[which], 0));
}

/* Whole seconds until WAIT is over, so that a client that waits so long is
 * taken. */
static apr_interval_time_t in_seconds(apr_interval_time_t wait)
{
    return apr_time_from_sec(apr_time_sec(wait + APR_USEC_PER_SEC - 1));
}

static qw_problem_t *refuse(const qw_limits_t *l, const qw_charge_t *c,
                            const qw_limit_t *limit, apr_interval_time_t wait)
{
    const char *name = qw_limit_name(c->limit);
    qw_problem_t *prob;

    wait = in_seconds(wait);
    say(l, name, (int)c->limit, c->subject);
    prob = QW_FAIL(l->pool, RATE_LIMITED,
                   "the limit %s (%s) is used up; try again in %s", name,
                   qw_limit_text(limit, l->pool),
                   qw_text_span(apr_time_sec(wait), l->pool));
    prob->retry_after = wait;
    return prob;
}

/* *WAIT: how long until C can be spent; 0 or less: now. TAT: with it. */
static apr_interval_time_t wait_of(const qw_limits_t *l,
                                   const qw_limit_t *limit, apr_time_t tat)
{
    return tat - qw_limit_step(limit) * limit->burst - l->now;
}

static apr_time_t absurd(const qw_limits_t *l, const qw_limit_t *limit)
{
    return l->now + qw_limit_step(limit) * limit->burst + limit->period;
}

/* *TAT with C spent. */
static qw_problem_t *spend(apr_time_t *tat, const qw_limits_t *l,
                           const qw_charge_t *c, const qw_limit_t *limit)
{
    qw_meter_t meter = meter_of(l, c);

    return qw_limit_spend(tat, l->db, &meter, l->now, qw_limit_step(limit),
                          absurd(l, limit), l->pool);
}

/* *TAT as it would be with C spent. */
static qw_problem_t *look(apr_time_t *tat, const qw_limits_t *l,
                          const qw_charge_t *c, const qw_limit_t *limit)
{
    qw_meter_t meter = meter_of(l, c);

    QW_TRY(qw_limit_get(tat, l->db, &meter, l->pool));
    if (*tat <= l->now || *tat > absurd(l, limit))
        *tat = l->now;
    *tat += qw_limit_step(limit);
    return NULL;
}

typedef qw_problem_t *take_fn(apr_time_t *tat, const qw_limits_t *l,
                              const qw_charge_t *c, const qw_limit_t *limit);

/* The refusal that lasts longest. */
static qw_problem_t *take_all(const qw_limits_t *l,
                              const apr_array_header_t *charges, take_fn *take)
{
    apr_interval_time_t longest = 0;
    const qw_charge_t *by = NULL;
    qw_limit_t limit;

    for (int i = 0; i < charges->nelts; i++) {
        const qw_charge_t *c = &APR_ARRAY_IDX(charges, i, qw_charge_t);
        apr_interval_time_t wait;
        apr_time_t tat;

        limit = rate_of(l, c);
        if (limit.count == 0)
            continue;
        QW_TRY(take(&tat, l, c, &limit));
        wait = wait_of(l, &limit, tat);
        if (wait > longest) {
            longest = wait;
            by = c;
        }
    }
    if (by == NULL)
        return NULL;
    limit = rate_of(l, by);
    return refuse(l, by, &limit, longest);
}

qw_problem_t *qw_limits_spend(qw_limits_t *l, const apr_array_header_t *charges)
{
    return take_all(l, charges, spend);
}

qw_problem_t *qw_limits_check(qw_limits_t *l, const apr_array_header_t *charges)
{
    return take_all(l, charges, look);
}

static const char *failing(const qw_limits_t *l, const char *account_id,
                           const char *name)
{
    return apr_pstrcat(l->pool, account_id, " ", name, NULL);
}

qw_problem_t *qw_limits_failed(qw_limits_t *l, const char *account_id,
                               const char *name)
{
    qw_charge_t c = { QW_LIMIT_FAILURES_PER_NAME, failing(l, account_id, name),
                      1 };
    qw_limit_t limit = rate_of(l, &c);
    apr_time_t tat;

    /* first, because its row lets one failure of the name in at a time */
    QW_TRY(qw_failure_count(l->db, account_id, name, l->now, l->pool));
    if (limit.count == 0)
        return NULL;
    /* Nothing refuses a failure. What is used up takes no more: it would become
     * absurd in the end, and an absurd time is none. */
    QW_TRY(look(&tat, l, &c, &limit));
    return wait_of(l, &limit, tat) > 0 ? NULL : spend(&tat, l, &c, &limit);
}

qw_problem_t *qw_limits_passed(qw_limits_t *l, const char *account_id,
                               const char *name)
{
    return qw_failure_forget(NULL, l->db, account_id, name, l->pool);
}

static void add_paused(qw_problem_t **prob, const qw_limits_t *l,
                       const qw_failure_t *failure)
{
    qw_problem_t *sub =
        QW_FAIL(l->pool, RATE_LIMITED,
                "paused after %" APR_INT64_T_FMT " failed validations in a row",
                failure->failures);

    if (*prob == NULL) {
        *prob = QW_FAIL(l->pool, RATE_LIMITED,
                        "%s is paused for this account: its validations only "
                        "failed; mend it, then ask to have it un-paused",
                        failure->name);
        (*prob)->instance = l->authority->portal_url;
        (*prob)->retry_after = apr_time_from_sec(PAUSE_TOLD);
        say(l, "pause", QW_LIMIT_COUNT, failure->account_id);
    }
    sub->identifier = failure->name;
    qw_problem_add(*prob, sub, l->pool);
}

static qw_problem_t *check_paused(const qw_limits_t *l, const char *account_id,
                                  const apr_array_header_t *names)
{
    apr_array_header_t *paused;
    qw_problem_t *prob = NULL;

    if (l->authority->pause_after == 0)
        return NULL;
    QW_TRY(qw_failure_list(&paused, l->db, account_id,
                           l->authority->pause_after, l->pool));
    for (int i = 0; i < paused->nelts; i++) {
        const qw_failure_t *f = APR_ARRAY_IDX(paused, i, qw_failure_t *);

        if (qw_text_in(names, f->name))
            add_paused(&prob, l, f);
    }
    return prob;
}

qw_problem_t *qw_limits_may_try(qw_limits_t *l, const char *account_id,
                                const apr_array_header_t *names)
{
    apr_array_header_t *charges =
        apr_array_make(l->pool, names->nelts, sizeof(qw_charge_t));

    QW_TRY(check_paused(l, account_id, names));
    for (int i = 0; i < names->nelts; i++)
        qw_charge(charges, QW_LIMIT_FAILURES_PER_NAME,
                  failing(l, account_id,
                          APR_ARRAY_IDX(names, i, const char *)));
    return qw_limits_check(l, charges);
}

qw_problem_t *qw_limits_may_begin(qw_limits_t *l, const char *account_id)
{
    qw_problem_t *prob;
    apr_int64_t n;

    QW_TRY(qw_job_count(&n, l->db, account_id, QW_JOB_VALIDATE, l->pool));
    if (n < l->authority->validations_at_once)
        return NULL;
    say(l, "validations at once", QW_LIMIT_COUNT, account_id);
    prob = QW_FAIL(l->pool, RATE_LIMITED,
                   "%" APR_INT64_T_FMT " validations of this account are in "
                   "flight; wait for some to end",
                   n);
    prob->retry_after = apr_time_from_sec(5);
    return prob;
}
