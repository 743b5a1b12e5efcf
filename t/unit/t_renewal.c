/* When a certificate is renewed: RFC 9773, and the policy clock. */
#include "gate/renewal.h"
#include "model/dates.h"
#include "tap.h"

#include "base/text.h"

#include <apr_general.h>
#include <apr_strings.h>

#define DAY (apr_time_from_sec(86400))

static apr_pool_t *pool;
static qw_authority_t *authority;

static apr_time_t at(const char *text)
{
    apr_time_t when = 0;

    if (!qw_text_parse_time(&when, text))
        ok(0, "no time: %s", text);
    return when;
}

/* 90 days from 2026-12-01; nothing lapses for long. */
static qw_renewal_t sound(const char *serial)
{
    qw_renewal_t r = { 0 };

    r.serial = serial;
    r.not_before = at("2026-12-01");
    r.not_after = r.not_before + 90 * DAY;
    r.verified_at = r.not_before - DAY;
    r.expires = r.not_before + 1000 * DAY;
    return r;
}

static void test_lapse(void)
{
    static const struct {
        qw_rule_e rule;
        const char *since, *lapses, *name;
    } rows[] = {
        { QW_RULE_IDENTITY_REUSE, "2026-10-01", "2027-11-03", "398 days" },
        { QW_RULE_IDENTITY_REUSE, "2023-01-01", "2025-04-05",
          "825 days, when it was so" },
        { QW_RULE_IDENTITY_REUSE, "2024-12-31", "2026-03-15",
          "on the day of the change, if only then" },
        { QW_RULE_IDENTITY_REUSE, "2025-03-01", "2026-04-03",
          "by the new rule" },
        { QW_RULE_DCV_REUSE, "2027-01-01", "2027-04-11", "100 days from then" },
        { QW_RULE_DCV_REUSE, "2029-03-01", "2029-03-15", "and 10 days" },
    };

    for (unsigned i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        apr_time_t since = at(rows[i].since);
        apr_time_t lapse = qw_rule_lapses(rows[i].rule, since);

        ok(lapse == at(rows[i].lapses), "%s lapses: %s", rows[i].since,
           rows[i].name);
        printf("# %s\n", qw_text_time(lapse, pool));
        ok(since <= lapse - qw_rule_span(rows[i].rule, lapse),
           "the rule refuses then");
        ok(since > lapse - 1 - qw_rule_span(rows[i].rule, lapse - 1),
           "and not before");
    }
}

static void test_usual(void)
{
    apr_time_t first = 0, last = 0;
    qw_window_t w, again;

    for (int i = 0; i < 500; i++) {
        qw_renewal_t r = sound(apr_psprintf(pool, "%032x", i * 2654435761u));

        qw_renewal_window(&w, &r, authority, r.not_before);
        qw_renewal_window(&again, &r, authority, r.not_after + DAY);
        if (w.start < r.not_before + 603 * DAY / 10
            || w.end > r.not_before + 81 * DAY
            || w.end - w.start != (207 * DAY / 10) / 2 || w.start != again.start
            || w.end != again.end)
            ok(0, "a window within the slice, that stays: %d", i);
        if (first == 0 || w.start < first)
            first = w.start;
        if (w.start > last)
            last = w.start;
    }
    ok(last - first > 9 * DAY, "the windows are spread over the slice");
}

static void test_configured(void)
{
    qw_renewal_t r = sound("7f");
    qw_window_t w;

    authority->renewal_start = 20;
    authority->renewal_end = 30;
    qw_renewal_window(&w, &r, authority, r.not_before);
    ok(w.start >= r.not_before + 18 * DAY && w.end <= r.not_before + 27 * DAY,
       "the slice is as configured");
    authority->renewal_start = 67;
    authority->renewal_end = 90;
}

/* Of R at NOW; the end is END, and it is DAYS long. */
static void is_pulled(const qw_renewal_t *r, apr_time_t now, apr_time_t end,
                      int days, const char *name)
{
    qw_window_t w;

    qw_renewal_window(&w, r, authority, now);
    ok(w.end == end, "%s: its end", name);
    printf("# %s %s\n", qw_text_time(w.start, pool), qw_text_time(w.end, pool));
    ok((int)((w.end - w.start) / DAY) == days, "%s: %d days", name, days);
}

static void test_lapsing(void)
{
    qw_renewal_t r = sound("7f"), next;
    apr_time_t now = r.not_before;
    qw_window_t w, before;

    qw_renewal_window(&before, &r, authority, now);
    r.expires = now + 60 * DAY;
    is_pulled(&r, now, now + 59 * DAY, 10, "the end of the external account");
    next = r;
    next.not_before = now + 49 * DAY;
    next.not_after = next.not_before + 90 * DAY;
    qw_renewal_window(&w, &next, authority, next.not_before);
    ok(w.start > next.not_before + 60 * DAY,
       "what was renewed for it is not renewed for it again");
    qw_renewal_window(&w, &r, authority, r.expires);
    ok(w.start == before.start, "nor when it is too late for that");
    r.expires = now + 35 * DAY;
    is_pulled(&r, now, now + 34 * DAY, 3, "not before a third of its lifetime");
    r.expires = now + 20 * DAY;
    qw_renewal_window(&w, &r, authority, now);
    ok(w.start == before.start, "not while it is young");
    r.expires = before.end + DAY + 1;
    qw_renewal_window(&w, &r, authority, now);
    ok(w.start == before.start, "nor if the window ends before");

    r = sound("7f");
    r.verified_at = now - 330 * DAY;
    is_pulled(&r, now, now + 67 * DAY, 10, "the age of the identity");
    r.verified_at += DAY / 2;
    is_pulled(&r, now, now + 67 * DAY + DAY / 2, 10, "to the second");
}

static void test_at_once(void)
{
    qw_renewal_t r = sound("7f");
    apr_time_t now = r.not_before + 5 * DAY;
    qw_window_t w;

    r.revoked_at = now;
    qw_renewal_window(&w, &r, authority, now);
    ok(w.start < w.end && w.end < now, "[ARI-05] revoked this moment: past");
    r.revoked_at = now + DAY;
    qw_renewal_window(&w, &r, authority, now);
    ok(w.start < w.end && w.end < now, "[ARI-05] by a clock ahead: past");
    r.revoked_at = 0;
    r.recalled_at = now;
    qw_renewal_window(&w, &r, authority, now);
    ok(w.start < w.end && w.end < now, "[ARI-06] in an incident: past");
    r.expires = now + 60 * DAY;
    qw_renewal_window(&w, &r, authority, now);
    ok(w.end < now, "[ARI-06] whatever else");
}

int main(void)
{
    apr_initialize();
    apr_pool_create(&pool, NULL);
    authority = qw_authority_make("live", pool);
    test_lapse();
    test_usual();
    test_configured();
    test_lapsing();
    test_at_once();
    apr_pool_destroy(pool);
    return done_testing();
}
