/* The life of a case: opened with its items, worked off, closed. */
#include "ca/case_priv.h"

#include "base/failpoint.h"
#include "base/text.h"
#include "base/world.h"
#include "registry/note.h"

#include <apr_strings.h>

#include <string.h>

enum { WRITE_BATCH = 500, RUN_BATCH = 200, TEXT_MOST = 4096 };

/* ---- opening ---------------------------------------------------------------- */

/* The day, and 40 bits in an alphabet that survives a telephone. */
static qw_problem_t *make_id(const char **id, apr_time_t now, apr_pool_t *pool)
{
    static const char letters[] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
    const char *day = qw_text_time(now, pool);
    unsigned char bytes[8];
    char tail[9];

    QW_TRY(qw_random(bytes, sizeof(bytes), pool));
    for (int i = 0; i < 8; i++)
        tail[i] = letters[bytes[i] & 31];
    tail[8] = '\0';
    *id = apr_psprintf(pool, "%.4s%.2s%.2s-%s", day, day + 5, day + 8, tail);
    return NULL;
}

qw_problem_t *qw_cases_insert(qw_case_t *head, const qw_registry_t *r)
{
    json_t *detail = qw_json_new_object(r->pool);

    head->authority = r->authority->name;
    head->opened = qw_authority_now(r->authority);
    head->opened_by = r->actor;
    QW_TRY(make_id(&head->id, head->opened, r->pool));
    QW_TRY(qw_case_insert(r->db, head, r->pool));
    json_object_set_new(detail, "kind", json_string(head->kind));
    json_object_set_new(detail, "subject", json_string(head->subject));
    json_object_set_new(detail, "items", json_integer(head->total));
    return qw_registry_note(r, "case.open", "case", head->id, detail);
}

int qw_cases_needs_approval(const qw_authority_t *authority, const qw_case_t *c)
{
    return strcmp(c->kind, QW_CASE_BULK_REVOKE) == 0
           && qw_authority_needs_two(authority, QW_ACTION_BULK_REVOKE);
}

/* [REV-25] A second person is asked in the transaction that opens the case. */
static qw_problem_t *ask(qw_cases_plan_t *plan, const qw_registry_t *r)
{
    json_t *request = qw_json_new_object(r->pool);
    const qw_case_t *c = &plan->head;
    qw_asking_t asking = { QW_ACTION_BULK_REVOKE, "case", c->id, request,
                           NULL };
    qw_approval_t *approval;

    json_object_set_new(request, "case", json_string(c->id));
    json_object_set_new(request, "subject", json_string(c->subject));
    json_object_set_new(request, "items", json_integer(c->total));
    json_object_set_new(request, "options", json_loads(c->options, 0, NULL));
    asking.reason =
        apr_psprintf(r->pool, "case %s: %" APR_INT64_T_FMT " items, %s", c->id,
                     c->total, c->subject);
    QW_TRY(qw_approval_request(&approval, r, &asking));
    plan->approval_id = approval->id;
    return NULL;
}

typedef struct {
    qw_cases_plan_t *plan;
    qw_registry_t r;
    int at; /* items written */
} writing_t;

static qw_problem_t *write_head(qw_db_t *db, void *baton, apr_pool_t *pool)
{
    writing_t *w = baton;

    (void)pool;
    w->r.db = db;
    QW_TRY(qw_cases_insert(&w->plan->head, &w->r));
    if (!qw_cases_needs_approval(w->r.authority, &w->plan->head))
        return NULL;
    return ask(w->plan, &w->r);
}

static int end_of_batch(const writing_t *w)
{
    int end = w->at + WRITE_BATCH, all = w->plan->items->nelts;

    return end < all ? end : all;
}

static qw_problem_t *write_items(qw_db_t *db, void *baton, apr_pool_t *pool)
{
    writing_t *w = baton;

    for (int i = w->at; i < end_of_batch(w); i++) {
        qw_case_item_t item =
            *APR_ARRAY_IDX(w->plan->items, i, qw_case_item_t *);

        item.case_id = w->plan->head.id;
        item.seq = i + 1;
        QW_TRY(qw_case_item_insert(db, &item, pool));
    }
    return NULL;
}

qw_problem_t *qw_cases_open(qw_cases_plan_t *plan, qw_store_t *store,
                            const qw_registry_t *r)
{
    writing_t w = { plan, *r, 0 };
    apr_pool_t *batch;

    plan->head.total = plan->items->nelts;
    QW_TRY(qw_store_write(store, write_head, &w, r->pool));
    apr_pool_create(&batch, r->pool);
    for (; w.at < plan->items->nelts; w.at = end_of_batch(&w)) {
        QW_FAILPOINT("case.open.items", r->pool);
        QW_TRY(qw_store_write(store, write_items, &w, batch));
        apr_pool_clear(batch);
    }
    apr_pool_destroy(batch);
    return NULL;
}

qw_problem_t *qw_cases_open_here(qw_cases_plan_t *plan, const qw_registry_t *r)
{
    writing_t w = { plan, *r, 0 };

    plan->head.total = plan->items->nelts;
    QW_TRY(qw_cases_insert(&plan->head, r));
    for (; w.at < plan->items->nelts; w.at = end_of_batch(&w))
        QW_TRY(write_items(r->db, &w, r->pool));
    return NULL;
}

/* ---- working ---------------------------------------------------------------- */

static qw_problem_t *may_work(const qw_authority_t *authority,
                              const qw_case_t *c, apr_pool_t *pool)
{
    if (c->status != QW_case_OPEN)
        return QW_FAIL(pool, CONFLICT, "case %s is closed", c->id);
    if (qw_cases_needs_approval(authority, c) && c->approved_by == NULL)
        return QW_FAIL(pool, CONFLICT,
                       "case %s waits for a second person to approve it",
                       c->id);
    return NULL;
}

/* An approval is of a plan of its time: the certificates may be others by now. */
static qw_problem_t *use_approval(const qw_registry_t *r, const qw_case_t *c)
{
    qw_problem_t *prob;

    if (!qw_cases_needs_approval(r->authority, c))
        return NULL;
    prob = qw_approval_use(r, QW_ACTION_BULK_REVOKE, "case", c->id);
    if (prob == NULL || prob->code != QW_E_CONFLICT)
        return prob;
    return QW_FAIL(r->pool, CONFLICT,
                   "case %s: %s; close it ('qwacmectl case close %s "
                   "--skip --conclusion ...') and open it anew by 'qwacmectl "
                   "certificate bulk-revoke'",
                   c->id, prob->detail, c->id);
}

static qw_problem_t *find_case(qw_case_t **c, const qw_registry_t *r,
                               const char *id)
{
    qw_problem_t *prob = qw_case_get(c, r->db, r->authority->name, id, r->pool);

    if (prob != NULL && prob->code == QW_E_NOT_FOUND)
        return QW_FAIL(r->pool, NOT_FOUND, "authority %s has no case '%s'",
                       r->authority->name, qw_text_safe(id, 32, r->pool));
    return prob;
}

/* *PLANNED of its items are still to be worked, of *ALL that were written. */
static qw_problem_t *count(apr_int64_t *planned, apr_int64_t *all, qw_db_t *db,
                           const char *id, apr_pool_t *pool)
{
    apr_array_header_t *counts;

    *planned = *all = 0;
    QW_TRY(qw_case_item_counts(&counts, db, id, pool));
    for (int i = 0; i < counts->nelts; i++) {
        const qw_case_count_t *n = APR_ARRAY_IDX(counts, i, qw_case_count_t *);

        *all += n->n;
        if (n->status == QW_case_item_PLANNED)
            *planned += n->n;
    }
    return NULL;
}

/* What is approved is a whole plan: its items do not change any more. */
static qw_problem_t *check_whole(const qw_registry_t *r, const qw_case_t *c)
{
    apr_int64_t planned, all;

    QW_TRY(count(&planned, &all, r->db, c->id, r->pool));
    if (all == c->total)
        return NULL;
    return QW_FAIL(r->pool, CONFLICT,
                   "of the %" APR_INT64_T_FMT
                   " items of case %s, %" APR_INT64_T_FMT
                   " were written: it was cut short before "
                   "anything was done; close it, and open it anew",
                   c->total, c->id, all);
}

qw_problem_t *qw_cases_may_go_on(const qw_registry_t *r, const char *id)
{
    apr_int64_t n;
    qw_case_t *c;

    QW_TRY(find_case(&c, r, id));
    QW_TRY(may_work(r->authority, c, r->pool));
    QW_TRY(use_approval(r, c));
    QW_TRY(check_whole(r, c));
    QW_TRY(qw_case_item_count_here(&n, r->db, c->id, r->authority->name,
                                   qw_authority_now(r->authority), r->pool));
    if (n == 0)
        return QW_FAIL(r->pool, CONFLICT,
                       "nothing of case %s is left to be done here now", c->id);
    return NULL;
}

static qw_registry_t registry_of(const qw_cases_run_t *run, qw_db_t *db,
                                 apr_pool_t *pool)
{
    qw_registry_t r = { db, run->authority, run->actor, pool };

    return r;
}

static qw_problem_t *begin(qw_db_t *db, void *baton, apr_pool_t *pool)
{
    qw_cases_run_t *run = baton;
    qw_registry_t r = registry_of(run, db, pool);
    json_t *detail = qw_json_new_object(pool);
    apr_int64_t all;
    qw_case_t *c;
    int n;

    QW_TRY(find_case(&c, &r, run->case_id));
    QW_TRY(may_work(run->authority, c, pool));
    QW_TRY(use_approval(&r, c));
    if (run->retry)
        QW_TRY(qw_case_items_retry(&n, db, c->id, pool));
    QW_TRY(check_whole(&r, c));
    QW_TRY(count(&run->left, &all, db, c->id, pool));
    if (run->left == 0)
        return NULL;
    json_object_set_new(detail, "items", json_integer(run->left));
    return qw_registry_note(&r, "case.run", "case", c->id, detail);
}

qw_problem_t *qw_cases_begin(qw_cases_run_t *run, apr_pool_t *pool)
{
    if (run->batch == 0)
        run->batch = RUN_BATCH;
    return qw_store_write(run->store, begin, run, pool);
}

typedef struct {
    qw_cases_run_t *run;
    int limit;
    int scheduled;              /* of all cases, what has its time */
    apr_array_header_t *items;  /* those of the transaction, with their ends */
    const qw_problem_t *broken; /* the first item fails by this */
} batch_t;

/* How ITEM ended by PROB; another problem is the transaction's. */
static qw_problem_t *settle(qw_case_item_t *item, qw_problem_t *prob)
{
    item->status = QW_case_item_DONE;
    if (prob == NULL)
        return NULL;
    item->status = QW_case_item_SKIPPED;
    item->result = prob->detail;
    if (prob->code == QW_E_ALREADY_REVOKED || prob->code == QW_E_CONFLICT)
        return NULL;
    item->status = QW_case_item_FAILED;
    return prob->code == QW_E_NOT_FOUND ? NULL : prob;
}

static qw_problem_t *act(qw_case_item_t *item, const qw_case_t *c,
                         const qw_cases_run_t *run, qw_registry_t *r)
{
    r->authority = qw_conf_authority(run->conf, item->authority);
    if (r->authority == NULL)
        return QW_FAIL(r->pool, NOT_FOUND,
                       "the configuration has no authority %s",
                       item->authority);
    return qw_case_act(&item->result, r, c, item);
}

static qw_problem_t *end_item(qw_case_item_t *item, const qw_case_t *c,
                              const batch_t *b, qw_registry_t *r)
{
    if (b->broken == NULL)
        QW_TRY(settle(item, act(item, c, b->run, r)));
    else {
        item->status = QW_case_item_FAILED;
        item->result = b->broken->detail;
    }
    item->at = qw_authority_now(b->run->authority);
    item->actor = r->actor;
    return qw_case_item_end(r->db, item, r->pool);
}

static qw_problem_t *next(batch_t *b, qw_db_t *db, apr_pool_t *pool)
{
    qw_cases_run_t *run = b->run;
    apr_time_t now = qw_authority_now(run->authority);

    if (b->scheduled)
        return qw_case_item_scheduled(&b->items, db, run->authority->name, now,
                                      b->limit, pool);
    if (run->here)
        return qw_case_item_next_here(&b->items, db, run->case_id,
                                      run->authority->name, now, b->limit,
                                      pool);
    return qw_case_item_next(&b->items, db, run->case_id,
                             run->early ? APR_INT64_MAX : now, b->limit, pool);
}

/* The case of ITEM, unless *C is it; then it may be worked. */
static qw_problem_t *case_of(qw_case_t **c, const qw_case_item_t *item,
                             const qw_registry_t *r)
{
    if (*c != NULL && strcmp((*c)->id, item->case_id) == 0)
        return NULL;
    QW_TRY(find_case(c, r, item->case_id));
    return may_work(r->authority, *c, r->pool);
}

static qw_problem_t *work(qw_db_t *db, void *baton, apr_pool_t *pool)
{
    batch_t *b = baton;
    qw_case_t *c = NULL;

    QW_TRY(next(b, db, pool));
    for (int i = 0; i < b->items->nelts; i++) {
        qw_case_item_t *item = APR_ARRAY_IDX(b->items, i, qw_case_item_t *);
        qw_registry_t r = registry_of(b->run, db, pool);

        QW_TRY(case_of(&c, item, &r));
        if (b->scheduled)
            r.actor = apr_pstrcat(pool, "case:", c->id, NULL);
        QW_TRY(end_item(item, c, b, &r));
    }
    QW_FAILPOINT("case.work", pool);
    return NULL;
}

static int is_passing(const qw_problem_t *prob)
{
    return prob->code == QW_E_UNAVAILABLE || prob->code == QW_E_COMMIT_UNKNOWN
           || prob->code == QW_E_CONFLICT;
}

/* Where one item breaks the transaction of all, it alone fails. */
static qw_problem_t *work_apart(batch_t *b, qw_problem_t *prob,
                                apr_pool_t *pool)
{
    if (is_passing(prob))
        return prob;
    b->limit = 1;
    prob = qw_store_write(b->run->store, work, b, pool);
    if (prob == NULL || is_passing(prob))
        return prob;
    b->broken = prob;
    return qw_store_write(b->run->store, work, b, pool);
}

static void tally(int *n, const batch_t *b)
{
    *n = b->items->nelts;
    for (int i = 0; i < *n; i++)
        switch ((int)APR_ARRAY_IDX(b->items, i, qw_case_item_t *)->status) {
        case QW_case_item_DONE:
            b->run->done++;
            break;
        case QW_case_item_FAILED:
            b->run->failed++;
            break;
        default:
            b->run->skipped++;
        }
}

static qw_problem_t *work_batch(int *n, batch_t *b, apr_pool_t *pool)
{
    qw_problem_t *prob = qw_store_write(b->run->store, work, b, pool);

    if (prob != NULL)
        QW_TRY(work_apart(b, prob, pool));
    tally(n, b);
    return NULL;
}

qw_problem_t *qw_cases_work(int *n, qw_cases_run_t *run, apr_pool_t *pool)
{
    batch_t b = { run, run->batch, 0, NULL, NULL };

    return work_batch(n, &b, pool);
}

typedef struct {
    const qw_authority_t *authority;
    apr_time_t soonest;
} look_t;

static qw_problem_t *look(qw_db_t *db, void *baton, apr_pool_t *pool)
{
    look_t *l = baton;

    return qw_case_item_soonest(&l->soonest, db, l->authority->name, pool);
}

/* Reading costs nothing, and mostly there is nothing to do. */
qw_problem_t *qw_cases_scheduled(int *n, const qw_conf_t *conf,
                                 qw_store_t *store,
                                 const qw_authority_t *authority,
                                 apr_pool_t *pool)
{
    qw_cases_run_t run = { .conf = conf,
                           .store = store,
                           .authority = authority };
    batch_t b = { &run, RUN_BATCH, 1, NULL, NULL };
    look_t l = { authority, 0 };

    *n = 0;
    QW_TRY(qw_store_read(store, look, &l, pool));
    if (l.soonest == 0 || l.soonest > qw_authority_now(authority))
        return NULL;
    return work_batch(n, &b, pool);
}

/* ---- people ------------------------------------------------------------------ */

qw_problem_t *qw_cases_approved(const qw_registry_t *r,
                                const qw_approval_t *approval, void *baton)
{
    qw_case_t *c;

    (void)baton;
    QW_TRY(find_case(&c, r, approval->subject_id));
    QW_TRY(check_whole(r, c));
    if (c->status != QW_case_OPEN)
        return QW_FAIL(r->pool, CONFLICT, "case %s is closed", c->id);
    QW_TRY(qw_case_approve(r->db, c->id, r->actor,
                           qw_authority_now(r->authority), r->pool));
    return qw_registry_note(r, "case.approve", "case", c->id, NULL);
}

static qw_problem_t *check_text(const char *what, const char *text,
                                apr_pool_t *pool)
{
    apr_size_t n = text != NULL ? strlen(text) : 0;

    if (n == 0 || n > TEXT_MOST || !qw_text_is_utf8(text, n))
        return QW_FAIL(pool, INVALID_INPUT,
                       "%s: write 1 to %d bytes of UTF-8, for the record", what,
                       TEXT_MOST);
    return NULL;
}

qw_problem_t *qw_cases_note(const qw_registry_t *r, const char *id,
                            const char *text)
{
    json_t *detail = qw_json_new_object(r->pool);
    qw_case_t *c;

    QW_TRY(find_case(&c, r, id));
    QW_TRY(check_text("text", text, r->pool));
    json_object_set_new(detail, "text", json_string(text));
    return qw_registry_note(r, "case.note", "case", c->id, detail);
}

static qw_problem_t *skip_rest(const qw_registry_t *r, const qw_case_t *c)
{
    qw_case_item_t how = { 0 };
    int n;

    how.case_id = c->id;
    how.at = qw_authority_now(r->authority);
    how.actor = r->actor;
    how.result = "the case was closed";
    return qw_case_items_skip(&n, r->db, &how, r->pool);
}

qw_problem_t *qw_cases_close(const qw_registry_t *r, const char *id,
                             const char *conclusion, int skip)
{
    json_t *detail = qw_json_new_object(r->pool);
    apr_int64_t planned, all;
    qw_case_t *c;

    QW_TRY(check_text("conclusion", conclusion, r->pool));
    QW_TRY(find_case(&c, r, id));
    if (c->status != QW_case_OPEN)
        return QW_FAIL(r->pool, CONFLICT, "case %s was closed before", c->id);
    QW_TRY(count(&planned, &all, r->db, c->id, r->pool));
    if (planned > 0 && !skip)
        return QW_FAIL(r->pool, CONFLICT,
                       "%" APR_INT64_T_FMT " items of case %s are not done; "
                       "run it, or close it with --skip",
                       planned, c->id);
    if (planned > 0)
        QW_TRY(skip_rest(r, c));
    c->conclusion = conclusion;
    c->closed_by = r->actor;
    c->closed = qw_authority_now(r->authority);
    QW_TRY(qw_case_close(r->db, c, r->pool));
    json_object_set_new(detail, "conclusion", json_string(conclusion));
    json_object_set_new(detail, "skipped", json_integer(planned));
    return qw_registry_note(r, "case.close", "case", c->id, detail);
}
