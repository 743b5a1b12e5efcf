/* Cases: a plan that is written whole or never worked, items that fail alone, and
 * what is on record when something broke in between. */
#include "box.h"
#include "tap.h"

#include "ca/cases.h"
#include "base/text.h"
#include "base/world.h"
#include "store/db_ledger.h"

#define HASH "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
enum { CERTIFICATES = 5 };

static box_t *box;
static qw_conf_t *conf;
static qw_authority_t *live;

static apr_time_t now(void)
{
    return 5000;
}

static void sql(const char *text)
{
    int rv = box_raw(box, text);

    if (rv != 0)
        box_die(apr_dbd_error(box->driver, box->raw, rv), NULL, box->pool);
}

/* Certificate cN of acc1 with serial 0N. */
static void issue(int n)
{
    apr_pool_t *p = box->pool;

    sql(apr_psprintf(p,
                     "INSERT INTO qw_order (id, authority, account_id, "
                     "external_id, status, created, expires, names, profile, "
                     "profile_hash) VALUES ('o%d', 'live', 'acc1', 'ext1', "
                     "'ready', 1, 9000, '[\"a.example\"]', 'p', 'h')",
                     n));
    sql(apr_psprintf(p,
                     "INSERT INTO qw_attempt (id, authority, order_id, kind, "
                     "issuer, serial, tbs, tbs_hash, profile_hash, "
                     "identity_version, status, node, lease_until, created) "
                     "VALUES ('t%d', 'live', 'o%d', 'cert', 'issuer', '0%d', "
                     "'tbs', '" HASH "', 'h', 1, 'signing', 'n', 1, 1)",
                     n, n, n));
    sql("UPDATE qw_attempt SET status = 'issued', der = 'x' "
        "WHERE status = 'signing'");
    sql(apr_psprintf(p,
                     "INSERT INTO qw_certificate (id, authority, order_id, "
                     "account_id, external_id, attempt_id, issuer, serial, "
                     "spki_hash, fingerprint, names, profile, "
                     "identity_version, not_before, not_after, created, pem) "
                     "VALUES ('c%d', 'live', 'o%d', 'acc1', 'ext1', 't%d', "
                     "'issuer', '0%d', 'k%d', 'f', '[\"a.example\"]', 'p', 1, "
                     "1, %d, %d, 'PEM')",
                     n, n, n, n, n, n == CERTIFICATES ? 4000 : 9000, n));
}

/* DER of a golden certificate as the ledger has it. */
static const char *golden(void)
{
    char *text = apr_pcalloc(box->pool, 16384), *to = text;
    FILE *file = fopen(QW_SRCDIR "/t/golden/qncp-w.pem", "r");
    char line[128];

    if (file == NULL)
        box_die("no golden certificate", NULL, box->pool);
    while (fgets(line, sizeof line, file) != NULL)
        for (const char *c = line; strncmp(line, "-----", 5) != 0 && *c; c++)
            if (strchr("=\r\n", *c) == NULL)
                *to++ = *c == '+' ? '-' : *c == '/' ? '_' : *c;
    fclose(file);
    return text;
}

/* A precertificate of an order that failed. */
static void promise(void)
{
    sql("INSERT INTO qw_order (id, authority, account_id, external_id, status, "
        "created, expires, names, profile, profile_hash) VALUES ('op', 'live', "
        "'acc1', 'ext1', 'ready', 1, 9000, '[\"p.example\"]', 'p', 'h')");
    sql("INSERT INTO qw_attempt (id, authority, order_id, kind, issuer, "
        "serial, tbs, tbs_hash, profile_hash, identity_version, status, node, "
        "lease_until, created, not_after) VALUES ('tp', 'live', 'op', "
        "'precert', 'issuer', '77', 'tbs', '" HASH "', 'h', 1, 'signing', "
        "'n', 1, 1, 9000)");
    sql(apr_pstrcat(box->pool,
                    "UPDATE qw_attempt SET status = 'issued', der = '",
                    golden(), "' WHERE id = 'tp'", NULL));
    sql("UPDATE qw_attempt SET status = 'spent' WHERE id = 'tp'");
}

static qw_registry_t registry(qw_db_t *db)
{
    qw_registry_t r = { db, live, "ctl:anna", box->pool };

    return r;
}

typedef struct {
    const char *kind, *subject, *revoke;
    qw_cases_plan_t *plan;
} planning_t;

static qw_problem_t *plan(qw_db_t *db, void *baton, apr_pool_t *pool)
{
    planning_t *p = baton;
    qw_registry_t r = registry(db);
    qw_cases_ask_t ask = { .kind = p->kind,
                           .subject = p->subject,
                           .revoke = p->revoke,
                           .reason = -1 };

    (void)pool;
    return qw_cases_plan(&p->plan, &r, &ask);
}

static qw_cases_plan_t *planned(const char *revoke)
{
    planning_t p = { QW_CASE_ACME_ACCOUNT, "acc1", revoke, NULL };

    box_must("plan", box_read(box, plan, &p), box->pool);
    return p.plan;
}

static qw_problem_t *open_case(qw_cases_plan_t *p)
{
    qw_registry_t r = registry(NULL);

    return qw_cases_open(p, box->store, &r);
}

/* The whole of case ID, in batches of three. */
static qw_problem_t *run(qw_cases_run_t *run, const char *id, int retry)
{
    int n;

    *run = (qw_cases_run_t){ .conf = conf,
                             .store = box->store,
                             .authority = live,
                             .case_id = id,
                             .actor = "ctl:anna",
                             .retry = retry,
                             .batch = 3 };
    QW_TRY(qw_cases_begin(run, box->pool));
    do
        QW_TRY(qw_cases_work(&n, run, box->pool));
    while (n > 0);
    return NULL;
}

typedef struct {
    const char *id;
    int skip;
} closing_t;

static qw_problem_t *close_case(qw_db_t *db, void *baton, apr_pool_t *pool)
{
    closing_t *c = baton;
    qw_registry_t r = registry(db);

    (void)pool;
    return qw_cases_close(&r, c->id, "cut short", c->skip);
}

static void test_plan(void)
{
    qw_cases_plan_t *p = planned("all");
    int revoke = 0, list = 0;

    for (int i = 0; i < p->items->nelts; i++) {
        const char *kind = APR_ARRAY_IDX(p->items, i, qw_case_item_t *)->kind;

        revoke += strcmp(kind, QW_ITEM_REVOKE) == 0;
        list += strcmp(kind, QW_ITEM_LIST) == 0;
    }
    ok(revoke == CERTIFICATES - 1 && list == 1,
       "what has expired is listed, and not revoked");
    is_str(APR_ARRAY_IDX(p->items, 0, qw_case_item_t *)->kind,
           QW_ITEM_SUSPEND_ACCOUNT, "who does harm is stopped first");
    ok(p->head.due == now() + apr_time_from_sec(86400), "the clock runs");
    ok(planned("none")->items->nelts == p->items->nelts,
       "none: the same, listed");
}

static void test_cut_short(void)
{
    qw_cases_plan_t *p = planned("all");
    closing_t closing;
    qw_cases_run_t r;

    box_plan(box, "case.open.items fail 1\n");
    ok(is_code(open_case(p), QW_E_UNAVAILABLE), "killed before its items");
    unsetenv("QWACME_FAILPOINTS");
    ok(is_code(run(&r, p->head.id, 0), QW_E_CONFLICT),
       "a case that was not written whole is not worked");
    closing = (closing_t){ p->head.id, 0 };
    ok(is_good(box_write(box, close_case, &closing)), "but closed");
}

static void test_alone(void)
{
    qw_cases_plan_t *p = planned("all");
    qw_cases_run_t r;

    ok(is_good(open_case(p)), "a case is opened");
    if (box->is_file)
        sql("CREATE TRIGGER broken BEFORE INSERT ON qw_revocation "
            "WHEN NEW.serial = '02' BEGIN SELECT RAISE(ABORT, 'broken'); END");
    else
        sql("ALTER TABLE qw_revocation ADD CONSTRAINT broken "
            "CHECK (serial <> '02')");
    ok(is_good(run(&r, p->head.id, 0)), "one item that breaks");
    ok(r.failed == 1, "fails alone");
    ok(r.done == p->items->nelts - 1, "and all others are done");
    sql(box->is_file ? "DROP TRIGGER broken"
                     : "ALTER TABLE qw_revocation DROP CONSTRAINT broken");
    ok(is_good(run(&r, p->head.id, 0)) && r.left == 0,
       "it is not tried again by itself");
    ok(is_good(run(&r, p->head.id, 1)) && r.done == 1,
       "but when that is asked for");
}

static void test_rolled_back(void)
{
    qw_cases_plan_t *p;
    closing_t closing;
    qw_cases_run_t r;

    issue(6);
    issue(7);
    p = planned("all");
    ok(is_good(open_case(p)), "another case");
    box_plan(box, "case.work fail 1\n");
    ok(is_code(run(&r, p->head.id, 0), QW_E_UNAVAILABLE),
       "the database goes away before the commit");
    unsetenv("QWACME_FAILPOINTS");
    closing = (closing_t){ p->head.id, 0 };
    ok(is_code(box_write(box, close_case, &closing), QW_E_CONFLICT),
       "nothing of that batch is done");
    ok(is_good(run(&r, p->head.id, 0)) && r.done + r.skipped == r.left,
       "the next run does it");
}

static void add_item(qw_cases_plan_t *p, const char *authority,
                     const char *kind)
{
    qw_case_item_t *item = apr_pcalloc(box->pool, sizeof(*item));

    item->authority = authority;
    item->kind = kind;
    item->subject_id = item->label = "x";
    APR_ARRAY_PUSH(p->items, qw_case_item_t *) = item;
}

static qw_problem_t *may_go_on(qw_db_t *db, void *baton, apr_pool_t *pool)
{
    qw_registry_t r = registry(db);

    (void)pool;
    return qw_cases_may_go_on(&r, baton);
}

/* The portal's role may write no authorization, and its officers are of one
 * authority: what it leaves must not fail by that. */
static void test_here(void)
{
    qw_cases_plan_t *p = planned("none");
    int n, mine = p->items->nelts;
    qw_cases_run_t r = { .conf = conf,
                         .store = box->store,
                         .authority = live,
                         .actor = "portal:anna",
                         .here = 1 };

    add_item(p, "another", QW_ITEM_LIST);
    add_item(p, "live", QW_ITEM_KILL_AUTHZ);
    ok(is_good(open_case(p)), "a case with what the portal does not do");
    r.case_id = p->head.id;
    ok(is_good(box_write(box, may_go_on, (void *)p->head.id)),
       "it may be gone on with there");
    ok(is_good(qw_cases_begin(&r, box->pool))
           && is_good(qw_cases_work(&n, &r, box->pool)),
       "and is");
    ok(n == mine && r.failed == 0, "all that is the portal's to do");
    ok(is_good(qw_cases_work(&n, &r, box->pool)) && n == 0,
       "what is another authority's, and authorizations, stay planned");
    ok(is_code(box_write(box, may_go_on, (void *)p->head.id), QW_E_CONFLICT),
       "with that alone nothing is left there");
    r.here = 0;
    ok(is_good(qw_cases_work(&n, &r, box->pool)) && n == 2,
       "qwacmectl works them");
}

static void test_serials(void)
{
    apr_array_header_t *list;

    ok(is_good(qw_cases_serials(&list,
                                "# seven\r\n 00:AB:cd # first\r\n\n00abcd\nFF",
                                "f", box->pool)),
       "serials, as people write them");
    is_str(qw_text_join(list, " ", box->pool), "00abcd ff", "each once");
    ok(is_code(qw_cases_serials(&list, "# none\n", "f", box->pool),
               QW_E_INVALID_INPUT),
       "none at all");
}

static qw_problem_t *revoked(qw_db_t *db, void *baton, apr_pool_t *pool)
{
    return qw_revocation_get(baton, db, "issuer", "77", pool);
}

static qw_problem_t *look_item(qw_db_t *db, void *baton, apr_pool_t *pool)
{
    apr_array_header_t *list;

    QW_TRY(qw_case_item_list(&list, db, *(const char **)baton, 0, 99, pool));
    for (int i = 0; i < list->nelts; i++) {
        const qw_case_item_t *item = APR_ARRAY_IDX(list, i, qw_case_item_t *);

        if (strcmp(item->kind, QW_ITEM_REVOKE_PRECERT) == 0)
            ok(item->revoked_at == now() && item->status == QW_case_item_DONE,
               "and told");
    }
    return NULL;
}

static void test_precert(void)
{
    qw_revocation_t *row = NULL;
    qw_cases_plan_t *p;
    qw_cases_run_t r;
    int n = 0;

    promise();
    p = planned("all");
    for (int i = 0; i < p->items->nelts; i++)
        n += strcmp(APR_ARRAY_IDX(p->items, i, qw_case_item_t *)->kind,
                    QW_ITEM_REVOKE_PRECERT)
             == 0;
    ok(n == 1, "BR-7.1.2.9 a precertificate without certificate is meant too");
    ok(is_good(open_case(p)) && is_good(run(&r, p->head.id, 0)), "it is run");
    ok(is_good(box_read(box, revoked, &row)) && row != NULL,
       "BR-7.1.2.9 and revoked");
    box_must("look", box_read(box, look_item, &p->head.id), box->pool);
    p = planned("all");
    for (int i = 0; i < p->items->nelts; i++)
        ok(strcmp(APR_ARRAY_IDX(p->items, i, qw_case_item_t *)->kind,
                  QW_ITEM_LIST)
                   == 0
               || strcmp(APR_ARRAY_IDX(p->items, i, qw_case_item_t *)->kind,
                         QW_ITEM_SUSPEND_ACCOUNT)
                      == 0,
           "nothing is left to revoke");
}

int main(void)
{
    qw_world_t world = *qw_world();

    box = box_open();
    world.now = now;
    qw_world_set(&world);
    conf = qw_conf_make(box->pool);
    if (qw_conf_add_authority(&live, conf, "live", box->pool) != NULL)
        box_die("no authority", NULL, box->pool);
    ok(is_good(box_write(box, box_seed, NULL)), "seed");
    for (int i = 1; i <= CERTIFICATES; i++)
        issue(i);
    test_plan();
    test_cut_short();
    test_alone();
    test_rolled_back();
    test_precert();
    test_here();
    test_serials();
    box_close(box);
    return done_testing();
}
