/* What officers do about a compromise: the runbooks, signed. */
#include "base/log.h"
#include "portal/action.h"
#include "store/db_ledger.h"

#include <apr_strings.h>

#include <string.h>

/* More is for qwacmectl: all is opened in the transaction that signs it. */
enum { ITEMS_MOST = 5000, WORK_SECONDS = 8, LATER_SECONDS = 15 };

static int is_certificate(const qw_case_item_t *item)
{
    return strcmp(item->kind, QW_ITEM_REVOKE) == 0
           || strcmp(item->kind, QW_ITEM_LIST) == 0;
}

/* What is listed may be another thing than a certificate. */
static qw_problem_t *name_certificates(qw_act_t *act, const qw_registry_t *r)
{
    const apr_array_header_t *items = act->plan->items;
    qw_certificate_t *c;
    qw_problem_t *prob;

    act->names = apr_pcalloc(r->pool, sizeof(*act->names)
                                          * (apr_size_t)(items->nelts + 1));
    for (int i = 0; i < items->nelts; i++) {
        const qw_case_item_t *item = APR_ARRAY_IDX(items, i, qw_case_item_t *);

        if (!is_certificate(item))
            continue;
        prob = qw_certificate_get(&c, r->db, item->authority, NULL,
                                  item->subject_id, r->pool);
        if (prob == NULL)
            act->names[i] = c->names;
        QW_TRY(qw_problem_unless(prob, QW_E_NOT_FOUND));
    }
    return NULL;
}

/* Nobody whose accounts are suspended can use an authorization. Those are ended by
 * a child a little later: the portal's role writes nothing that leads to a
 * certificate. */
static void leave_authzs(const qw_act_t *act, const qw_registry_t *r)
{
    apr_time_t later =
        qw_authority_now(r->authority) + apr_time_from_sec(LATER_SECONDS);

    for (int i = 0; i < act->plan->items->nelts; i++) {
        qw_case_item_t *item =
            APR_ARRAY_IDX(act->plan->items, i, qw_case_item_t *);

        if (strcmp(item->kind, QW_ITEM_KILL_AUTHZ) == 0)
            item->not_before = later;
    }
}

/* The case says by which signature it was opened. */
static qw_problem_t *open_case(qw_act_t *act, const qw_registry_t *r)
{
    qw_case_t *head = &act->plan->head;
    json_t *options;

    QW_TRY(qw_json_parse_object(&options, head->options, strlen(head->options),
                                "options", r->pool));
    json_object_set_new(options, "action", json_string(act->id));
    head->options = qw_json_dump(options, r->pool);
    leave_authzs(act, r);
    return qw_cases_open_here(act->plan, r);
}

static qw_problem_t *compromise(qw_act_t *act, const qw_registry_t *r,
                                const char *kind, const char *subject)
{
    qw_cases_ask_t ask = { .kind = kind, .subject = subject, .reason = -1 };
    const char *revoke = qw_act_get(act, "revoke");

    if (*revoke != '\0' && strcmp(revoke, "yes") != 0)
        return QW_FAIL(r->pool, INVALID_INPUT, "revoke: 'yes' or nothing");
    ask.revoke = *revoke != '\0' ? "all" : "none";
    QW_TRY(qw_cases_plan(&act->plan, r, &ask));
    if (act->plan->items->nelts > ITEMS_MOST)
        return QW_FAIL(r->pool, CONFLICT,
                       "%d items are too many for the portal; use qwacmectl "
                       "compromise %s %s",
                       act->plan->items->nelts, kind, subject);
    return act->is_trial ? name_certificates(act, r) : open_case(act, r);
}

qw_problem_t *qw_do_compromise(qw_act_t *act, const qw_page_t *page,
                               const qw_registry_t *r)
{
    return compromise(act, r, QW_CASE_EXTERNAL_ACCOUNT, act->external->id);
}

qw_problem_t *qw_do_compromise_acme(qw_act_t *act, const qw_page_t *page,
                                    const qw_registry_t *r)
{
    const char *id;

    QW_TRY(qw_act_acme(&id, act, r));
    return compromise(act, r, QW_CASE_ACME_ACCOUNT, id);
}

qw_problem_t *qw_do_compromise_binding(qw_act_t *act, const qw_page_t *page,
                                       const qw_registry_t *r)
{
    const char *kid = qw_act_get(act, "key");

    QW_TRY(qw_act_binding(kid, act, r));
    return compromise(act, r, QW_CASE_BINDING, kid);
}

/* ---- working it off --------------------------------------------------------- */

/* It ends well before what is left to others has its time. */
static qw_problem_t *work_all(qw_cases_run_t *run, apr_pool_t *pool)
{
    apr_time_t until =
        qw_authority_now(run->authority) + apr_time_from_sec(WORK_SECONDS);
    apr_pool_t *batch;
    int n = 1;

    QW_TRY(qw_cases_begin(run, pool));
    apr_pool_create(&batch, pool);
    while (n > 0) {
        if (qw_authority_now(run->authority) > until)
            return QW_FAIL(pool, UNAVAILABLE, "it takes too long");
        apr_pool_clear(batch);
        QW_TRY(qw_cases_work(&n, run, batch));
    }
    return NULL;
}

void qw_act_work(const qw_act_t *act, const qw_page_t *page)
{
    const qw_authority_t *authority = page->portal->authority;
    qw_conf_t conf = { 0 }; /* of items that are all of one authority */
    qw_cases_run_t run = { .conf = &conf };
    qw_problem_t *prob;
    qw_registry_t r;

    conf.authorities =
        apr_array_make(page->pool, 1, sizeof(const qw_authority_t *));
    APR_ARRAY_PUSH(conf.authorities, const qw_authority_t *) = authority;
    qw_page_registry(&r, page, NULL);
    run.store = page->portal->store;
    run.authority = authority;
    run.actor = r.actor;
    run.case_id = act->plan->head.id;
    prob = work_all(&run, page->pool);
    if (prob != NULL)
        qw_log(QW_LOG_ERR, 0, page->pool,
               "QW0560: case %s of authority %s is not done: %s; go on with "
               "qwacmectl case run %s",
               run.case_id, authority->name,
               qw_problem_for_log(prob, page->pool), run.case_id);
}
