/* The roles of PostgreSQL: each can do its work and nothing else. */
#include "box.h"
#include "tap.h"

#include "store/db_approval.h"
#include "store/db_case.h"
#include "store/db_diagnosis.h"
#include "store/db_incident.h"
#include "store/db_job.h"
#include "store/db_limit.h"
#include "store/db_seal.h"
#include "store/db_ledger.h"
#include "store/db_order.h"
#include "store/db_person.h"
#include "store/db_reminder.h"

#define HASH "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

static const char *const roles[] = { "qwacme_acme", "qwacme_signer",
                                     "qwacme_status", "qwacme_report",
                                     "qwacme_portal" };

static void run_file(box_t *box)
{
    char *text = apr_pcalloc(box->pool, 65536), *block, *last = NULL;
    unsigned i;
    FILE *file = fopen(QW_SCHEMADIR "/pgsql-roles.sql", "r");
    int rv = 0;

    if (file == NULL || fread(text, 1, 65535, file) == 0)
        box_die("no pgsql-roles.sql", NULL, box->pool);
    fclose(file);
    for (block = apr_strtok(text, ";", &last); block != NULL;
         block = apr_strtok(NULL, ";", &last)) {
        int one = box_raw(box, block);

        if (one != 0 && strstr(block, "CREATE ROLE") == NULL)
            printf("# %s: %s\n", block,
                   apr_dbd_error(box->driver, box->raw, one));
        rv |= strstr(block, "CREATE ROLE") == NULL ? one : 0;
    }
    for (i = 0; i < sizeof(roles) / sizeof(roles[0]); i++)
        rv |= box_raw(box,
                      apr_psprintf(box->pool, "GRANT USAGE ON SCHEMA %s TO %s",
                                   box->schema, roles[i]));
    ok(rv == 0, "the grants are made");
}

/* The same store, as ROLE. */
static qw_store_t *as(box_t *box, const char *role)
{
    qw_store_conf_t conf = box->conf;
    qw_store_t *store;

    conf.params =
        apr_psprintf(box->pool, "%s options='-csearch_path=%s -crole=%s'",
                     conf.params, box->schema, role);
    box_must("open", qw_store_open(&store, &conf, box->pool), box->pool);
    return store;
}

static qw_problem_t *case_work(qw_db_t *db, apr_pool_t *p)
{
    qw_case_t c = { .id = "c1",
                    .authority = "live",
                    .kind = QW_CASE_PROBLEM_REPORT,
                    .subject = "s",
                    .options = "{}",
                    .opened_by = "web",
                    .opened = 1,
                    .due = 2,
                    .contact = "c",
                    .text = "t" };
    qw_case_item_t item = { .case_id = "k0",
                            .seq = 1,
                            .status = QW_case_item_DONE,
                            .at = 1,
                            .actor = "case:k0",
                            .result = "r" };
    apr_array_header_t *list;
    apr_int64_t overdue;
    int mine;

    QW_TRY(qw_case_insert(db, &c, p));
    QW_TRY(qw_case_list_due(&list, db, "live", 5, p));
    QW_TRY(qw_case_warn(&mine, db, "c1", 1, p));
    QW_TRY(qw_case_item_scheduled(&list, db, "live", 5, 9, p));
    QW_TRY(qw_approval_overdue(&overdue, db, "live", 5, 5, p));
    QW_TRY(qw_approval_expire(db, "live", 5, 5, p));
    ok(mine == 1 && list->nelts == 1, "a child of httpd works at cases");
    return qw_case_item_end(db, &item, p);
}

static qw_problem_t *reminder_work(qw_db_t *db, apr_pool_t *p)
{
    qw_reminder_t r = { .id = "r1",
                        .authority = "live",
                        .external_id = "ext1",
                        .clock = "account",
                        .subject = "",
                        .ends = 9,
                        .mail = "a@b.test",
                        .language = "en" };
    qw_ending_query_t q = { "live", 1, 9, 1, "1" };
    apr_array_header_t *list;
    qw_soonest_t soonest;
    int n, again;

    QW_TRY(qw_reminder_operators(&list, db, "ext1", p));
    QW_TRY(qw_reminder_officers(&list, db, "live", p));
    QW_TRY(qw_external_ending(&list, db, &q, p));
    QW_TRY(qw_binding_ending(&list, db, &q, p));
    QW_TRY(qw_soonest_get(&soonest, db, &q, p));
    QW_TRY(qw_reminder_insert(&n, db, &r, p));
    r.id = "r2";
    QW_TRY(qw_reminder_insert(&again, db, &r, p));
    ok(n == 1 && again == 0, "the same reminder is made once");
    QW_TRY(qw_reminder_there(&n, db, &r, p));
    r.id = "r1";
    QW_TRY(qw_reminder_due(&list, db, "live", 1, 9, p));
    ok(n == 1 && list->nelts == 1, "and waits");
    QW_TRY(qw_reminder_claim(&n, db, &r, 1, 5, "me", p));
    QW_TRY(qw_reminder_claim(&again, db, &r, 4, 9, "other", p));
    ok(n == 1 && again == 0, "one node has it at a time");
    QW_TRY(qw_reminder_claim(&again, db, &r, 5, 9, "other", p));
    ok(again == 1, "until the lease is over");
    QW_TRY(qw_reminder_later(db, &r, "other", 7, "why", p));
    QW_TRY(qw_reminder_claim(&n, db, &r, 6, 9, "me", p));
    QW_TRY(qw_reminder_claim(&again, db, &r, 7, 9, "me", p));
    ok(n == 0 && again == 1, "a pause is kept");
    QW_TRY(qw_reminder_end(db, &r, "me", "sent", 8, NULL, p));
    QW_TRY(qw_reminder_claim(&n, db, &r, 100, 200, "me", p));
    ok(n == 0, "what was sent is not sent again");
    return NULL;
}

static qw_problem_t *seal_work(qw_db_t *db, qw_event_t *e, apr_pool_t *p)
{
    qw_seal_entry_t entry = { 1, e->id, HASH, e };
    qw_checkpoint_t c = { 1, 0, HASH, 1, "signature", NULL };
    apr_array_header_t *list;
    int waits;

    QW_TRY(qw_seal_lock(db, p));
    QW_TRY(qw_seal_waits(&waits, db, p));
    QW_TRY(qw_seal_take(&list, db, 9, p));
    QW_TRY(qw_seal_put(db, &entry, p));
    QW_TRY(qw_checkpoint_insert(db, &c, p));
    return qw_checkpoint_stamp(db, 1, "timestamp", p);
}

static qw_problem_t *child_work(qw_db_t *db, void *baton, apr_pool_t *p)
{
    qw_account_t a = box_account("acc2", "key1", "ext1");
    qw_challenge_t c = { "c1", "z-o1", "http-01", "t1", 0, 0, NULL, NULL };
    qw_job_t j = { "j1", "live", "validate", "c1", 1, NULL, 0, 0, 0, "a1" };
    qw_job_t lease = { NULL, NULL, NULL, NULL, 0, "me", 2000, 0, 0, NULL };
    qw_revocation_t r = { "issuer", "77", "live", 4, 5, 6, "x" };
    qw_event_t e = { "e1", "live", 1, "x", "y", "order", "o", "{}" };
    qw_blocked_key_t blocked = { "spki", "thumbprint", "why", 1 };
    qw_authz_t z = box_authz("z-o1", "a.example");
    qw_meter_t meter = { "live", "orders-per-ip", "192.0.2.1" };
    apr_array_header_t *jobs;
    qw_account_t *account;
    apr_time_t tat;
    int n;

    QW_TRY(case_work(db, p));
    QW_TRY(reminder_work(db, p));
    QW_TRY(qw_node_seen(db, "n", 1, 1, p));
    QW_TRY(qw_node_seen(db, "n", 1, 2, p));
    QW_TRY(qw_nonce_spend(db, "nonce", 1, p));
    QW_TRY(qw_nonce_purge(db, 5, 5, p));
    QW_TRY(qw_binding_consume(db, "key1", 1500, p));
    QW_TRY(qw_binding_mac_failed(db, "key1", 1500, 10, p));
    QW_TRY(qw_account_insert(db, &a, p));
    QW_TRY(qw_account_get(&account, db, "live", "acc2", p));
    QW_TRY(qw_account_set_contacts(db, "acc2", "[]", p));
    QW_TRY(qw_account_set_terms(db, "acc2", "1", 1, p));
    a.thumbprint = "new";
    QW_TRY(qw_account_set_key(db, &a, "acc2", p));
    QW_TRY(qw_account_move(db, "acc2", QW_account_VALID, QW_account_DEACTIVATED,
                           p));
    QW_TRY(box_new_order(db, "o1", QW_order_PENDING, "a.example", p));
    QW_TRY(qw_challenge_insert(db, &c, p));
    QW_TRY(qw_job_insert(db, &j, p));
    QW_TRY(qw_job_claim(&jobs, db, "validate", &lease, 1, 9, p));
    QW_TRY(qw_job_done(db, APR_ARRAY_IDX(jobs, 0, qw_job_t *), p));
    QW_TRY(qw_challenge_begin(db, "c1", p));
    c.status = QW_challenge_VALID;
    QW_TRY(qw_challenge_finish(db, &c, p));
    QW_TRY(qw_orders_lock(db, "z-o1", p));
    z.method = "http-01";
    QW_TRY(qw_authz_prove(db, &z, p));
    QW_TRY(qw_authz_caa(db, &z, p));
    QW_TRY(qw_orders_settle(db, "z-o1", p));
    QW_TRY(qw_orders_expire(&n, db, 1, 9, p));
    QW_TRY(qw_revocation_insert(db, &r, p));
    QW_TRY(qw_revocation_upgrade(db, "issuer", "77", "x", p));
    QW_TRY(qw_blocked_key_insert(db, &blocked, p));
    QW_TRY(qw_blocked_key_has(&n, db, "spki", p));
    QW_TRY(qw_certificate_key_used(&n, db, "spki", p));
    QW_TRY(qw_certificate_list_by_key(&jobs, db, "spki", p));
    QW_TRY(qw_account_list_by_key(&jobs, db, "thumbprint", p));
    QW_TRY(qw_limit_spend(&tat, db, &meter, 1, 1, 9, p));
    QW_TRY(qw_limit_spend(&tat, db, &meter, 1, 1, 9, p));
    QW_TRY(qw_limit_purge(db, 9, 9, p));
    QW_TRY(qw_override_list(&jobs, db, "live", 1, p));
    QW_TRY(qw_failure_count(db, "acc1", "a.example", 1, p));
    QW_TRY(qw_failure_count(db, "acc1", "a.example", 2, p));
    QW_TRY(qw_failure_list(&jobs, db, "acc1", 1, p));
    QW_TRY(qw_failure_forget(&n, db, "acc1", "a.example", p));
    QW_TRY(qw_incident_list(&jobs, db, "live", p));
    QW_TRY(qw_event_insert(db, &e, p));
    return seal_work(db, &e, p);
}

static qw_problem_t *signer_work(qw_db_t *db, void *baton, apr_pool_t *p)
{
    qw_attempt_t t = { 0 };
    qw_certificate_t c = { 0 };
    qw_revocation_t r = { "issuer", "78", "live", 0, 5, 6, "reconcile" };
    qw_event_t e = { "e2", "live", 1, "x", "y", "order", "o", "{}" };
    qw_job_t j = { "j2", "live", "publish", "t1", 1, NULL, 0, 0, 0, "acc1" };
    apr_array_header_t *scts;
    qw_account_t *account;
    int used;

    t.id = "t1";
    t.authority = c.authority = "live";
    t.order_id = c.order_id = "o1";
    t.kind = "cert";
    t.issuer = c.issuer = "issuer";
    t.serial = c.serial = "01";
    t.tbs = t.profile_hash = t.node = "x";
    t.tbs_hash = HASH;
    c.id = "cert1";
    c.account_id = "acc1";
    c.external_id = "ext1";
    c.attempt_id = "t1";
    c.spki_hash = c.fingerprint = c.names = c.profile = c.pem = "x";
    QW_TRY(qw_account_get(&account, db, "live", "acc1", p));
    QW_TRY(qw_order_begin(db, "o1", "csr", p));
    QW_TRY(qw_attempt_insert(db, &t, p));
    QW_TRY(qw_attempt_issue(db, "t1", "der", 1, p));
    QW_TRY(qw_job_insert(db, &j, p));
    QW_TRY(qw_sct_list(&scts, db, "t1", p));
    QW_TRY(qw_certificate_insert(db, &c, p));
    QW_TRY(qw_order_finish(db, "o1", "cert1", p));
    QW_TRY(qw_revocation_insert(db, &r, p));
    QW_TRY(qw_blocked_key_has(&used, db, "x", p));
    QW_TRY(qw_account_key_used(&used, db, "x", p));
    QW_TRY(qw_certificate_key_of_others(&used, db, "x", "live", "ext1", p));
    return qw_event_insert(db, &e, p);
}

static qw_problem_t *portal_work(qw_db_t *db, void *baton, apr_pool_t *p)
{
    qw_person_t person = { .id = "p1",
                           .authority = "live",
                           .role = "operator",
                           .name = "Olga",
                           .name_key = "olga",
                           .mail = "o@x.fr",
                           .language = "fr",
                           .created = 1,
                           .created_by = "x" };
    qw_invite_t invite = { "i1", "p1", "h", 1, "x", 9, 0, 0 };
    qw_authenticator_t a = { "k1",   "p1", "c", -7, "pk", 0, "a",
                             "none", "",   1,   0,  NULL, 0, NULL };
    qw_session_t s = { "s1", "live", "p1", "k1", 1, 1, 9, NULL }, *got;
    qw_confirmation_t shown = { "c1", "s1", "{}", 1, 9 }, *seen;
    qw_action_t action = { "x1", "ext1", "p1", NULL, "k1", "{}",
                           "n",  "c",    "a",  "s",  1,    NULL };
    qw_domain_t d = { "d9", "ext1", "p.example", 0, 0, "op", 1, NULL, 0, NULL };
    qw_operator_t o = { "o1", "p1", "live", "ext1", 1, "x" };
    qw_external_t e = box_external("ext1");
    qw_binding_t b = box_binding("key9", "ext1");
    apr_array_header_t *list;
    qw_event_t event = { "e9", "live", 1, "x", "y", "person", "p1", "{}" };

    QW_TRY(qw_nonce_spend(db, "nonce9", 1, p));
    QW_TRY(qw_person_insert(db, &person, p));
    QW_TRY(qw_external_lock(db, "ext1", p));
    QW_TRY(qw_operator_insert(db, &o, p));
    QW_TRY(qw_invite_insert(db, &invite, p));
    QW_TRY(qw_invite_try(db, "i1", p));
    QW_TRY(qw_invite_use(db, "i1", 2, p));
    QW_TRY(qw_authenticator_insert(db, &a, p));
    QW_TRY(qw_person_accept(db, "p1", p));
    QW_TRY(qw_authenticator_use(db, "k1", 1, 1, p));
    QW_TRY(qw_session_insert(db, &s, p));
    QW_TRY(qw_session_see(db, "s1", 2, p));
    QW_TRY(qw_session_get(&got, db, "s1", "live", p));
    QW_TRY(qw_confirmation_insert(db, &shown, p));
    QW_TRY(qw_confirmation_get(&seen, db, "c1", "s1", p));
    QW_TRY(qw_confirmation_take(db, "c1", "s1", p));
    QW_TRY(qw_action_insert(db, "live", &action, p));
    QW_TRY(qw_domain_insert(db, &d, p));
    QW_TRY(qw_domain_remove(db, "ext1", "p.example", "x", 1, p));
    QW_TRY(qw_binding_insert(db, &b, p));
    QW_TRY(qw_binding_revoke(db, "key9", QW_binding_ACTIVE, p));
    QW_TRY(qw_account_list(&list, db, "live", "ext1", p));
    QW_TRY(qw_action_list(&list, db, "ext1", 9, p));
    QW_TRY(qw_operator_accounts(&list, db, "p1", "live", p));
    QW_TRY(qw_account_suspend(db, "acc1", 1, p));
    QW_TRY(qw_external_set_terms(db, "ext1", "1", 1, p));
    QW_TRY(qw_external_suspend(db, "ext1", 1, "x", p));
    QW_TRY(qw_external_set_identity(db, &e, p));
    e.id = e.name = "ext9";
    QW_TRY(qw_external_insert(db, &e, p));
    QW_TRY(qw_session_end(db, "s1", p));
    QW_TRY(qw_operator_remove(db, "p1", "ext1", "x", 3, p));
    ok(qw_authenticator_step_up(db, "k1", 2, 3, p) != NULL,
       "a passkey needs no second login");
    QW_TRY(qw_authenticator_remove(db, "k1", "x", 3, p));
    QW_TRY(qw_authenticator_release(db, "p1", p));
    QW_TRY(qw_person_remove(db, "p1", "x", 3, p));
    return qw_event_insert(db, &event, p);
}

/* A diagnosis is asked for, and orders are looked at. */
static qw_problem_t *portal_looks(qw_db_t *db, void *baton, apr_pool_t *p)
{
    qw_diagnosis_t d = { .id = "dg1",
                         .authority = "live",
                         .external_id = "ext1",
                         .name = "a.example",
                         .asked_by = "x",
                         .created = 1,
                         .expires = 2 };
    qw_job_t j = { "jd1", "live", "diagnose", "dg1", 1, NULL, 0, 0, 0, "ext1" };
    qw_meter_t m = { "live", "diagnoses-per-account", "ext1" };
    apr_array_header_t *list;
    apr_time_t at;

    QW_TRY(qw_diagnosis_insert(db, &d, p));
    QW_TRY(qw_job_insert(db, &j, p));
    QW_TRY(qw_override_list(&list, db, "live", 1, p));
    QW_TRY(qw_limit_spend(&at, db, &m, 1, 1, 99, p));
    QW_TRY(qw_limit_spend(&at, db, &m, 1, 1, 99, p));
    QW_TRY(qw_diagnosis_list(&list, db, "ext1", 1, 9, p));
    QW_TRY(qw_order_latest(&list, db, "ext1", 9, p));
    QW_TRY(qw_authz_of_order(&list, db, "x", p));
    QW_TRY(qw_challenge_show(&list, db, "x", p));
    QW_TRY(qw_attempt_of_order(&list, db, "x", p));
    QW_TRY(qw_sct_list(&list, db, "x", p));
    return qw_download_get(&at, db, "x", p);
}

static qw_problem_t *child_looks(qw_db_t *db, void *baton, apr_pool_t *p)
{
    qw_diagnosis_t *d;
    apr_time_t at;

    QW_TRY(qw_diagnosis_get(&d, db, "live", "dg1", p));
    QW_TRY(qw_diagnosis_finish(db, "dg1", 1, "[]", p));
    QW_TRY(qw_diagnosis_purge(db, 9, 9, p));
    return qw_download_get(&at, db, "x", p);
}

static qw_problem_t *purge(qw_db_t *db, void *baton, apr_pool_t *p)
{
    QW_TRY(qw_confirmation_purge(db, 9, 9, p));
    return qw_session_purge(db, 9, 9, p);
}

static const struct {
    const char *role;
    const char *sql;
} forbidden[] = {
    { "qwacme_acme", "UPDATE qw_external SET expires = 9" },
    { "qwacme_acme", "INSERT INTO qw_domain SELECT * FROM qw_domain" },
    { "qwacme_acme", "DELETE FROM qw_limit_override" },
    { "qwacme_acme", "INSERT INTO qw_binding SELECT * FROM qw_binding" },
    { "qwacme_acme", "UPDATE qw_binding SET max_uses = 9" },
    { "qwacme_acme", "UPDATE qw_account SET external_id = external_id" },
    { "qwacme_acme", "UPDATE qw_order SET certificate_id = 'x'" },
    { "qwacme_acme", "INSERT INTO qw_attempt SELECT * FROM qw_attempt" },
    { "qwacme_acme", "UPDATE qw_attempt SET status = status" },
    { "qwacme_acme",
      "INSERT INTO qw_certificate SELECT * FROM qw_certificate" },
    { "qwacme_acme", "INSERT INTO qw_recall SELECT * FROM qw_recall" },
    { "qwacme_acme", "UPDATE qw_incident SET cleared = 1" },
    { "qwacme_acme", "UPDATE qw_case SET conclusion = 'x'" },
    { "qwacme_acme", "UPDATE qw_case SET approved_by = 'x'" },
    { "qwacme_acme", "INSERT INTO qw_case_item SELECT * FROM qw_case_item" },
    { "qwacme_acme", "UPDATE qw_case_item SET not_before = 1" },
    { "qwacme_signer", "SELECT id FROM qw_case" },
    { "qwacme_status", "SELECT id FROM qw_case" },
    { "qwacme_acme", "DELETE FROM qw_event" },
    { "qwacme_acme", "UPDATE qw_account SET suspended = 0" },
    { "qwacme_acme", "UPDATE qw_binding SET status = 'active'" },
    { "qwacme_acme", "UPDATE qw_external SET status = 'active'" },
    { "qwacme_acme", "UPDATE qw_approval SET decided_by = 'x'" },
    { "qwacme_signer", "UPDATE qw_approval SET status = 'approved'" },
    { "qwacme_report", "INSERT INTO qw_approval SELECT * FROM qw_approval" },
    { "qwacme_acme", "UPDATE qw_schema SET version = 2" },
    { "qwacme_acme", "UPDATE qw_seal_entry SET hash = 'x'" },
    { "qwacme_acme", "DELETE FROM qw_seal_entry" },
    { "qwacme_acme", "UPDATE qw_checkpoint SET signature = 'x'" },
    { "qwacme_acme", "DELETE FROM qw_checkpoint" },
    { "qwacme_acme", "UPDATE qw_identity_version SET version = 2" },
    { "qwacme_signer",
      "INSERT INTO qw_seal_entry SELECT * FROM qw_seal_entry" },
    { "qwacme_signer", "DELETE FROM qw_seal_queue" },
    { "qwacme_signer", "SELECT sealed FROM qw_binding" },
    { "qwacme_signer", "UPDATE qw_attempt SET tbs = 'x'" },
    { "qwacme_signer", "DELETE FROM qw_attempt" },
    { "qwacme_signer", "UPDATE qw_external SET status = 'active'" },
    { "qwacme_signer", "UPDATE qw_authz SET status = 'valid'" },
    { "qwacme_signer", "INSERT INTO qw_sct SELECT * FROM qw_sct" },
    { "qwacme_acme", "UPDATE qw_sct SET sct = 'x'" },
    { "qwacme_acme", "SELECT name FROM qw_person" },
    { "qwacme_acme", "SELECT login FROM qw_person" },
    { "qwacme_acme", "UPDATE qw_person SET mail = 'x'" },
    { "qwacme_acme", "UPDATE qw_reminder SET mail = 'x'" },
    { "qwacme_acme", "DELETE FROM qw_reminder" },
    { "qwacme_portal", "UPDATE qw_reminder SET status = 'void'" },
    { "qwacme_acme", "SELECT person_id FROM qw_session" },
    { "qwacme_acme", "INSERT INTO qw_action SELECT * FROM qw_action" },
    { "qwacme_portal", "UPDATE qw_external SET authority = 'x'" },
    { "qwacme_portal", "INSERT INTO qw_account SELECT * FROM qw_account" },
    { "qwacme_portal", "UPDATE qw_binding SET max_uses = 9" },
    { "qwacme_portal", "UPDATE qw_action SET action = 'x'" },
    { "qwacme_portal", "INSERT INTO qw_attempt SELECT * FROM qw_attempt" },
    { "qwacme_portal", "UPDATE qw_attempt SET status = 'issued'" },
    { "qwacme_portal", "UPDATE qw_authz SET status = 'valid'" },
    { "qwacme_portal", "UPDATE qw_revocation SET reason = 0" },
    { "qwacme_portal", "UPDATE qw_case_item SET subject_id = 'x'" },
    { "qwacme_portal", "SELECT token FROM qw_challenge" },
    { "qwacme_portal", "UPDATE qw_order SET status = 'valid'" },
    { "qwacme_portal", "UPDATE qw_challenge SET status = 'valid'" },
    { "qwacme_portal", "UPDATE qw_diagnosis SET findings = 'x'" },
    { "qwacme_portal", "DELETE FROM qw_job" },
    { "qwacme_portal", "INSERT INTO qw_sct SELECT * FROM qw_sct" },
    { "qwacme_acme", "INSERT INTO qw_diagnosis SELECT * FROM qw_diagnosis" },
    { "qwacme_acme", "UPDATE qw_diagnosis SET name = 'x'" },
    { "qwacme_signer", "SELECT id FROM qw_diagnosis" },
    { "qwacme_report", "SELECT secret_hash FROM qw_invite" },
    { "qwacme_report", "SELECT id FROM qw_session" },
    { "qwacme_status", "SELECT id FROM qw_order" },
    { "qwacme_status", "SELECT id FROM qw_external" },
    { "qwacme_status", "DELETE FROM qw_revocation" },
    { "qwacme_report", "SELECT sealed FROM qw_binding" },
    { "qwacme_report", "UPDATE qw_order SET error = 'x'" },
};

static void test_forbidden(box_t *box)
{
    const char *why;
    unsigned i;
    int rv;

    for (i = 0; i < sizeof(forbidden) / sizeof(forbidden[0]); i++) {
        box_raw(box,
                apr_pstrcat(box->pool, "SET ROLE ", forbidden[i].role, NULL));
        rv = box_raw(box, forbidden[i].sql);
        why = rv != 0 ? apr_dbd_error(box->driver, box->raw, rv) : "";
        ok(strstr(why, "permission denied") != NULL, "%s may not %s",
           forbidden[i].role, forbidden[i].sql);
        box_raw(box, "RESET ROLE");
    }
    box_raw(box, "SET ROLE qwacme_report");
    ok(box_raw(box, "SELECT id, uses FROM qw_binding") == 0,
       "reports see binding keys without their secret");
    box_raw(box, "RESET ROLE");
}

int main(void)
{
    box_t *box = box_open();
    unsigned i;

    if (box->is_file) {
        printf("1..0 # SKIP roles are PostgreSQL's\n");
        box_close(box);
        return 0;
    }
    ok(is_good(box_write(box, box_seed, NULL)), "the owner makes accounts");
    box_raw(box, "INSERT INTO qw_case (id, authority, kind, subject, options, "
                 "total, status, opened_by, opened) VALUES ('k0', 'live', "
                 "'mis-issuance', 's', '{}', 1, 'open', 'op', 1)");
    box_raw(box, "INSERT INTO qw_case_item (case_id, seq, authority, kind, "
                 "subject_id, label, reason, flagged, not_before, status) "
                 "VALUES ('k0', 1, 'live', 'revoke', 'x', 'l', 0, 0, 3, "
                 "'planned')");
    run_file(box);
    ok(is_good(
           qw_store_write(as(box, "qwacme_acme"), child_work, NULL, box->pool)),
       "a child of httpd can do its work");
    ok(is_good(qw_store_write(as(box, "qwacme_signer"), signer_work, NULL,
                              box->pool)),
       "the signer can do its work");
    ok(is_good(qw_store_write(as(box, "qwacme_portal"), portal_work, NULL,
                              box->pool)),
       "the portal can do its work");
    ok(is_good(qw_store_write(as(box, "qwacme_acme"), purge, NULL, box->pool)),
       "a child of httpd clears out sessions");
    ok(is_good(qw_store_write(as(box, "qwacme_portal"), portal_looks, NULL,
                              box->pool)),
       "the portal asks for diagnoses, and sees orders");
    ok(is_good(qw_store_write(as(box, "qwacme_acme"), child_looks, NULL,
                              box->pool)),
       "a child of httpd makes diagnoses");
    ok(box_raw(box, "SET ROLE qwacme_acme") == 0
           && box_raw(box, "INSERT INTO qw_download SELECT id, 1 FROM "
                           "qw_certificate WHERE false")
                  == 0,
       "and notes downloads");
    box_raw(box, "RESET ROLE");
    ok(is_good(qw_schema_check(as(box, "qwacme_status"), box->pool)),
       "the status service sees the schema");
    test_forbidden(box);
    for (i = 0; i < sizeof(roles) / sizeof(roles[0]); i++) {
        box_raw(box, apr_pstrcat(box->pool, "DROP OWNED BY ", roles[i], NULL));
        box_raw(box, apr_pstrcat(box->pool, "DROP ROLE ", roles[i], NULL));
    }
    box_close(box);
    return done_testing();
}
