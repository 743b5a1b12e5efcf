/* compromise ..., certificate bulk-revoke: a plan, and with --confirm a case */
#include "ctl/ctl.h"

#include "base/text.h"
#include "ctl/evidence.h"
#include "portal/case_next.h"

#include <apr_strings.h>

#include <string.h>

typedef struct {
    qwc_call_t *call;
    qw_cases_ask_t ask;
    const char *account; /* external account whose certificates are meant */
    qw_cases_plan_t *plan;
} asking_t;

static qw_problem_t *find_external(asking_t *a, const qw_registry_t *r)
{
    qw_external_t *external;
    qw_problem_t *prob = qw_registry_find(&external, r, a->account);

    if (prob != NULL && prob->code == QW_E_NOT_FOUND)
        return QW_FAIL(r->pool, NOT_FOUND,
                       "authority %s has no external account '%s'",
                       r->authority->name,
                       qw_text_safe(a->account, 64, r->pool));
    QW_TRY(prob);
    a->ask.external_id = external->id;
    return NULL;
}

static qw_problem_t *plan(qw_db_t *db, void *baton, apr_pool_t *pool)
{
    asking_t *a = baton;
    qw_registry_t r = a->call->registry;

    r.db = db;
    r.pool = pool;
    if (a->account != NULL)
        QW_TRY(find_external(a, &r));
    return qw_cases_plan(&a->plan, &r, &a->ask);
}

static void push_all(apr_array_header_t *lines, const qw_cases_plan_t *p,
                     apr_pool_t *pool)
{
    for (int i = 0; i < p->items->nelts; i++)
        APR_ARRAY_PUSH(lines, const char *) =
            qwc_item_line(APR_ARRAY_IDX(p->items, i, qw_case_item_t *), pool);
}

/* What people do then, in words; once it is opened, who else is asked. */
static apr_array_header_t *next_of(const asking_t *a)
{
    const qw_cases_plan_t *p = a->plan;
    apr_pool_t *pool = a->call->pool;
    apr_array_header_t *next = apr_array_make(pool, 4, sizeof(const char *));
    int n;
    const qw_message_e *messages = qw_case_next(&n, p->head.kind);

    for (int i = 0; i < n; i++)
        APR_ARRAY_PUSH(next, const char *) =
            qw_message(messages[i], QW_ENGLISH);
    if (p->approval_id != NULL)
        APR_ARRAY_PUSH(next, const char *) =
            apr_psprintf(pool,
                         "Another person approves it: qwacmectl approval "
                         "approve %s; then: qwacmectl case run %s.",
                         p->approval_id, p->head.id);
    return next;
}

static void push_next(apr_array_header_t *lines, const asking_t *a)
{
    const apr_array_header_t *next = next_of(a);

    for (int i = 0; i < next->nelts; i++)
        APR_ARRAY_PUSH(lines, const char *) =
            apr_psprintf(a->call->pool, "%s%d. %s", i == 0 ? "\nThen:\n" : "",
                         i + 1, APR_ARRAY_IDX(next, i, const char *));
    APR_ARRAY_PUSH(lines, const char *) = "";
}

static json_t *next_json(const asking_t *a)
{
    json_t *list = qw_json_new_array(a->call->pool);
    const apr_array_header_t *next = next_of(a);

    for (int i = 0; i < next->nelts; i++)
        json_array_append_new(list, json_string(
                                        APR_ARRAY_IDX(next, i, const char *)));
    return list;
}

/* What would be done, by name. */
static void show_plan(asking_t *a)
{
    apr_pool_t *pool = a->call->pool;
    apr_array_header_t *lines = apr_array_make(pool, 64, sizeof(char *));
    json_t *object = qw_json_new_object(pool), *items = qw_json_new_array(pool);
    json_t *counts = qwc_counts_of(a->plan->items, pool);

    qw_put_text(object, "kind", a->plan->head.kind);
    qw_put_text(object, "subject", a->plan->head.subject);
    json_object_set_new(object, "dryRun", json_true());
    json_object_set(object, "counts", counts);
    for (int i = 0; i < a->plan->items->nelts; i++)
        json_array_append(items, qwc_item_json(APR_ARRAY_IDX(a->plan->items, i,
                                                             qw_case_item_t *),
                                               a->call->authority->name, pool));
    json_object_set(object, "list", items);
    json_object_set(object, "next", next_json(a));
    push_all(lines, a->plan, pool);
    APR_ARRAY_PUSH(lines, const char *) =
        apr_psprintf(pool,
                     "\n%d items: %s. (*: in the suspected window)\n"
                     "Nothing was written. %s",
                     a->plan->items->nelts, qwc_counts_line(counts, pool),
                     a->plan->items->nelts > 0
                         ? "Do it with --confirm."
                         : "There is nothing to do, and no case of it.");
    push_next(lines, a);
    a->call->result = object;
    a->call->text = qw_text_join(lines, "\n", pool);
}

static void show_next(asking_t *a)
{
    apr_pool_t *pool = a->call->pool;
    apr_array_header_t *lines = apr_array_make(pool, 8, sizeof(char *));

    json_object_set(a->call->result, "next", next_json(a));
    push_next(lines, a);
    a->call->text =
        apr_pstrcat(pool, a->call->text, qw_text_join(lines, "\n", pool), NULL);
}

static qw_problem_t *open_and_run(asking_t *a)
{
    qwc_call_t *call = a->call;

    QW_TRY(qw_cases_open(a->plan, call->store, &call->registry));
    if (a->plan->approval_id != NULL) {
        QW_TRY(qwc_case_tell(call, a->plan->head.id, 0));
        qw_put_text(call->result, "approval", a->plan->approval_id);
        return NULL;
    }
    QW_TRY(qwc_case_work(call, a->plan->head.id));
    return qwc_case_tell(call, a->plan->head.id, 0);
}

static qw_problem_t *go(asking_t *a)
{
    qwc_call_t *call = a->call;

    a->ask.revoke = qwc_option(call, "revoke");
    a->ask.url = qwc_option(call, "url");
    a->ask.issuer = qwc_option(call, "issuer");
    QW_TRY(qwc_time(&a->ask.since, call, "since", NULL));
    QW_TRY(qwc_time(&a->ask.until, call, "until", NULL));
    QW_TRY(qwc_time(&a->ask.revoke_at, call, "revoke-at", NULL));
    QW_TRY(qwc_reason(&a->ask.reason, call, -1));
    if (strcmp(a->ask.kind, QW_CASE_BULK_REVOKE) == 0
        && (a->ask.since != 0 || a->ask.until != 0))
        a->ask.revoke = "window";
    QW_TRY(qw_store_read(call->store, plan, a, call->pool));
    if (qwc_option(call, "confirm") == NULL || a->plan->items->nelts == 0) {
        show_plan(a);
        return NULL;
    }
    QW_TRY(open_and_run(a));
    show_next(a);
    return NULL;
}

static asking_t asking_of(qwc_call_t *call, const char *kind)
{
    asking_t a = { call, { .kind = kind, .reason = -1 }, NULL, NULL };

    if (call->args->nelts > 0)
        a.ask.subject = qwc_arg(call, 0);
    return a;
}

qw_problem_t *qwc_compromise_acme_account(qwc_call_t *call)
{
    asking_t a = asking_of(call, QW_CASE_ACME_ACCOUNT);

    return go(&a);
}

qw_problem_t *qwc_compromise_external(qwc_call_t *call)
{
    asking_t a = asking_of(call, QW_CASE_EXTERNAL_ACCOUNT);

    return go(&a);
}

qw_problem_t *qwc_compromise_binding(qwc_call_t *call)
{
    asking_t a = asking_of(call, QW_CASE_BINDING);

    return go(&a);
}

qw_problem_t *qwc_key_named(qw_key_id_t *key, const qwc_call_t *call,
                            const char *text)
{
    const char *pem;
    qw_bytes_t bytes;

    key->thumbprint = NULL;
    key->spki_hash = qw_text_lower(text, call->pool);
    if (qw_key_is_hash(text))
        return NULL;
    QW_TRY(qwc_read_file(&pem, text, call->pool));
    bytes.data = (const unsigned char *)pem;
    bytes.len = strlen(pem);
    return qw_key_read(key, &bytes, text, call->pool);
}

qw_problem_t *qwc_compromise_key(qwc_call_t *call)
{
    asking_t a = asking_of(call, QW_CASE_KEY);
    qw_key_id_t key;

    QW_TRY(qwc_key_named(&key, call, qwc_arg(call, 0)));
    a.ask.key = &key;
    return go(&a);
}

qw_problem_t *qwc_compromise_mis_issuance(qwc_call_t *call)
{
    asking_t a = asking_of(call, QW_CASE_MIS_ISSUANCE);
    apr_array_header_t *serials;

    QW_TRY(qwc_read_serials(&serials, qwc_arg(call, 0), call->pool));
    a.ask.serials = serials;
    a.ask.subject = apr_psprintf(call->pool, "%d serials of %s", serials->nelts,
                                 qwc_arg(call, 0));
    return go(&a);
}

qw_problem_t *qwc_compromise_ca_drill(qwc_call_t *call)
{
    const char *issuer = qwc_option(call, "issuer");
    asking_t a = asking_of(call, QW_CASE_CA_DRILL);

    a.ask.subject = issuer != NULL ? issuer : call->authority->name;
    return go(&a);
}

/* The one selection that was made, for the record. */
static qw_problem_t *choose(asking_t *a)
{
    static const char *const ways[] = { "account", "acme-account", "domain",
                                        "key",     "serials",      "issuer" };
    int n = 0;

    for (unsigned i = 0; i < sizeof(ways) / sizeof(ways[0]); i++) {
        const char *value = qwc_option(a->call, ways[i]);

        if (value == NULL)
            continue;
        n++;
        a->ask.subject = apr_pstrcat(a->call->pool, ways[i], " ", value, NULL);
    }
    if (n == 1)
        return NULL;
    return QW_FAIL(a->call->pool, INVALID_INPUT,
                   "choose by one of --account, --acme-account, --domain, "
                   "--key, --serials and --issuer");
}

qw_problem_t *qwc_certificate_bulk_revoke(qwc_call_t *call)
{
    asking_t a = asking_of(call, QW_CASE_BULK_REVOKE);
    const char *serials = qwc_option(call, "serials");
    const char *named = qwc_option(call, "key");
    const char *domain = qwc_option(call, "domain");
    apr_array_header_t *list;
    qw_key_id_t key;

    QW_TRY(choose(&a));
    a.account = qwc_option(call, "account");
    a.ask.account_id = qwc_option(call, "acme-account");
    if (domain != NULL)
        a.ask.domain = qw_text_lower(domain, call->pool);
    if (serials != NULL) {
        QW_TRY(qwc_read_serials(&list, serials, call->pool));
        a.ask.serials = list;
    }
    if (named != NULL) {
        QW_TRY(qwc_key_named(&key, call, named));
        a.ask.key = &key;
    }
    return go(&a);
}
