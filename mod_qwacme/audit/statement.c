#include "audit/statement.h"

#include "base/put.h"
#include "base/text.h"
#include "store/db_account.h"
#include "store/db_external.h"
#include "store/db_ledger.h"
#include "store/db_statement.h"

#include <apr_strings.h>

#include <string.h>

enum { PAGE = 1000, DAY_SECONDS = 86400, MONTH_CHARS = 7 };

typedef struct {
    qw_db_t *db;
    const qw_statement_t *asked;
    const char *authority;
    json_t *totals, *months;
    const qw_external_t *external; /* the one in hand; NULL: the authority */
    json_t *account;               /* of it */
    apr_pool_t *pool;
} maker_t;

static void count(json_t *object, const char *name, apr_int64_t n)
{
    qw_put_int(object, name,
               json_integer_value(json_object_get(object, name)) + n);
}

/* In the account and in the totals. */
static void add(maker_t *m, const char *name, apr_int64_t n)
{
    count(m->account, name, n);
    count(m->totals, name, n);
}

static int is_within(const maker_t *m, apr_time_t t)
{
    return t != 0 && t >= m->asked->from && t < m->asked->until;
}

/* ---- certificates ---- */

static int is_valid(const maker_t *m, const qw_certificate_t *c)
{
    apr_time_t t = m->asked->as_of;

    return c->not_before <= t && t <= c->not_after
           && (c->revoked_at == 0 || c->revoked_at > t);
}

static int is_soon(const maker_t *m, const qw_certificate_t *c)
{
    return c->not_after - m->asked->as_of
           < apr_time_from_sec((apr_time_t)QW_STATEMENT_SOON * DAY_SECONDS);
}

static const char *state_of(const maker_t *m, const qw_certificate_t *c)
{
    if (is_valid(m, c))
        return "valid";
    if (c->revoked_at != 0 && c->revoked_at <= m->asked->as_of)
        return "revoked";
    return c->not_before > m->asked->as_of ? "not yet valid" : "expired";
}

/* One more of NAME in the month of WHEN. */
static void add_month(maker_t *m, const char *name, apr_time_t when)
{
    const char *month =
        apr_pstrmemdup(m->pool, qw_text_time(when, m->pool), MONTH_CHARS);
    json_t *o = json_object_get(m->months, month);

    if (o == NULL) {
        o = json_object();
        json_object_set_new(m->months, month, o);
    }
    count(o, name, 1);
}

static void put_certificate(maker_t *m, json_t *list, const qw_certificate_t *c)
{
    int created = is_within(m, c->created),
        revoked = is_within(m, c->revoked_at), valid = is_valid(m, c);
    json_t *o;

    add(m, "certificatesCreated", created);
    add(m, "certificatesRevoked", revoked);
    add(m, "certificatesValid", valid);
    add(m, "certificatesExpiring", valid && is_soon(m, c));
    if (created)
        add_month(m, "certificatesCreated", c->created);
    if (revoked)
        add_month(m, "certificatesRevoked", c->revoked_at);
    if (!created && !revoked && !valid)
        return;
    o = json_object();
    json_array_append_new(list, o);
    qw_put_text(o, "serial", c->serial);
    qw_put_text(o, "state", state_of(m, c));
    qw_put_json(o, "names", c->names);
    qw_put_text(o, "profile", c->profile);
    qw_put_text(o, "acmeAccount", c->account_id);
    qw_put_time(o, "created", c->created, m->pool);
    qw_put_time(o, "notBefore", c->not_before, m->pool);
    qw_put_time(o, "notAfter", c->not_after, m->pool);
    qw_put_time(o, "revokedAt", c->revoked_at, m->pool);
    if (c->revoked_at != 0)
        qw_put_int(o, "reason", c->reason);
}

static qw_problem_t *put_certificates(maker_t *m)
{
    qw_certificate_query_t query = { .authority = m->authority,
                                     .external_id = m->external->id,
                                     .limit = PAGE };
    json_t *list = json_array();
    apr_array_header_t *page;

    json_object_set_new(m->account, "certificates", list);
    do {
        QW_TRY(qw_certificate_list(&page, m->db, &query, m->pool));
        for (int i = 0; i < page->nelts; i++) {
            const qw_certificate_t *c =
                APR_ARRAY_IDX(page, i, qw_certificate_t *);

            put_certificate(m, list, c);
            query.after_id = c->id;
        }
    } while (page->nelts == PAGE);
    return NULL;
}

/* ---- domains, ACME accounts, KeyIDs ---- */

static void put_domain(maker_t *m, json_t *list, const qw_domain_t *d)
{
    json_t *o = json_object();

    json_array_append_new(list, o);
    add(m, "domains", d->removed_by == NULL);
    add(m, "domainsAccepted", is_within(m, d->confirmed_at));
    qw_put_text(o, "name", d->name);
    qw_put_text(o, "state", d->removed_by == NULL ? "in force" : "removed");
    qw_put_flag(o, "subtree", d->subtree);
    qw_put_flag(o, "wildcard", d->wildcard);
    qw_put_text(o, "confirmedBy", d->confirmed_by);
    qw_put_time(o, "confirmedAt", d->confirmed_at, m->pool);
    qw_put_text(o, "reviewedBy", d->reviewed_by);
    qw_put_text(o, "removedBy", d->removed_by);
    qw_put_time(o, "removedAt", d->removed_at, m->pool);
}

static qw_problem_t *put_domains(maker_t *m)
{
    json_t *list = json_array();
    apr_array_header_t *all;

    json_object_set_new(m->account, "domainList", list);
    QW_TRY(qw_domain_list(&all, m->db, m->external->id, 1, m->pool));
    for (int i = 0; i < all->nelts; i++) {
        const qw_domain_t *d = APR_ARRAY_IDX(all, i, qw_domain_t *);

        if (d->confirmed_at < m->asked->until)
            put_domain(m, list, d);
    }
    return NULL;
}

static qw_problem_t *put_members(maker_t *m)
{
    json_t *list = json_array();
    apr_array_header_t *all;

    json_object_set_new(m->account, "acmeAccountList", list);
    QW_TRY(
        qw_account_list(&all, m->db, m->authority, m->external->id, m->pool));
    for (int i = 0; i < all->nelts; i++) {
        const qw_account_t *a = APR_ARRAY_IDX(all, i, qw_account_t *);
        json_t *o = json_object();

        json_array_append_new(list, o);
        add(m, "acmeAccounts", 1);
        qw_put_text(o, "id", a->id);
        qw_put_text(o, "state",
                    a->suspended ? "suspended" : qw_state_word(a->status));
        qw_put_text(o, "keyId", a->binding_id);
        qw_put_time(o, "created", a->created, m->pool);
    }
    return NULL;
}

static qw_problem_t *put_bindings(maker_t *m)
{
    json_t *list = json_array();
    apr_array_header_t *all;

    json_object_set_new(m->account, "keyIdList", list);
    QW_TRY(qw_binding_list(&all, m->db, m->external->id, m->pool));
    for (int i = 0; i < all->nelts; i++) {
        const qw_binding_t *b = APR_ARRAY_IDX(all, i, qw_binding_t *);
        json_t *o = json_object();

        json_array_append_new(list, o);
        add(m, "keyIds", 1);
        qw_put_text(o, "keyId", b->id);
        qw_put_text(o, "state", qw_state_word(b->status));
        qw_put_int(o, "uses", b->uses);
        qw_put_text(o, "createdBy", b->created_by);
        qw_put_time(o, "created", b->created, m->pool);
        qw_put_time(o, "expires", b->expires, m->pool);
    }
    return NULL;
}

/* ---- events ---- */

static const char *cause_of(const qw_failed_t *f, apr_pool_t *pool)
{
    static const char urn[] = "urn:ietf:params:acme:error:";
    json_t *detail = qw_own_json_t(pool, json_loads(f->detail, 0, NULL));
    const char *type = json_string_value(
        json_object_get(json_object_get(detail, "problem"), "type"));

    if (type == NULL)
        return "-";
    return strncmp(type, urn, sizeof(urn) - 1) == 0 ? type + sizeof(urn) - 1
                                                    : type;
}

static json_t *cause_in(json_t *list, const char *event, const char *cause)
{
    json_t *o;
    apr_size_t i;

    json_array_foreach(list, i, o)
    {
        if (strcmp(json_string_value(json_object_get(o, "event")), event) == 0
            && strcmp(json_string_value(json_object_get(o, "cause")), cause)
                   == 0)
            return o;
    }
    o = json_object();
    json_array_append_new(list, o);
    qw_put_text(o, "event", event);
    qw_put_text(o, "cause", cause);
    return o;
}

static qw_period_t period_of(const maker_t *m)
{
    qw_period_t p = { m->authority,
                      m->external != NULL ? m->external->id : NULL,
                      m->asked->from, m->asked->until };

    return p;
}

static qw_problem_t *put_failures(maker_t *m, json_t *object)
{
    qw_period_t period = period_of(m);
    json_t *list = json_array();
    apr_array_header_t *all;

    json_object_set_new(object, "failures", list);
    QW_TRY(qw_period_failures(&all, m->db, &period, m->pool));
    for (int i = 0; i < all->nelts; i++) {
        const qw_failed_t *f = APR_ARRAY_IDX(all, i, qw_failed_t *);

        count(cause_in(list, f->event, cause_of(f, m->pool)), "count", 1);
    }
    return NULL;
}

static qw_problem_t *put_actions(maker_t *m, json_t *object)
{
    qw_period_t period = period_of(m);
    json_t *list = json_array();
    apr_array_header_t *all;

    json_object_set_new(object, "actions", list);
    QW_TRY(qw_period_actions(&all, m->db, &period, m->pool));
    for (int i = 0; i < all->nelts; i++) {
        const qw_action_t *a = APR_ARRAY_IDX(all, i, qw_action_t *);
        json_t *o = json_object();

        json_array_append_new(list, o);
        qw_put_text(o, "actor", a->actor);
        qw_put_text(o, "event", a->event);
        qw_put_int(o, "count", a->count);
    }
    return NULL;
}

/* ---- all of it ---- */

static qw_problem_t *put_account(maker_t *m, json_t *list,
                                 const qw_external_t *e)
{
    m->external = e;
    m->account = json_object();
    json_array_append_new(list, m->account);
    qw_put_text(m->account, "name", e->name);
    qw_put_text(m->account, "id", e->id);
    qw_put_text(m->account, "status", qw_state_word(e->status));
    qw_put_time(m->account, "created", e->created, m->pool);
    qw_put_time(m->account, "expires", e->expires, m->pool);
    qw_put_int(m->account, "identityVersion", e->identity_version);
    qw_put_text(m->account, "verifiedBy", e->verified_by);
    qw_put_time(m->account, "verifiedAt", e->verified_at, m->pool);
    count(m->totals, "accounts", 1);
    QW_TRY(put_certificates(m));
    QW_TRY(put_domains(m));
    QW_TRY(put_members(m));
    QW_TRY(put_bindings(m));
    QW_TRY(put_failures(m, m->account));
    return put_actions(m, m->account);
}

static qw_problem_t *put_authority(maker_t *m, json_t *root)
{
    json_t *list = json_object_get(root, "accounts");
    apr_array_header_t *all;

    QW_TRY(qw_external_list(&all, m->db, m->authority, m->pool));
    for (int i = 0; i < all->nelts; i++)
        QW_TRY(put_account(m, list, APR_ARRAY_IDX(all, i, qw_external_t *)));
    m->external = NULL;
    QW_TRY(put_failures(m, root));
    return put_actions(m, root);
}

static void put_zeros(json_t *totals)
{
    static const char *const names[] = {
        "accounts",          "certificatesCreated",  "certificatesRevoked",
        "certificatesValid", "certificatesExpiring", "domains",
        "domainsAccepted",   "acmeAccounts",         "keyIds"
    };
    unsigned i;

    for (i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        qw_put_int(totals, names[i], 0);
}

qw_problem_t *qw_statement_make(json_t **made, qw_db_t *db,
                                const qw_statement_t *asked, apr_pool_t *pool)
{
    maker_t m = { .db = db, .asked = asked, .pool = pool };
    json_t *root = qw_json_new_object(pool), *list = json_array();

    m.authority = asked->authority->name;
    m.totals = json_object();
    m.months = json_object();
    put_zeros(m.totals);
    qw_put_text(root, "authority", m.authority);
    qw_put_text(root, "kind",
                asked->authority->kind == QW_KIND_TEST ? "test" : "production");
    qw_put_text(root, "from", qw_text_time(asked->from, pool));
    qw_put_time(root, "to", asked->until, pool);
    qw_put_time(root, "asOf", asked->as_of, pool);
    json_object_set_new(root, "totals", m.totals);
    json_object_set_new(root, "months", m.months);
    json_object_set_new(root, "accounts", list);
    QW_TRY(asked->external != NULL ? put_account(&m, list, asked->external)
                                   : put_authority(&m, root));
    *made = root;
    return NULL;
}
