/* Blocked keys. */
#include "box.h"
#include "tap.h"

#include "gate/keys.h"

static qw_problem_t *blocked(qw_db_t *db, void *baton, apr_pool_t *p)
{
    qw_blocked_key_t key = { "spki", "thumbprint", "why", 1000 }, *got;
    apr_array_header_t *list;
    int has;

    ok(is_good(qw_blocked_key_has(&has, db, "spki", p)) && !has, "not blocked");
    ok(is_good(qw_blocked_key_insert(db, &key, p)), "block");
    key.why = "again";
    ok(is_good(qw_blocked_key_insert(db, &key, p)), "twice does no harm");
    ok(is_good(qw_blocked_key_has(&has, db, "spki", p)) && has, "blocked");
    key.spki_hash = "newer";
    key.at = 2000;
    ok(is_good(qw_blocked_key_insert(db, &key, p)), "another");
    ok(is_good(qw_blocked_key_list(&list, db, 3000, 10, p)) && list->nelts == 2,
       "both are listed");
    got = APR_ARRAY_IDX(list, 0, qw_blocked_key_t *);
    is_str(got->spki_hash, "newer", "the newest first");
    got = APR_ARRAY_IDX(list, 1, qw_blocked_key_t *);
    is_str(got->why, "why", "with the first reason");
    ok(is_good(qw_blocked_key_list(&list, db, 1000, 10, p)) && list->nelts == 1,
       "or up to a time");
    return NULL;
}

/* KEY of an account: it, and who has it. */
static qw_problem_t *of_account(qw_db_t *db, void *baton, apr_pool_t *p)
{
    qw_account_t a = box_account("acc9", "key1", "ext1"), *got;
    qw_blocking_t b = { { "spki9", NULL }, "leaked", NULL, NULL, 0 };
    int used;

    a.thumbprint = b.key.thumbprint = "thumb9";
    QW_TRY(qw_account_insert(db, &a, p));
    QW_TRY(qw_account_get(&got, db, "live", "acc9", p));
    ok(!got->key_blocked, "an account's key is not blocked");
    QW_TRY(qw_gate_block_key(db, &b, 5000, p));
    ok(b.is_new && b.certificates->nelts == 0 && b.accounts->nelts == 1,
       "[REV-18] blocking finds the account");
    QW_TRY(qw_account_get(&got, db, "live", "acc9", p));
    ok(got->key_blocked, "which knows it");
    QW_TRY(qw_gate_block_key(db, &b, 6000, p));
    ok(!b.is_new, "it was blocked already");
    ok(is_code(qw_gate_account_key(db, &b.key, p), QW_E_BAD_PUBLIC_KEY),
       "[KEY-08] not for an account");
    ok(is_code(qw_gate_certificate_key(db, &b.key, got, p), QW_E_BAD_CSR),
       "[FIN-22] nor for a certificate");
    ok(is_good(qw_certificate_key_used(&used, db, "spki9", p)) && !used,
       "no certificate has it");
    return NULL;
}

int main(void)
{
    box_t *box = box_open();

    ok(is_good(box_write(box, box_seed, NULL)), "seed");
    ok(is_good(box_write(box, blocked, NULL)), "blocked keys");
    ok(is_good(box_write(box, of_account, NULL)), "an account's key");
    ok(box_raw(box, "DELETE FROM qw_blocked_key") != 0, "none is removed");
    ok(box_raw(box, "UPDATE qw_blocked_key SET why = 'x'") != 0, "nor changed");
    box_close(box);
    return done_testing();
}
