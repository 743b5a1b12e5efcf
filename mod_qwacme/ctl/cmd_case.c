/* case list | show | run | report | note | close, report add | list */
#include "ctl/ctl.h"

#include "base/text.h"
#include "base/world.h"
#include "store/db_ledger.h"

#include <apr_strings.h>

#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum {
    PAGE = 1000,
    BAR = 40,
    SAY_EVERY = 2,
    RATE_MOST = 100000,
    BATCH_MOST = 200
};

/* ---- working it off ------------------------------------------------------------ */

typedef struct {
    qw_cases_run_t run;
    int rate; /* items in a second, at most; 0: as fast as it goes */
    int quiet;
    apr_time_t began, said;
} working_t;

static apr_int64_t ended(const working_t *w)
{
    return w->run.done + w->run.failed + w->run.skipped;
}

static void show_bar(const working_t *w, apr_int64_t per_second)
{
    apr_int64_t n = ended(w), all = w->run.left;
    int full = all > 0 ? (int)(n * BAR / all) : BAR;

    fprintf(stderr, "\r[%.*s%*s] %ld of %ld, %ld/s ", full > BAR ? BAR : full,
            "########################################",
            full > BAR ? 0 : BAR - full, "", (long)n, (long)all,
            (long)per_second);
}

/* A bar on a terminal; lines, and not too many, in a log. */
static void show(working_t *w, int is_end)
{
    apr_time_t now = qw_world()->now();
    apr_interval_time_t span = now > w->began ? now - w->began : 1;
    apr_int64_t per_second = ended(w) * APR_USEC_PER_SEC / span;

    if (w->quiet
        || (!is_end && now - w->said < apr_time_from_sec(SAY_EVERY) / 4))
        return;
    if (isatty(STDERR_FILENO)) {
        show_bar(w, per_second);
        if (is_end)
            fputc('\n', stderr);
    }
    else if (is_end || now - w->said >= apr_time_from_sec(SAY_EVERY))
        fprintf(stderr, "case %s: %ld of %ld, %ld/s\n", w->run.case_id,
                (long)ended(w), (long)w->run.left, (long)per_second);
    else
        return;
    w->said = now;
}

static void keep_to_rate(const working_t *w)
{
    apr_time_t due;

    if (w->rate == 0)
        return;
    due = w->began + ended(w) * APR_USEC_PER_SEC / w->rate;
    if (due > qw_world()->now())
        apr_sleep(due - qw_world()->now());
}

static qw_problem_t *work_all(working_t *w, apr_pool_t *pool)
{
    qw_problem_t *prob;
    apr_pool_t *batch;
    int n;

    apr_pool_create(&batch, pool);
    do {
        apr_pool_clear(batch);
        prob = qw_cases_work(&n, &w->run, batch);
        if (prob != NULL)
            return QW_FAIL(pool, UNAVAILABLE,
                           "%s; what was done stays done: go on with "
                           "qwacmectl case run %s",
                           qw_problem_for_log(prob, pool), w->run.case_id);
        show(w, 0);
        keep_to_rate(w);
    } while (n > 0);
    show(w, 1);
    apr_pool_destroy(batch);
    return NULL;
}

qw_problem_t *qwc_case_work(qwc_call_t *call, const char *id)
{
    working_t w = { 0 };

    QW_TRY(qwc_number(&w.rate, call, "rate", 1, RATE_MOST, 0));
    w.run.conf = call->conf;
    w.run.store = call->store;
    w.run.authority = call->authority;
    w.run.actor = call->registry.actor;
    w.run.case_id = id;
    w.run.early = qwc_option(call, "early") != NULL;
    w.run.retry = qwc_option(call, "retry") != NULL;
    w.run.batch =
        w.rate == 0 || w.rate / 4 > BATCH_MOST ? BATCH_MOST : w.rate / 4 + 1;
    w.quiet = qwc_option(call, "json") != NULL;
    QW_TRY(qw_cases_begin(&w.run, call->pool));
    w.began = w.said = qw_world()->now();
    return w.run.left > 0 ? work_all(&w, call->pool) : NULL;
}

/* ---- telling --------------------------------------------------------------------- */

typedef struct {
    qwc_call_t *call;
    const char *id;
    int items;
    apr_array_header_t *lines;
} telling_t;

static qw_problem_t *tell_counts(telling_t *t, qw_db_t *db, apr_pool_t *pool)
{
    json_t *counts = qw_json_new_object(pool);
    apr_array_header_t *list;

    QW_TRY(qw_case_item_counts(&list, db, t->id, pool));
    for (int i = 0; i < list->nelts; i++) {
        const qw_case_count_t *n = APR_ARRAY_IDX(list, i, qw_case_count_t *);

        json_object_set_new(counts,
                            apr_pstrcat(pool, n->kind, " ",
                                        qw_state_word(n->status), NULL),
                            json_integer(n->n));
    }
    json_object_set(t->call->result, "counts", counts);
    APR_ARRAY_PUSH(t->lines, const char *) =
        apr_pstrcat(pool, "counts:       ", qwc_counts_line(counts, pool),
                    NULL);
    return NULL;
}

static qw_problem_t *tell_items(telling_t *t, qw_db_t *db, apr_pool_t *pool)
{
    json_t *items = qw_json_new_array(pool);
    apr_array_header_t *page;
    apr_int64_t after = 0;

    do {
        QW_TRY(qw_case_item_list(&page, db, t->id, after, PAGE, pool));
        for (int i = 0; i < page->nelts; i++) {
            const qw_case_item_t *item =
                APR_ARRAY_IDX(page, i, qw_case_item_t *);

            after = item->seq;
            json_array_append(items,
                              qwc_item_json(item, t->call->authority->name,
                                            pool));
            APR_ARRAY_PUSH(t->lines, const char *) = qwc_item_line(item, pool);
        }
    } while (page->nelts == PAGE);
    json_object_set(t->call->result, "list", items);
    return NULL;
}

static qw_problem_t *tell(qw_db_t *db, void *baton, apr_pool_t *pool)
{
    telling_t *t = baton;
    qw_problem_t *prob;
    qw_case_t *c;

    prob = qw_case_get(&c, db, t->call->authority->name, t->id, pool);
    if (prob != NULL && prob->code == QW_E_NOT_FOUND)
        return QW_FAIL(pool, NOT_FOUND, "authority %s has no case '%s'",
                       t->call->authority->name, qw_text_safe(t->id, 32, pool));
    QW_TRY(prob);
    t->call->result = qwc_case_json(c, pool);
    qwc_case_lines(t->lines, c, pool);
    QW_TRY(tell_counts(t, db, pool));
    if (t->items)
        QW_TRY(tell_items(t, db, pool));
    APR_ARRAY_PUSH(t->lines, const char *) = "";
    t->call->text = qw_text_join(t->lines, "\n", pool);
    return NULL;
}

static telling_t telling_of(qwc_call_t *call, const char *id, int items)
{
    telling_t t = { call, id, items,
                    apr_array_make(call->pool, 32, sizeof(const char *)) };

    return t;
}

qw_problem_t *qwc_case_tell(qwc_call_t *call, const char *id, int items)
{
    telling_t t = telling_of(call, id, items);

    return qw_store_read(call->store, tell, &t, call->pool);
}

static qw_problem_t *tell_here(qwc_call_t *call, int items)
{
    telling_t t = telling_of(call, qwc_arg(call, 0), items);

    return tell(call->registry.db, &t, call->pool);
}

qw_problem_t *qwc_case_report(qwc_call_t *call)
{
    return tell_here(call, 1);
}

/* "2026-11-26T10:00:00Z case.note ctl:alice text: called them" */
static const char *event_line(const qw_event_t *e, const json_t *detail,
                              apr_pool_t *pool)
{
    const char *line =
        apr_pstrcat(pool, qw_text_time(e->at, pool), " ", e->event, " ",
                    qw_text_safe(e->actor, 64, pool), NULL);
    const char *key;
    json_t *value;

    json_object_foreach((json_t *)detail, key, value)
    {
        const char *text = json_is_string(value) ? json_string_value(value)
                                                 : qw_json_dump(value, pool);

        line = apr_pstrcat(pool, line, "  ", key, ": ",
                           qw_text_safe(text, 4096, pool), NULL);
    }
    return line;
}

/* With its events: notes among them. */
qw_problem_t *qwc_case_show(qwc_call_t *call)
{
    enum { EVENTS_MOST = 1000 };
    json_t *events = qw_json_new_array(call->pool);
    apr_array_header_t *list;
    const char *text;

    QW_TRY(tell_here(call, 0));
    text = call->text;
    QW_TRY(qw_event_list(&list, call->registry.db, call->authority->name,
                         qwc_arg(call, 0), EVENTS_MOST, call->pool));
    for (int i = list->nelts - 1; i >= 0; i--) {
        const qw_event_t *e = APR_ARRAY_IDX(list, i, qw_event_t *);
        json_t *event = qw_json_new_object(call->pool);
        json_t *detail = json_loads(e->detail, 0, NULL);

        qw_put_time(event, "at", e->at, call->pool);
        qw_put_text(event, "event", e->event);
        qw_put_text(event, "by", e->actor);
        json_object_set_new(event, "detail", detail);
        json_array_append(events, event);
        text = apr_pstrcat(call->pool, text, event_line(e, detail, call->pool),
                           "\n", NULL);
    }
    json_object_set(call->result, "events", events);
    call->text = text;
    return NULL;
}

qw_problem_t *qwc_case_run(qwc_call_t *call)
{
    QW_TRY(qwc_case_work(call, qwc_arg(call, 0)));
    return qwc_case_tell(call, qwc_arg(call, 0), 0);
}

/* ---- people ------------------------------------------------------------------------ */

qw_problem_t *qwc_case_note(qwc_call_t *call)
{
    QW_TRY(qw_cases_note(&call->registry, qwc_arg(call, 0), qwc_arg(call, 1)));
    return qwc_case_show(call);
}

qw_problem_t *qwc_case_close(qwc_call_t *call)
{
    const char *conclusion = qwc_option(call, "conclusion");

    if (conclusion == NULL)
        return QW_FAIL(call->pool, INVALID_INPUT,
                       "conclusion: say how it ended, for the record");
    QW_TRY(qw_cases_close(&call->registry, qwc_arg(call, 0), conclusion,
                          qwc_option(call, "skip") != NULL));
    return tell_here(call, 0);
}

static qw_problem_t *list_kind(qwc_call_t *call, const char *kind)
{
    qw_case_query_t query = { call->authority->name, kind != NULL ? kind : "",
                              qwc_option(call, "all") != NULL ? "" : "open",
                              0 };
    apr_array_header_t *list, *lines;

    QW_TRY(qwc_number(&query.limit, call, "limit", 1, 1000000, 100));
    QW_TRY(qw_case_list(&list, call->registry.db, &query, call->pool));
    call->result = qw_json_new_array(call->pool);
    lines = apr_array_make(call->pool, 16, sizeof(const char *));
    for (int i = 0; i < list->nelts; i++) {
        const qw_case_t *c = APR_ARRAY_IDX(list, i, qw_case_t *);

        json_array_append(call->result, qwc_case_json(c, call->pool));
        APR_ARRAY_PUSH(lines, const char *) =
            apr_psprintf(call->pool, "%s  %-7s%-18sopened %s%s%s  %s", c->id,
                         qw_state_word(c->status), c->kind,
                         qw_text_time(c->opened, call->pool),
                         c->due != 0 ? "  due " : "",
                         c->due != 0 ? qw_text_time(c->due, call->pool) : "",
                         qw_text_safe(c->subject, 64, call->pool));
    }
    APR_ARRAY_PUSH(lines, const char *) = list->nelts > 0 ? "" : "(none)\n";
    call->text = qw_text_join(lines, "\n", call->pool);
    return NULL;
}

qw_problem_t *qwc_case_list(qwc_call_t *call)
{
    return list_kind(call, qwc_option(call, "kind"));
}

/* ---- reports of problems ------------------------------------------------------------ */

qw_problem_t *qwc_report_list(qwc_call_t *call)
{
    return list_kind(call, QW_CASE_PROBLEM_REPORT);
}

static qw_problem_t *read_text(const char **text, const qwc_call_t *call)
{
    const char *path = qwc_option(call, "file");
    char *buffer = apr_pcalloc(call->pool, QW_REPORT_TEXT_MOST + 2);
    FILE *file;

    *text = qwc_option(call, "text");
    if (*text == NULL)
        *text = "";
    if (path == NULL)
        return NULL;
    file = fopen(path, "re");
    if (file == NULL)
        return QW_FAIL(call->pool, INVALID_INPUT, "%s: cannot be opened", path);
    (void)!fread(buffer, 1, QW_REPORT_TEXT_MOST + 1, file);
    fclose(file);
    *text = buffer;
    return NULL;
}

qw_problem_t *qwc_report_add(qwc_call_t *call)
{
    const char *problem = qwc_option(call, "problem");
    const char *contact = qwc_option(call, "contact"), *id;
    qw_report_t report = { 0 };
    telling_t t;

    report.subject = qwc_arg(call, 0);
    report.problem = problem != NULL ? problem : "other";
    report.contact = contact != NULL ? contact : "";
    report.by = call->registry.actor;
    QW_TRY(read_text(&report.text, call));
    QW_TRY(qw_report_open(&id, &call->registry, &report));
    t = telling_of(call, id, 0);
    return tell(call->registry.db, &t, call->pool);
}
