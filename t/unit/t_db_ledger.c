/* Attempts, certificates, revocations, events, jobs, nodes, nonces. */
#include "box.h"
#include "tap.h"

#include "store/db_incident.h"
#include "store/db_job.h"
#include "store/db_ledger.h"

#define HASH "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

static qw_attempt_t attempt(const char *id, const char *order,
                            const char *serial)
{
    qw_attempt_t t = { 0 };

    t.id = id;
    t.authority = "live";
    t.order_id = order;
    t.kind = "cert";
    t.issuer = "issuer";
    t.serial = serial;
    t.tbs = "tbs";
    t.tbs_hash = HASH;
    t.profile_hash = "hash";
    t.node = "node";
    t.lease_until = 5000;
    t.created = 2000;
    return t;
}

static qw_problem_t *attempts(qw_db_t *db, void *baton, apr_pool_t *p)
{
    qw_attempt_t t = attempt("t1", "o1", "01"), *got, like = { 0 };
    apr_array_header_t *list;
    qw_attempt_count_t n;
    qw_problem_t *prob;

    ok(is_good(qw_attempt_insert(db, &t, p)), "insert");
    t = attempt("t2", "o1", "02");
    ok(is_code(qw_attempt_insert(db, &t, p), QW_E_CONFLICT),
       "an order has one live attempt");
    t = attempt("t2", "o2", "01");
    prob = qw_attempt_insert(db, &t, p);
    ok(is_code(prob, QW_E_SERVER_INTERNAL), "a serial is taken once");
    is_str(prob->cause, "serial taken", "and is not tried again");
    ok(is_good(qw_attempt_get(&got, db, "t1", p)), "get");
    ok(got->status == QW_attempt_SIGNING && got->der == NULL
           && got->lease_until == 5000 && got->signed_at == 0,
       "signing");
    is_str(got->tbs, "tbs", "tbs");
    ok(is_code(qw_attempt_get(&got, db, "t9", p), QW_E_NOT_FOUND),
       "no such attempt");
    ok(is_code(qw_attempt_attach(db, "t1", "der", p), QW_E_CONFLICT),
       "only an orphan gets its DER late");
    ok(is_good(qw_attempt_orphan(db, "t1", 2100, p)), "orphan");
    ok(is_code(qw_attempt_orphan(db, "t1", 2100, p), QW_E_CONFLICT),
       "only once");
    ok(is_code(qw_attempt_issue(db, "t1", "der", 2100, p), QW_E_CONFLICT),
       "an orphan is never issued");
    ok(is_good(qw_attempt_attach(db, "t1", "late", p)), "attach");
    ok(is_code(qw_attempt_attach(db, "t1", "later", p), QW_E_CONFLICT),
       "only once");
    t = attempt("t2", "o1", "02");
    ok(is_good(qw_attempt_insert(db, &t, p)), "after an orphan another");
    ok(is_good(qw_attempt_issue(db, "t2", "der", 2200, p)), "issue");
    ok(is_good(qw_attempt_get(&got, db, "t2", p)), "get");
    is_str(got->der, "der", "with its DER");
    ok(got->signed_at == 2200, "and its time");
    t = attempt("t3", NULL, "03");
    t.kind = "crl";
    ok(is_good(qw_attempt_insert(db, &t, p)), "a CRL belongs to no order");
    like.issuer = "issuer";
    like.status = QW_attempt_SIGNING;
    ok(is_good(qw_attempt_list(&list, db, &like, NULL, 9, p))
           && list->nelts == 1,
       "list of a state");
    like.lease_until = 5000;
    ok(is_good(qw_attempt_list(&list, db, &like, NULL, 9, p))
           && list->nelts == 0,
       "of those whose lease is over");
    like.lease_until = 0;
    ok(is_good(qw_attempt_list(&list, db, &like, "t3", 9, p))
           && list->nelts == 0,
       "after an id");
    ok(is_good(qw_attempt_count(&n, db, "issuer", p)), "count");
    ok(n.all == 3 && n.signing == 1 && n.issued == 1 && n.orphan == 1,
       "of each state");
    ok(is_good(qw_attempt_count(&n, db, "nobody", p)) && n.all == 0,
       "nothing of another issuer");
    return NULL;
}

/* A precertificate, what logs promise for it, and its two ends. */
static qw_problem_t *precertificates(qw_db_t *db, void *baton, apr_pool_t *p)
{
    qw_attempt_t t = attempt("p1", "o3", "31"), *got;
    qw_sct_t s = { "p1", HASH, "sct", 7 };
    apr_array_header_t *list;
    qw_attempt_count_t n;

    QW_TRY(box_new_order(db, "o3", QW_order_READY, "c.example", p));
    t.kind = QW_KIND_PRECERT;
    t.issuer = "issuer2";
    ok(is_good(qw_attempt_insert(db, &t, p)), "a precertificate");
    ok(is_good(qw_attempt_spend(db, "o3", p))
           && is_good(qw_attempt_live(&got, db, "o3", QW_KIND_PRECERT, p))
           && got != NULL,
       "while it is signed it is not spent");
    ok(is_good(qw_attempt_issue(db, "p1", "der", 2200, p)), "issue");
    ok(is_good(qw_sct_insert(db, &s, p)), "an SCT");
    s.sct = "other";
    ok(is_good(qw_sct_insert(db, &s, p)), "the same log again");
    ok(is_good(qw_sct_list(&list, db, "p1", p)) && list->nelts == 1
           && strcmp(APR_ARRAY_IDX(list, 0, qw_sct_t *)->sct, "sct") == 0,
       "the first promise stays");
    t = attempt("p2", "o3", "31");
    t.issuer = "issuer2";
    ok(is_good(qw_attempt_insert(db, &t, p)), "its certificate, same serial");
    ok(is_good(qw_attempt_orphan(db, "p2", 2300, p)), "which is written off");
    ok(is_good(qw_attempt_spend(db, "o3", p)), "spends the precertificate");
    ok(is_good(qw_attempt_get(&got, db, "p1", p))
           && got->status == QW_attempt_SPENT,
       "that leads nowhere");
    ok(is_good(qw_attempt_live(&got, db, "o3", QW_KIND_PRECERT, p))
           && got == NULL,
       "and is not live");
    t = attempt("p3", "o3", "32");
    t.kind = QW_KIND_PRECERT;
    t.issuer = "issuer2";
    ok(is_good(qw_attempt_insert(db, &t, p)), "after it another");
    ok(is_good(qw_attempt_count(&n, db, "issuer2", p)) && n.issued == 1,
       "what was spent had been issued");
    return NULL;
}

static qw_certificate_t certificate(const char *id, const char *order,
                                    const char *attempt_id, const char *serial)
{
    qw_certificate_t c = { 0 };

    c.id = id;
    c.authority = "live";
    c.order_id = order;
    c.account_id = "acc1";
    c.external_id = "ext1";
    c.attempt_id = attempt_id;
    c.issuer = "issuer";
    c.serial = serial;
    c.spki_hash = "spki";
    c.fingerprint = "print";
    c.names = "[]";
    c.profile = "qevcp-w";
    c.identity_version = 1;
    c.not_before = 2000;
    c.not_after = 8000;
    c.created = 2300;
    c.pem = "PEM";
    return c;
}

static qw_problem_t *certificates(qw_db_t *db, void *baton, apr_pool_t *p)
{
    qw_certificate_t c = certificate("cert1", "o1", "t2", "02"), *got;
    qw_certificate_query_t q = { "live", NULL, NULL, NULL, NULL, NULL, 9 };
    qw_attempt_t t = attempt("t4", "o2", "04");
    apr_array_header_t *list;
    qw_order_t *order;

    ok(is_good(qw_certificate_insert(db, &c, p)), "insert");
    ok(is_good(qw_order_finish(db, "o1", "cert1", p)), "the order is valid");
    ok(is_code(qw_order_finish(db, "o1", "cert1", p), QW_E_CONFLICT),
       "only once");
    ok(is_good(qw_order_get(&order, db, "live", NULL, "o1", p)), "order");
    is_str(order->certificate_id, "cert1", "knows it");
    ok(is_good(qw_attempt_insert(db, &t, p)), "another attempt");
    ok(is_good(qw_attempt_issue(db, "t4", "der", 2400, p)), "issued");
    c = certificate("cert2", "o2", "t4", "04");
    c.created = 2400;
    ok(is_good(qw_certificate_insert(db, &c, p)), "another certificate");
    ok(is_good(qw_certificate_get(&got, db, "live", "acc1", "cert1", p)),
       "get");
    is_str(got->pem, "PEM", "pem");
    ok(got->revoked_at == 0 && got->not_after == 8000, "not revoked");
    ok(is_code(qw_certificate_get(&got, db, "live", "acc9", "cert1", p),
               QW_E_NOT_FOUND),
       "of another account: not found");
    ok(is_good(qw_certificate_get(&got, db, "live", NULL, "cert1", p)),
       "of any account");
    ok(is_good(qw_certificate_by_serial(&got, db, "issuer", "04", p)),
       "by serial");
    is_str(got->id, "cert2", "that one");
    ok(is_code(qw_certificate_by_serial(&got, db, "issuer", "99", p),
               QW_E_NOT_FOUND),
       "no such serial");
    ok(is_good(qw_certificate_list(&list, db, &q, p)) && list->nelts == 2,
       "all of the authority");
    ok(APR_ARRAY_IDX(list, 0, qw_certificate_t *)->pem == NULL,
       "without the bytes");
    q.after_id = "cert1";
    ok(is_good(qw_certificate_list(&list, db, &q, p)) && list->nelts == 1,
       "the page after");
    q.after_id = NULL;
    q.external_id = "ext1";
    ok(is_good(qw_certificate_list(&list, db, &q, p)) && list->nelts == 2,
       "of an external account");
    q.account_id = "acc9";
    ok(is_good(qw_certificate_list(&list, db, &q, p)) && list->nelts == 0,
       "and of an account");
    q.account_id = NULL;
    q.spki_hash = "spki";
    ok(is_good(qw_certificate_list(&list, db, &q, p)) && list->nelts == 2,
       "of a key");
    q.serial = "04";
    ok(is_good(qw_certificate_list(&list, db, &q, p)) && list->nelts == 1,
       "and a serial");
    return NULL;
}

/* Revoked while its order is processing: the serial stands in the ledger, the
 * certificate does not. Neither write is lost. */
static qw_problem_t *revoked_first(qw_db_t *db, void *baton, apr_pool_t *p)
{
    qw_revocation_t r = { "issuer", "44", "live", 1, 2500, 2500, "ctl:x" };
    qw_certificate_t c = certificate("cert44", "o44", "t44", "44"), *got;
    qw_attempt_t t = attempt("t44", "o44", "44");

    QW_TRY(box_new_order(db, "o44", QW_order_READY, "x.example", p));
    QW_TRY(qw_order_begin(db, "o44", "csr", p));
    QW_TRY(qw_attempt_insert(db, &t, p));
    ok(is_good(qw_revocation_insert(db, &r, p)), "[REV-24] revoke its serial");
    QW_TRY(qw_attempt_issue(db, "t44", "der", 2600, p));
    ok(is_good(qw_certificate_insert(db, &c, p)), "[REV-24] then it is issued");
    ok(is_good(qw_order_finish(db, "o44", "cert44", p)), "[REV-24] valid");
    ok(is_good(qw_certificate_get(&got, db, "live", NULL, "cert44", p))
           && got->revoked_at == 2500 && got->reason == 1,
       "[REV-24] and revoked");
    return NULL;
}

static qw_problem_t *incidents(qw_db_t *db, void *baton, apr_pool_t *p)
{
    qw_incident_t i = { "i1", "one", "https://a/", "ctl:x", 3000, 0, 0 }, *got;
    apr_array_header_t *list;
    qw_renewal_t *r;
    int n;

    ok(is_code(qw_renewal_get(&r, db, "live", "issuer", "99", p),
               QW_E_NOT_FOUND),
       "[ARI-03] no such certificate");
    ok(is_code(qw_renewal_get(&r, db, "test", "issuer", "04", p),
               QW_E_NOT_FOUND),
       "[ARI-03] nor in another authority");
    ok(is_good(qw_renewal_get(&r, db, "live", "issuer", "04", p)), "renewal");
    ok(r->not_before == 2000 && r->not_after == 8000 && r->verified_at == 900
           && r->expires == 9000 && r->revoked_at == 0 && r->recalled_at == 0
           && r->explanation_url == NULL,
       "what it depends on");
    ok(is_good(qw_incident_insert(db, "live", &i, p)), "an incident");
    ok(is_code(qw_incident_insert(db, "live", &i, p), QW_E_CONFLICT), "once");
    ok(is_good(qw_incident_recall(&n, db, "live", "i1", "04", p)) && n == 1,
       "[ARI-06] a certificate of it");
    ok(is_good(qw_incident_recall(&n, db, "live", "i1", "04", p)) && n == 0,
       "once");
    ok(is_good(qw_incident_recall(&n, db, "live", "i1", "99", p)) && n == 0,
       "none");
    ok(is_good(qw_incident_recall(&n, db, "test", "i1", "02", p)) && n == 0,
       "nor in another authority");
    i.id = "i2";
    i.name = "two";
    i.url = "https://b/";
    i.created = 3001;
    ok(is_good(qw_incident_insert(db, "live", &i, p)), "a newer one");
    ok(is_good(qw_incident_recall(&n, db, "live", "i2", "04", p)) && n == 1,
       "of it too");
    QW_TRY(qw_renewal_get(&r, db, "live", "issuer", "04", p));
    ok(r->recalled_at == 3001, "[ARI-06] since when");
    is_str(r->explanation_url, "https://b/", "[ARI-06] the newest explains");
    ok(is_good(qw_incident_clear(db, "i2", 4000, p)), "clear");
    ok(is_code(qw_incident_clear(db, "i2", 4000, p), QW_E_CONFLICT), "once");
    QW_TRY(qw_renewal_get(&r, db, "live", "issuer", "04", p));
    is_str(r->explanation_url, "https://a/", "then the other");
    ok(is_good(qw_incident_find(&got, db, "live", "two", p))
           && got->cleared == 4000 && got->certificates == 1,
       "by name");
    ok(is_good(qw_incident_find(&got, db, "test", "two", p)) && got == NULL,
       "of its authority");
    ok(is_good(qw_incident_list(&list, db, "live", p)) && list->nelts == 2,
       "all");
    return NULL;
}

static qw_problem_t *revocations(qw_db_t *db, void *baton, apr_pool_t *p)
{
    qw_revocation_t r = { "issuer", "02", "live", 4, 3000, 3000, "acme:acc1" },
                    *got;
    qw_certificate_t *c;

    ok(is_good(qw_revocation_get(&got, db, "issuer", "02", p)) && got == NULL,
       "not revoked");
    ok(is_code(qw_revocation_upgrade(db, "issuer", "02", "x", p),
               QW_E_CONFLICT),
       "nothing to upgrade");
    ok(is_good(qw_revocation_insert(db, &r, p)), "revoke");
    ok(is_code(qw_revocation_insert(db, &r, p), QW_E_CONFLICT), "only once");
    ok(is_good(qw_revocation_get(&got, db, "issuer", "02", p)) && got != NULL,
       "revoked");
    ok(got->reason == 4 && got->revoked_at == 3000, "reason and time");
    is_str(got->actor, "acme:acc1", "actor");
    ok(is_good(qw_certificate_get(&c, db, "live", NULL, "cert1", p)), "get");
    ok(c->revoked_at == 3000 && c->reason == 4, "the certificate knows");
    ok(is_good(qw_revocation_upgrade(db, "issuer", "02", "key", p)),
       "the key was compromised");
    ok(is_code(qw_revocation_upgrade(db, "issuer", "02", "key", p),
               QW_E_CONFLICT),
       "only once");
    ok(is_good(qw_revocation_get(&got, db, "issuer", "02", p)), "get");
    ok(got->reason == 1 && got->revoked_at == 3000, "the date stays");
    r.serial = "01";
    r.reason = 0;
    ok(is_good(qw_revocation_insert(db, &r, p)),
       "an orphan's serial is revoked without a certificate");
    return NULL;
}

static qw_problem_t *events(qw_db_t *db, void *baton, apr_pool_t *p)
{
    qw_event_t e = { "e1",       "live",  1000, "order.create",
                     "acme:acc", "order", "o1", "{}" };
    apr_array_header_t *list;

    ok(is_good(qw_event_insert(db, &e, p)), "insert");
    e.id = "e2";
    e.at = 1001;
    e.subject_id = "o2";
    ok(is_good(qw_event_insert(db, &e, p)), "insert");
    ok(is_good(qw_event_list(&list, db, "live", NULL, 9, p))
           && list->nelts == 2,
       "list");
    is_str(APR_ARRAY_IDX(list, 0, qw_event_t *)->id, "e2", "newest first");
    ok(is_good(qw_event_list(&list, db, "live", "o1", 9, p))
           && list->nelts == 1,
       "of a subject");
    is_str(APR_ARRAY_IDX(list, 0, qw_event_t *)->event, "order.create",
           "event");
    ok(is_good(qw_event_list(&list, db, "test", NULL, 9, p))
           && list->nelts == 0,
       "of an authority");
    return NULL;
}

static qw_problem_t *jobs(qw_db_t *db, void *baton, apr_pool_t *p)
{
    qw_job_t j = { "j1", "live", "validate", "c1", 1000, NULL, 0, 0, 0, "a1" };
    qw_job_t lease = { NULL, NULL, NULL, NULL, 0, "me", 2000, 0, 0, NULL };
    apr_array_header_t *list, *again;
    qw_job_t *mine;
    apr_time_t due;

    ok(is_good(qw_job_next(&due, db, "validate", p)) && due == 0, "no job");
    ok(is_good(qw_job_insert(db, &j, p)), "insert");
    ok(is_good(qw_job_insert(db, &j, p)), "twice is once");
    j.id = "j2";
    j.subject_id = "c2";
    j.due = 1500;
    ok(is_good(qw_job_insert(db, &j, p)), "another");
    ok(is_good(qw_job_next(&due, db, "validate", p)) && due == 1000, "next");
    ok(is_good(qw_job_claim(&list, db, "validate", &lease, 1200, 9, p))
           && list->nelts == 1,
       "one is due");
    mine = APR_ARRAY_IDX(list, 0, qw_job_t *);
    is_str(mine->id, "j1", "that one");
    ok(mine->tries == 1 && mine->lease_until == 2000, "leased");
    ok(is_good(qw_job_claim(&again, db, "validate", &lease, 1200, 9, p))
           && again->nelts == 0,
       "what is leased is not due, not even for its owner");
    ok(is_good(qw_job_next(&due, db, "validate", p)) && due == 1500, "next");
    lease.owner = "you";
    lease.lease_until = 3000;
    ok(is_good(qw_job_claim(&again, db, "validate", &lease, 2000, 1, p))
           && again->nelts == 1,
       "a lease ends, and no more than asked for");
    is_str(APR_ARRAY_IDX(again, 0, qw_job_t *)->id, "j1", "the oldest first");
    ok(is_code(qw_job_done(db, mine, p), QW_E_CONFLICT),
       "who lost the lease may not say done");
    ok(is_code(qw_job_release(db, mine, p), QW_E_CONFLICT), "nor release it");
    mine = APR_ARRAY_IDX(again, 0, qw_job_t *);
    mine->due = 2500;
    ok(is_good(qw_job_release(db, mine, p)), "release");
    ok(is_good(qw_job_claim(&list, db, "validate", &lease, 2600, 9, p))
           && list->nelts == 2,
       "due again");
    ok(is_good(qw_job_claim(&list, db, "expire", &lease, 9000, 9, p))
           && list->nelts == 0,
       "of another kind there is none");
    ok(is_good(qw_job_claim(&list, db, "validate", &lease, 3000, 9, p))
           && list->nelts == 2,
       "both leases ended");
    ok(is_good(qw_job_done(db, APR_ARRAY_IDX(list, 0, qw_job_t *), p)), "done");
    ok(is_code(qw_job_done(db, APR_ARRAY_IDX(list, 0, qw_job_t *), p),
               QW_E_CONFLICT),
       "only once");
    return NULL;
}

static qw_problem_t *nonces(qw_db_t *db, void *baton, apr_pool_t *p)
{
    const apr_time_t day = apr_time_from_sec(86400);
    apr_int64_t others;
    apr_time_t started;

    ok(is_good(qw_node_others(&others, &started, db, "n1", 0, p)) && others == 0
           && started == 0,
       "alone and unknown");
    ok(is_good(qw_node_seen(db, "n1", 100, 200, p)), "seen");
    ok(is_good(qw_node_seen(db, "n1", 150, 300, p)), "seen again");
    ok(is_good(qw_node_seen(db, "n2", 250, 250, p)), "another");
    ok(is_good(qw_node_others(&others, &started, db, "n1", 250, p))
           && others == 1 && started == 100,
       "first seen is first seen");
    ok(is_good(qw_node_others(&others, &started, db, "n1", 251, p))
           && others == 0,
       "not seen since");
    ok(is_good(qw_nonce_spend(db, "nonce", 1000, p)), "spend");
    ok(is_code(qw_nonce_spend(db, "nonce", 1000, p), QW_E_CONFLICT),
       "only once");
    ok(is_good(qw_nonce_purge(db, 1000, 9, p)), "purge");
    ok(is_code(qw_nonce_spend(db, "nonce", 1000, p), QW_E_CONFLICT),
       "not before its time");
    ok(is_good(qw_nonce_purge(db, 1001, 9, p)), "purge");
    ok(is_good(qw_nonce_spend(db, "nonce", 1000, p)), "forgotten");
    ok(is_good(qw_nonce_purge(db, 300 + day, 9, p)), "purge after a day");
    ok(is_good(qw_node_others(&others, &started, db, "n3", 0, p))
           && others == 1,
       "a node that was not seen for a day is forgotten");
    return NULL;
}

static qw_problem_t *orders(qw_db_t *db, void *baton, apr_pool_t *p)
{
    apr_array_header_t *list;

    QW_TRY(box_new_order(db, "o1", QW_order_READY, "a.example", p));
    QW_TRY(box_new_order(db, "o2", QW_order_READY, "b.example", p));
    ok(is_good(qw_order_begin(db, "o1", "csr", p)), "finalize");
    ok(is_good(qw_order_stranded(&list, db, "live", p)) && list->nelts == 1,
       "processing without an attempt is stranded");
    ok(is_good(qw_order_stranded(&list, db, "test", p)) && list->nelts == 0,
       "in its authority");
    return NULL;
}

static qw_problem_t *not_stranded(qw_db_t *db, void *baton, apr_pool_t *p)
{
    apr_array_header_t *list;

    ok(is_good(qw_order_stranded(&list, db, "live", p)) && list->nelts == 0,
       "with a live attempt it is not stranded");
    return NULL;
}

int main(void)
{
    box_t *box = box_open();

    ok(is_good(box_write(box, box_seed, NULL)), "seed");
    ok(is_good(box_write(box, orders, NULL)), "orders");
    ok(is_good(box_write(box, attempts, NULL)), "attempts");
    ok(is_good(box_read(box, not_stranded, NULL)), "stranded");
    ok(is_good(box_write(box, certificates, NULL)), "certificates");
    ok(is_good(box_write(box, incidents, NULL)), "incidents");
    ok(is_good(box_write(box, revocations, NULL)), "revocations");
    ok(is_good(box_write(box, revoked_first, NULL)), "revoked first");
    ok(is_good(box_write(box, events, NULL)), "events");
    ok(is_good(box_write(box, jobs, NULL)), "jobs");
    ok(is_good(box_write(box, nonces, NULL)), "nonces");
    ok(is_good(box_write(box, precertificates, NULL)), "precertificates");
    box_close(box);
    return done_testing();
}
