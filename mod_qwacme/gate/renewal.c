#include "gate/renewal.h"

#include "model/dates.h"

#include <apr_hash.h>

#define HOUR (apr_time_from_sec(3600))
#define DAY  (apr_time_from_sec(86400))

static apr_time_t earlier(apr_time_t a, apr_time_t b)
{
    return a < b ? a : b;
}

static apr_time_t later(apr_time_t a, apr_time_t b)
{
    return a > b ? a : b;
}

/* The same for a certificate each time: clients that have chosen a time in its
 * window keep it. */
static void usual(qw_window_t *w, const qw_renewal_t *r,
                  const qw_authority_t *authority)
{
    apr_interval_time_t percent = (r->not_after - r->not_before) / 100;
    apr_interval_time_t slice =
        percent * (authority->renewal_end - authority->renewal_start);
    apr_ssize_t len = APR_HASH_KEY_STRING;
    apr_uint64_t place = apr_hashfunc_default(r->serial, &len);
    apr_time_t from = r->not_before + percent * authority->renewal_start;

    place = place * (apr_uint64_t)apr_time_sec(slice / 2) >> 32;
    w->start = from + apr_time_from_sec((apr_int64_t)place);
    w->end = w->start + slice / 2;
}

/* A day or so before the gate begins to refuse. Once only: what was renewed for
 * that reason has the same end before it, and must not be renewed for it again
 * and again. BR-4.2.1 */
static void before_lapse(qw_window_t *w, const qw_renewal_t *r,
                         const qw_authority_t *authority, apr_time_t now)
{
    apr_time_t lapse =
        earlier(r->expires,
                qw_rule_lapses(QW_RULE_IDENTITY_REUSE, r->verified_at));
    apr_interval_time_t width = w->end - w->start;
    apr_interval_time_t young =
        (r->not_after - r->not_before) / 200 * authority->renewal_start;
    apr_time_t earliest = r->not_before + later(young, width);
    apr_time_t end = lapse - earlier(DAY, width);

    if (lapse <= now || end >= w->end || end <= earliest)
        return;
    w->start = later(end - width, earliest);
    w->end = end;
}

/* RFC9773-4.2: a client renews at once. */
static void at_once(qw_window_t *w, apr_time_t since)
{
    w->start = since - HOUR;
    w->end = since - HOUR / 2;
}

void qw_renewal_window(qw_window_t *window, const qw_renewal_t *r,
                       const qw_authority_t *authority, apr_time_t now)
{
    if (r->revoked_at != 0)
        at_once(window, earlier(now, r->revoked_at));
    else if (r->recalled_at != 0)
        at_once(window, earlier(now, r->recalled_at));
    else {
        usual(window, r, authority);
        before_lapse(window, r, authority, now);
    }
}
