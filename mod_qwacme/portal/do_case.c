/* What officers do about a compromise: the runbooks, signed. */
#include "base/log.h"
#include "base/text.h"
#include "portal/action.h"
#include "store/db_ledger.h"

#include <apr_strings.h>

#include <string.h>

/* More is for qwacmectl: all is opened in the transaction that signs it. */
enum {
    ITEMS_MOST = 5000,
    SERIALS_MOST = 1000,
    WORK_SECONDS = 8,
    LATER_SECONDS = 15
};

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
    return qw_cases_open_here(act->plan, r);
}

/* ---- what is asked for -------------------------------------------------------- */

/* *WHEN of member NAME of ACT: as browsers send it, without seconds or a zone, or as
 * it is signed. 0 if it is empty. */
static qw_problem_t *read_time(apr_time_t *when, qw_act_t *act,
                               const char *name, apr_pool_t *pool)
{
    static const char *const ends[] = { "", "Z", ":00Z" };
    const char *text = qw_act_get(act, name);

    *when = 0;
    if (*text == '\0')
        return NULL;
    for (unsigned i = 0; i < sizeof(ends) / sizeof(ends[0]); i++)
        if (qw_text_parse_time(when, apr_pstrcat(pool, text, ends[i], NULL))) {
            qw_act_set(act, name, qw_text_time(*when, pool));
            return NULL;
        }
    return QW_FAIL(pool, INVALID_INPUT,
                   "%s: '%s' is not a date (2026-11-23) or a time "
                   "(2026-11-23T12:00) in UTC",
                   name, qw_text_safe(text, 64, pool));
}

/* A form holds no more; each stands in what is signed. */
static qw_problem_t *read_serials(apr_array_header_t **serials, qw_act_t *act,
                                  const char *kind, apr_pool_t *pool)
{
    QW_TRY(
        qw_cases_serials(serials, qw_act_get(act, "serials"), "serials", pool));
    if ((*serials)->nelts > SERIALS_MOST)
        return QW_FAIL(pool, INVALID_INPUT,
                       "serials: %d are too many for the portal (%d); use "
                       "qwacmectl compromise %s",
                       (*serials)->nelts, SERIALS_MOST, kind);
    qw_act_set(act, "serials", qw_text_join(*serials, "\n", pool));
    return NULL;
}

/* [OPR-13] Which certificates are revoked: of a window, single ones, all, none. */
static qw_problem_t *choose(qw_cases_ask_t *ask, qw_act_t *act,
                            apr_pool_t *pool)
{
    const char *revoke = qw_act_get(act, "revoke");
    apr_array_header_t *serials;

    QW_TRY(read_time(&ask->since, act, "since", pool));
    QW_TRY(read_time(&ask->until, act, "until", pool));
    ask->revoke = *revoke != '\0' ? revoke : "none";
    if (strcmp(revoke, "serials") == 0) {
        QW_TRY(read_serials(&serials, act, ask->kind, pool));
        ask->revoke = qw_text_join(serials, " ", pool);
        return NULL;
    }
    if (*qw_act_get(act, "serials") != '\0')
        return QW_FAIL(pool, INVALID_INPUT,
                       "serials: choose to revoke those, or leave them away");
    if (strcmp(ask->revoke, "none") != 0 && strcmp(ask->revoke, "window") != 0
        && strcmp(ask->revoke, "all") != 0)
        return QW_FAIL(pool, INVALID_INPUT,
                       "revoke: '%s' is not none, window, serials or all",
                       qw_text_safe(revoke, 32, pool));
    return NULL;
}

/* Whoever is an officer of a test authority is none of a production authority. */
static qw_problem_t *check_place(const qw_act_t *act, const qw_registry_t *r)
{
    for (int i = 0; i < act->plan->items->nelts; i++) {
        const qw_case_item_t *item =
            APR_ARRAY_IDX(act->plan->items, i, const qw_case_item_t *);

        if (r->authority->kind == QW_KIND_TEST
            && strcmp(item->authority, r->authority->name) != 0)
            return QW_FAIL(r->pool, CONFLICT,
                           "this is in use in authority %s too, and %s is for "
                           "tests; do it there, or by qwacmectl compromise %s",
                           item->authority, r->authority->name,
                           act->plan->head.kind);
    }
    return NULL;
}

/* A blocked key is blocked in every authority. Who is trusted with tests alone
 * blocks what somebody has used here, who had to prove that it is his, and no key
 * that he has only seen: of a website, for example. */
static qw_problem_t *check_key_is_ours(const qw_act_t *act,
                                       const qw_registry_t *r)
{
    if (r->authority->kind != QW_KIND_TEST
        || strcmp(act->plan->head.kind, QW_CASE_KEY) != 0
        || act->plan->items->nelts > 1)
        return NULL;
    return QW_FAIL(r->pool, CONFLICT,
                   "no account and no good certificate of %s has this key, and "
                   "%s is for tests: it would be blocked in all authorities; "
                   "use qwacmectl compromise key",
                   r->authority->name, r->authority->name);
}

static qw_problem_t *plan_or_open(qw_act_t *act, const qw_registry_t *r,
                                  const qw_cases_ask_t *ask)
{
    QW_TRY(qw_cases_plan(&act->plan, r, ask));
    if (act->plan->items->nelts > ITEMS_MOST)
        return QW_FAIL(r->pool, CONFLICT,
                       "%d items are too many for the portal (%d); use "
                       "qwacmectl compromise %s %s",
                       act->plan->items->nelts, ITEMS_MOST, ask->kind,
                       ask->subject);
    QW_TRY(check_place(act, r));
    QW_TRY(check_key_is_ours(act, r));
    leave_authzs(act, r);
    if (act->is_trial)
        return name_certificates(act, r);
    QW_TRY(open_case(act, r));
    act->case_id = act->plan->head.id;
    return NULL;
}

static qw_problem_t *compromise(qw_act_t *act, const qw_registry_t *r,
                                const char *kind, const char *subject)
{
    qw_cases_ask_t ask = { .kind = kind, .subject = subject, .reason = -1 };

    QW_TRY(choose(&ask, act, r->pool));
    return plan_or_open(act, r, &ask);
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

/* What is signed stays for ever, so a private key must not come into it. */
static qw_problem_t *read_key(qw_key_id_t *key, qw_act_t *act, apr_pool_t *pool)
{
    char *text = apr_pstrdup(pool, qw_act_get(act, "key"));
    qw_bytes_t bytes;

    apr_collapse_spaces(text, text);
    key->thumbprint = NULL;
    key->spki_hash = qw_text_lower(text, pool);
    if (!qw_key_is_hash(text)) {
        bytes.data = (const unsigned char *)qw_act_get(act, "key");
        bytes.len = strlen(qw_act_get(act, "key"));
        if (strstr(qw_act_get(act, "key"), "PRIVATE KEY") != NULL)
            return QW_FAIL(pool, INVALID_INPUT,
                           "key: this is a private key, which must not be "
                           "kept; paste its public key (openssl pkey -pubout), "
                           "a certificate, a request or the hash");
        QW_TRY(qw_key_read(key, &bytes, "key", pool));
    }
    qw_act_set(act, "spki", key->spki_hash);
    return NULL;
}

qw_problem_t *qw_do_compromise_key(qw_act_t *act, const qw_page_t *page,
                                   const qw_registry_t *r)
{
    qw_cases_ask_t ask = { .kind = QW_CASE_KEY, .reason = -1 };
    qw_key_id_t key;

    QW_TRY(read_key(&key, act, r->pool));
    ask.key = &key;
    ask.subject = key.spki_hash;
    return plan_or_open(act, r, &ask);
}

qw_problem_t *qw_do_compromise_misissued(qw_act_t *act, const qw_page_t *page,
                                         const qw_registry_t *r)
{
    qw_cases_ask_t ask = { .kind = QW_CASE_MIS_ISSUANCE, .reason = -1 };
    apr_array_header_t *serials;

    QW_TRY(read_serials(&serials, act, ask.kind, r->pool));
    QW_TRY(read_time(&ask.revoke_at, act, "revoke_at", r->pool));
    ask.serials = serials;
    ask.url = qw_act_get(act, "url");
    ask.subject = apr_psprintf(r->pool, "%d serials", serials->nelts);
    return plan_or_open(act, r, &ask);
}

qw_problem_t *qw_do_compromise_drill(qw_act_t *act, const qw_page_t *page,
                                     const qw_registry_t *r)
{
    qw_cases_ask_t ask = { .kind = QW_CASE_CA_DRILL,
                           .subject = r->authority->name,
                           .reason = -1 };

    return plan_or_open(act, r, &ask);
}

qw_problem_t *qw_do_run_case(qw_act_t *act, const qw_page_t *page,
                             const qw_registry_t *r)
{
    act->case_id = qw_act_get(act, "case");
    return qw_cases_may_go_on(r, act->case_id);
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
    run.case_id = act->case_id;
    run.here = 1;
    prob = work_all(&run, page->pool);
    if (prob != NULL)
        qw_log(QW_LOG_ERR, 0, page->pool,
               "QW0560: case %s of authority %s is not done: %s; go on with "
               "it at the portal, or by qwacmectl case run %s",
               run.case_id, authority->name,
               qw_problem_for_log(prob, page->pool), run.case_id);
}
