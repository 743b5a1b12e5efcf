/* Orders, authorizations, challenges. */
#include "box.h"
#include "tap.h"

static qw_problem_t *orders(qw_db_t *db, void *baton, apr_pool_t *p)
{
    apr_array_header_t *ids;
    qw_order_t *got;

    ok(is_good(box_new_order(db, "o1", QW_order_PENDING, "a.example", p)),
       "insert");
    ok(is_good(qw_order_get(&got, db, "live", "acc1", "o1", p)), "get");
    ok(got->status == QW_order_PENDING && got->created == 1400
           && got->expires == 9000,
       "state and times");
    is_str(got->names, "[\"a.example\"]", "names");
    is_str(got->profile_hash, "hash", "profile");
    ok(got->error == NULL && got->certificate_id == NULL && got->csr == NULL,
       "nothing else yet");
    ok(is_code(qw_order_get(&got, db, "live", "acc9", "o1", p), QW_E_NOT_FOUND),
       "of another account: not found");
    ok(is_code(qw_order_get(&got, db, "test", "acc1", "o1", p), QW_E_NOT_FOUND),
       "of another authority: not found");
    ok(is_good(qw_order_get(&got, db, "live", NULL, "o1", p)),
       "of any account, for the signer");
    ok(is_good(qw_order_authz_ids(&ids, db, "o1", p)) && ids->nelts == 1,
       "its authorizations");
    is_str(APR_ARRAY_IDX(ids, 0, const char *), "z-o1", "id");

    ok(is_code(qw_order_begin(db, "o1", "csr", p), QW_E_CONFLICT),
       "a pending order is not finalized");
    ok(is_good(
           qw_order_move(db, "o1", QW_order_PENDING, QW_order_READY, NULL, p)),
       "pending to ready");
    ok(is_code(qw_order_move(db, "o1", QW_order_PENDING, QW_order_READY, NULL,
                             p),
               QW_E_CONFLICT),
       "the loser of a race is told");
    ok(is_good(qw_order_begin(db, "o1", "csr", p)), "finalize");
    ok(is_code(qw_order_begin(db, "o1", "csr", p), QW_E_CONFLICT), "only once");
    ok(is_good(qw_order_move(db, "o1", QW_order_PROCESSING, QW_order_READY,
                             "{\"type\":1}", p)),
       "back to ready with an error");
    ok(is_good(
           qw_order_move(db, "o1", QW_order_READY, QW_order_INVALID, NULL, p)),
       "invalid");
    ok(is_good(qw_order_get(&got, db, "live", "acc1", "o1", p)), "get");
    is_str(got->error, "{\"type\":1}", "an error stays unless replaced");
    is_str(got->csr, "csr", "csr");
    return NULL;
}

static qw_problem_t *replacing(qw_db_t *db, const char *id, apr_time_t now,
                               apr_pool_t *p)
{
    apr_array_header_t *none = apr_array_make(p, 1, sizeof(const char *));
    qw_order_t o = box_order(id, QW_order_PENDING);

    o.created = now;
    o.expires = now + 500;
    o.names = "[\"r.example\"]";
    o.replaces = "AA.AQ";
    return qw_order_insert(db, &o, none, p);
}

/* RFC9773-5: one live order replaces a certificate. */
static qw_problem_t *renewals(qw_db_t *db, void *baton, apr_pool_t *p)
{
    qw_order_t *got;

    ok(is_good(replacing(db, "r1", 2000, p)), "[ARI-08] replaces");
    ok(is_good(qw_order_get(&got, db, "live", "acc1", "r1", p)), "get");
    is_str(got->replaces, "AA.AQ", "what it replaces");
    ok(is_code(replacing(db, "r2", 2499, p), QW_E_CONFLICT),
       "[ARI-09] another while it is pending");
    ok(is_good(replacing(db, "r3", 2500, p)), "[ARI-11] when it has expired");
    ok(is_good(qw_order_get(&got, db, "live", "acc1", "r1", p))
           && got->status == QW_order_INVALID,
       "[ARI-11] it is invalid");
    ok(is_good(
           qw_order_move(db, "r3", QW_order_PENDING, QW_order_READY, NULL, p)),
       "ready");
    ok(is_good(qw_order_begin(db, "r3", "csr", p)), "processing");
    ok(is_code(replacing(db, "r4", 9000, p), QW_E_CONFLICT),
       "[ARI-09] another while it is processing, however late");
    ok(is_good(qw_order_move(db, "r3", QW_order_PROCESSING, QW_order_INVALID,
                             NULL, p)),
       "failed");
    ok(is_good(replacing(db, "r5", 2600, p)), "[ARI-11] when it has failed");
    return NULL;
}

static qw_problem_t *find_open(qw_order_t **got, qw_db_t *db, const char *names,
                               apr_time_t after, apr_pool_t *p)
{
    qw_order_t like = { 0 };

    like.account_id = "acc1";
    like.names = names;
    like.profile = "qevcp-w";
    return qw_order_find_open(got, db, &like, after, p);
}

static qw_problem_t *pages(qw_db_t *db, void *baton, apr_pool_t *p)
{
    apr_array_header_t *none = apr_array_make(p, 1, sizeof(const char *));
    apr_array_header_t *page;
    qw_order_t o, *got;
    int i;

    for (i = 0; i < 5; i++) {
        o = box_order(apr_psprintf(p, "page%d", i), QW_order_PENDING);
        o.created = 1500 + i / 2;
        o.names = "[\"p.example\"]";
        ok(is_good(qw_order_insert(db, &o, none, p)), "insert %d", i);
    }
    ok(is_good(qw_order_page(&page, db, "acc1", "o1", 2, p)), "first page");
    ok(page->nelts == 2, "is full");
    is_str(APR_ARRAY_IDX(page, 1, qw_order_t *)->id, "page1", "in order");
    ok(is_good(qw_order_page(&page, db, "acc1", "page1", 9, p)), "next page");
    ok(page->nelts == 3, "has the rest");
    is_str(APR_ARRAY_IDX(page, 0, qw_order_t *)->id, "page2", "goes on there");
    ok(is_good(qw_order_page(&page, db, "acc1", NULL, 9, p))
           && page->nelts == 6,
       "from the start");
    ok(is_good(find_open(&got, db, "[\"p.example\"]", 2000, p)) && got != NULL,
       "an open order for the same names");
    is_str(got->id, "page4", "is the newest");
    ok(is_good(find_open(&got, db, "[\"p.example\"]", 9000, p)) && got == NULL,
       "an expired one is not open");
    ok(is_good(find_open(&got, db, "[\"a.example\"]", 2000, p)) && got == NULL,
       "nor an invalid one");
    return NULL;
}

static qw_problem_t *authorizations(qw_db_t *db, void *baton, apr_pool_t *p)
{
    apr_array_header_t *names = apr_array_make(p, 2, sizeof(const char *));
    qw_authz_t z = box_authz("zz", "b.example"), *got;
    apr_array_header_t *list;
    int all;

    ok(is_good(qw_authz_insert(db, &z, p)), "insert");
    ok(is_good(qw_authz_get(&got, db, "live", "acc1", "zz", p)), "get");
    ok(got->status == QW_authz_PENDING && !got->wildcard && got->method == NULL,
       "pending");
    ok(is_code(qw_authz_get(&got, db, "live", "acc9", "zz", p), QW_E_NOT_FOUND),
       "of another account: not found");
    ok(is_good(qw_authz_of_order(&list, db, "o1", p)) && list->nelts == 1,
       "of an order");
    z.status = QW_authz_PENDING;
    ok(is_good(qw_authz_find(&got, db, &z, 2000, 0, p)) && got != NULL,
       "find a pending one");
    z.status = QW_authz_VALID;
    ok(is_good(qw_authz_find(&got, db, &z, 2000, 0, p)) && got == NULL,
       "no valid one");
    APR_ARRAY_PUSH(names, const char *) = "b.example";
    ok(is_good(qw_authz_has_all(&all, db, "acc1", names, 2000, p)) && !all,
       "not all names are proven");
    z.method = "http-01";
    z.validated_at = 1700;
    z.expires = 8000;
    ok(is_good(qw_authz_prove(db, &z, p)), "prove");
    ok(is_code(qw_authz_prove(db, &z, p), QW_E_CONFLICT), "only once");
    ok(is_good(qw_authz_has_all(&all, db, "acc1", names, 2000, p)) && all,
       "now they are");
    ok(is_good(qw_authz_has_all(&all, db, "acc1", names, 8000, p)) && !all,
       "until it expires");
    APR_ARRAY_PUSH(names, const char *) = "*.b.example";
    ok(is_good(qw_authz_has_all(&all, db, "acc1", names, 2000, p)) && !all,
       "a wildcard name needs its own");
    ok(is_good(qw_authz_find(&got, db, &z, 2000, 1700, p)) && got != NULL,
       "find it as valid");
    is_str(got->method, "http-01", "method");
    ok(got->validated_at == 1700 && got->expires == 8000, "times");
    ok(is_good(qw_authz_find(&got, db, &z, 2000, 1701, p)) && got == NULL,
       "too old a validation does not count");
    z.created++;
    ok(is_good(qw_authz_find(&got, db, &z, 2000, 1700, p)) && got == NULL,
       "[LIM-21] nor an authorization from before");
    ok(is_good(
           qw_authz_move(db, "zz", QW_authz_VALID, QW_authz_DEACTIVATED, p)),
       "deactivate");
    ok(is_code(qw_authz_move(db, "zz", QW_authz_VALID, QW_authz_REVOKED, p),
               QW_E_CONFLICT),
       "not from valid any more");
    return NULL;
}

static qw_challenge_t challenge(const char *id, const char *type)
{
    qw_challenge_t c = { 0 };

    c.id = c.token = id;
    c.authz_id = "z-o2";
    c.type = type;
    return c;
}

static qw_problem_t *challenges(qw_db_t *db, void *baton, apr_pool_t *p)
{
    qw_challenge_t c1 = challenge("c2", "http-01"), *got;
    qw_challenge_t c2 = challenge("c1", "dns-01");
    apr_array_header_t *list;
    qw_authz_t *authz;

    ok(is_good(box_new_order(db, "o2", QW_order_PENDING, "c.example", p)),
       "order");
    ok(is_good(qw_challenge_insert(db, &c1, p)), "insert");
    ok(is_good(qw_challenge_insert(db, &c2, p)), "insert another");
    ok(is_good(qw_challenge_list(&list, db, "z-o2", p)) && list->nelts == 2,
       "list");
    is_str(APR_ARRAY_IDX(list, 0, qw_challenge_t *)->type, "http-01",
           "as inserted");
    ok(is_good(qw_challenge_get(&got, &authz, db, "live", "acc1", "c2", p)),
       "get");
    is_str(got->token, "c2", "token");
    is_str(authz->name, "c.example", "and its authorization");
    ok(is_code(qw_challenge_get(&got, &authz, db, "live", "acc9", "c2", p),
               QW_E_NOT_FOUND),
       "of another account: not found");
    ok(is_good(qw_challenge_get(&got, &authz, db, NULL, NULL, "c2", p)),
       "of any, for the worker");
    ok(is_good(qw_challenge_begin(db, "c2", p)), "begin");
    ok(is_code(qw_challenge_begin(db, "c2", p), QW_E_CONFLICT), "only once");
    ok(is_code(qw_challenge_begin(db, "c1", p), QW_E_CONFLICT),
       "and no other of that authorization");
    c1.evidence = "{\"n\":1}";
    ok(is_good(qw_challenge_again(db, &c1, p)), "nothing learnt: again");
    ok(is_good(qw_challenge_begin(db, "c1", p)), "then the other may begin");
    ok(is_good(qw_challenge_again(db, &c2, p)), "and again");
    ok(is_good(qw_challenge_begin(db, "c2", p)), "begin the first again");
    c1.status = QW_challenge_VALID;
    c1.validated_at = 1800;
    ok(is_good(qw_challenge_finish(db, &c1, p)), "finish");
    ok(is_code(qw_challenge_finish(db, &c1, p), QW_E_CONFLICT),
       "a late result changes nothing");
    ok(is_good(qw_challenge_get(&got, &authz, db, "live", "acc1", "c2", p)),
       "get");
    ok(got->status == QW_challenge_VALID && got->validated_at == 1800, "valid");
    is_str(got->evidence, "{\"n\":1}", "evidence");
    return NULL;
}

static qw_state_e status_of(qw_db_t *db, const char *order, apr_pool_t *p)
{
    qw_order_t *got;
    qw_problem_t *prob = qw_order_get(&got, db, "live", NULL, order, p);

    return is_good(prob) ? got->status : QW_STATE_NONE;
}

static qw_state_e authz_status(qw_db_t *db, const char *id, apr_pool_t *p)
{
    qw_authz_t *got;
    qw_problem_t *prob = qw_authz_get(&got, db, "live", NULL, id, p);

    return is_good(prob) ? got->status : QW_STATE_NONE;
}

static qw_problem_t *settling(qw_db_t *db, void *baton, apr_pool_t *p)
{
    apr_array_header_t *ids = apr_array_make(p, 2, sizeof(const char *));
    qw_authz_t z = box_authz("zs1", "s1.example");
    qw_order_t o = box_order("os", QW_order_PENDING);

    APR_ARRAY_PUSH(ids, const char *) = "zs1";
    APR_ARRAY_PUSH(ids, const char *) = "zs2";
    ok(is_good(qw_authz_insert(db, &z, p)), "one");
    z.id = "zs2";
    ok(is_good(qw_authz_insert(db, &z, p)), "two");
    ok(is_good(qw_order_insert(db, &o, ids, p)), "an order of both");
    ok(is_good(qw_orders_lock(db, "zs1", p)), "lock");
    z.id = "zs1";
    z.method = "dns-01";
    ok(is_good(qw_authz_prove(db, &z, p)), "prove one");
    ok(is_good(qw_orders_settle(db, "zs1", p)), "settle");
    ok(status_of(db, "os", p) == QW_order_PENDING, "one of two is not all");
    z.id = "zs2";
    ok(is_good(qw_authz_prove(db, &z, p)), "prove the other");
    ok(is_good(qw_orders_settle(db, "zs2", p)), "settle");
    ok(status_of(db, "os", p) == QW_order_READY, "both are");
    ok(is_good(qw_orders_fail(db, "zs2", "{}", p)), "fail");
    ok(status_of(db, "os", p) == QW_order_INVALID, "one that fails is enough");
    return NULL;
}

static qw_problem_t *expiry(qw_db_t *db, void *baton, apr_pool_t *p)
{
    int n;

    ok(is_good(qw_orders_expire(&n, db, 8999, 100, p)) && n == 0,
       "nothing expires early");
    ok(is_good(qw_orders_expire(&n, db, 9000, 2, p)) && n == 4,
       "no more than asked for, of each");
    do {
        if (!is_good(qw_orders_expire(&n, db, 9000, 100, p)))
            break;
    } while (n > 0);
    ok(status_of(db, "o2", p) == QW_order_INVALID, "the order is invalid");
    ok(authz_status(db, "z-o2", p) == QW_authz_EXPIRED,
       "its authorization expired");
    ok(authz_status(db, "zz", p) == QW_authz_DEACTIVATED,
       "a deactivated one stays so");
    return NULL;
}

static qw_problem_t *the_end(qw_db_t *db, void *baton, apr_pool_t *p)
{
    qw_challenge_t c = challenge("c9", "http-01"), *got;
    qw_authz_t *authz;

    c.authz_id = "z-o3";
    ok(is_good(box_new_order(db, "o3", QW_order_PENDING, "e.example", p)),
       "a pending order");
    ok(is_good(box_new_order(db, "o4", QW_order_READY, "f.example", p)),
       "a ready one");
    ok(is_good(qw_challenge_insert(db, &c, p)), "a challenge");
    ok(is_good(qw_challenge_begin(db, "c9", p)), "being validated");
    ok(is_good(qw_order_begin(db, "o4", "csr", p)), "the ready one is begun");
    ok(is_good(qw_orders_of_account_end(db, "acc1", "{\"e\":1}", p)), "end");
    ok(status_of(db, "o3", p) == QW_order_INVALID, "pending orders end");
    ok(status_of(db, "o4", p) == QW_order_PROCESSING,
       "one at the signer goes on");
    ok(authz_status(db, "z-o3", p) == QW_authz_DEACTIVATED,
       "pending authorizations end");
    ok(is_good(qw_challenge_get(&got, &authz, db, NULL, NULL, "c9", p)), "get");
    ok(got->status == QW_challenge_INVALID, "and so do their challenges");
    is_str(got->error, "{\"e\":1}", "with the reason");
    c.status = QW_challenge_VALID;
    ok(is_code(qw_challenge_finish(db, &c, p), QW_E_CONFLICT),
       "a late result changes nothing");
    return NULL;
}

int main(void)
{
    box_t *box = box_open();

    ok(is_good(box_write(box, box_seed, NULL)), "seed");
    ok(is_good(box_write(box, orders, NULL)), "orders");
    ok(is_good(box_write(box, pages, NULL)), "pages");
    ok(is_good(box_write(box, authorizations, NULL)), "authorizations");
    ok(is_good(box_write(box, challenges, NULL)), "challenges");
    ok(is_good(box_write(box, settling, NULL)), "settling");
    ok(is_good(box_write(box, expiry, NULL)), "expiry");
    ok(is_good(box_write(box, renewals, NULL)), "renewals");
    ok(is_good(box_write(box, the_end, NULL)), "the end of an account");
    box_close(box);
    return done_testing();
}
