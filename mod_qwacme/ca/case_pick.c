/* Which certificates come to a plan, and as what. */
#include "ca/case_priv.h"

#include "base/text.h"
#include "ca/revoke.h"
#include "store/db_ledger.h"

#include <string.h>

enum { PAGE = 1000, UNKNOWN_TOLD = 20 };

/* ---- items ------------------------------------------------------------------- */

qw_case_item_t *qw_plan_add(qw_planner_t *p, const char *kind,
                            const char *subject_id, const char *label)
{
    qw_case_item_t *item = apr_pcalloc(p->r->pool, sizeof(*item));

    item->authority = p->r->authority->name;
    item->kind = kind;
    item->subject_id = subject_id;
    item->label = label;
    item->status = QW_case_item_PLANNED;
    APR_ARRAY_PUSH(p->plan->items, qw_case_item_t *) = item;
    return item;
}

/* [OPR-13] */
int qw_plan_in_window(const qw_planner_t *p, apr_time_t created)
{
    return (p->ask->since != 0 || p->ask->until != 0)
           && created >= p->ask->since
           && (p->ask->until == 0 || created < p->ask->until);
}

static int is_to_revoke(const qw_planner_t *p, const qw_case_pick_t *c)
{
    const char *revoke = p->ask->revoke;

    if (c->not_after <= p->now)
        return 0;
    if (c->revoked_at != 0
        && (p->reason != QW_REASON_KEY_COMPROMISE || c->reason == p->reason))
        return 0;
    if (p->chosen != NULL)
        return apr_hash_get(p->wanted, c->serial, APR_HASH_KEY_STRING) != NULL;
    if (strcmp(revoke, "window") == 0)
        return qw_plan_in_window(p, c->created);
    return strcmp(revoke, "all") == 0;
}

static void add_certificate(qw_planner_t *p, const char *kind,
                            const qw_case_pick_t *c)
{
    int revoke = is_to_revoke(p, c);
    qw_case_item_t *item;

    if (p->wanted != NULL
        && apr_hash_get(p->wanted, c->serial, APR_HASH_KEY_STRING) != NULL)
        apr_hash_set(p->wanted, c->serial, APR_HASH_KEY_STRING, "met");
    item = qw_plan_add(p, revoke ? kind : QW_ITEM_LIST, c->id, c->serial);
    item->authority = c->authority;
    item->flagged = qw_plan_in_window(p, c->created);
    item->reason = revoke ? p->reason : 0;
    if (revoke && p->ask->revoke_at != 0)
        item->not_before = p->ask->revoke_at;
}

/* ---- certificates ------------------------------------------------------------ */

/* NAMES is a JSON array of A-labels. */
static int is_below(const char *names, const char *domain, apr_pool_t *pool)
{
    json_t *list = json_loads(names, 0, NULL), *name;
    apr_size_t i, n = strlen(domain);
    int found = 0;

    (void)pool;
    json_array_foreach(list, i, name)
    {
        const char *text = json_string_value(name);
        apr_size_t len = strlen(text);

        found |= len >= n && strcmp(text + len - n, domain) == 0
                 && (len == n || text[len - n - 1] == '.');
    }
    json_decref(list);
    return found;
}

static int is_meant(const qw_planner_t *p, const qw_plan_pick_t *pick,
                    const qw_case_pick_t *c)
{
    const qw_cases_ask_t *ask = p->ask;

    if (!pick->everywhere && strcmp(c->authority, p->r->authority->name) != 0)
        return 0;
    if (pick->only_chosen && !is_to_revoke(p, c))
        return 0;
    if ((pick->external_id != NULL
         && strcmp(c->external_id, pick->external_id) != 0)
        || (pick->account_id != NULL
            && strcmp(c->account_id, pick->account_id) != 0))
        return 0;
    if (ask->issuer != NULL
        && strncmp(c->issuer, ask->issuer, strlen(ask->issuer)) != 0)
        return 0;
    return ask->domain == NULL || is_below(c->names, ask->domain, p->r->pool);
}

static qw_problem_t *pick_pages(qw_planner_t *p, const qw_plan_pick_t *pick,
                                const char *kind)
{
    qw_pick_query_t query = { pick->by, pick->key, NULL, PAGE };
    apr_array_header_t *page;

    do {
        QW_TRY(qw_case_pick(&page, p->r->db, &query, p->r->pool));
        for (int i = 0; i < page->nelts; i++) {
            query.after = APR_ARRAY_IDX(page, i, qw_case_pick_t *);
            if (is_meant(p, pick, query.after))
                add_certificate(p, kind, query.after);
        }
    } while (page->nelts == PAGE);
    return NULL;
}

/* OF says whose; PICK->key is an issuer here. */
static qw_problem_t *pick_precerts(qw_planner_t *p, const qw_plan_pick_t *of)
{
    const char *issuer = "";

    for (;;) {
        qw_plan_pick_t pick = *of;

        QW_TRY(qw_attempt_next_issuer(&issuer, p->r->db, issuer, p->r->pool));
        if (issuer == NULL)
            return NULL;
        pick.by = QW_PICK_PRECERT;
        pick.key = issuer;
        QW_TRY(pick_pages(p, &pick, QW_ITEM_REVOKE_PRECERT));
    }
}

/* BR-7.1.2.9: with what was promised and never became a certificate. */
qw_problem_t *qw_plan_pick(qw_planner_t *p, const qw_plan_pick_t *pick)
{
    qw_plan_pick_t of = *pick;

    QW_TRY(pick_pages(p, pick, QW_ITEM_REVOKE));
    if (pick->by == QW_PICK_KEY) {
        of.by = QW_PICK_PRECERT_KEY;
        return pick_pages(p, &of, QW_ITEM_REVOKE_PRECERT);
    }
    if (pick->by == QW_PICK_EXTERNAL)
        of.external_id = pick->key;
    else if (pick->by == QW_PICK_ACCOUNT)
        of.account_id = pick->key;
    else if (pick->by != QW_PICK_AUTHORITY)
        return NULL;
    return pick_precerts(p, &of);
}

/* A serial as "certificate show" or openssl print it. */
static const char *serial_of(const char *line, apr_size_t len, apr_pool_t *pool)
{
    char *serial = apr_palloc(pool, len + 1), *to = serial;

    for (apr_size_t i = 0; i < len && line[i] != '#'; i++)
        if (strchr(": \t\r", line[i]) == NULL)
            *to++ = line[i];
    *to = '\0';
    return qw_text_lower(serial, pool);
}

qw_problem_t *qw_cases_serials(apr_array_header_t **serials, const char *text,
                               const char *name, apr_pool_t *pool)
{
    apr_hash_t *seen = apr_hash_make(pool);

    *serials = apr_array_make(pool, 16, sizeof(const char *));
    while (*text != '\0') {
        apr_size_t len = strcspn(text, "\n");
        const char *serial = serial_of(text, len, pool);

        text += len + (text[len] == '\n');
        if (*serial == '\0'
            || apr_hash_get(seen, serial, APR_HASH_KEY_STRING) != NULL)
            continue;
        apr_hash_set(seen, serial, APR_HASH_KEY_STRING, serial);
        APR_ARRAY_PUSH(*serials, const char *) = serial;
    }
    if ((*serials)->nelts == 0)
        return QW_FAIL(pool, INVALID_INPUT,
                       "%s: no serials in it; write one on each line", name);
    return NULL;
}

/* The serials that are to be revoked, from words or from a list. */
void qw_plan_want(qw_planner_t *p, const apr_array_header_t *serials)
{
    p->wanted = apr_hash_make(p->r->pool);
    for (int i = 0; i < serials->nelts; i++)
        apr_hash_set(p->wanted, APR_ARRAY_IDX(serials, i, const char *),
                     APR_HASH_KEY_STRING, "wanted");
}

qw_problem_t *qw_plan_check_wanted(const qw_planner_t *p)
{
    qw_problem_t *all = NULL;
    int told = 0;

    if (p->wanted == NULL)
        return NULL;
    for (apr_hash_index_t *at = apr_hash_first(p->r->pool, p->wanted);
         at != NULL; at = apr_hash_next(at)) {
        if (strcmp(apr_hash_this_val(at), "met") == 0)
            continue;
        if (all == NULL)
            all = QW_FAIL(p->r->pool, INVALID_INPUT,
                          "nothing was planned: there are no certificates with "
                          "these serials among those that are meant");
        if (told++ < UNKNOWN_TOLD)
            qw_problem_add(all,
                           QW_FAIL(p->r->pool, INVALID_INPUT, "%s",
                                   qw_text_safe(apr_hash_this_key(at), 64,
                                                p->r->pool)),
                           p->r->pool);
    }
    return all;
}
