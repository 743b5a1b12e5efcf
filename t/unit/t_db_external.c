/* External accounts, domain lists, binding keys, ACME accounts. */
#include "box.h"
#include "tap.h"

#include "store/db_seal.h"

static qw_problem_t *externals(qw_db_t *db, void *baton, apr_pool_t *p)
{
    qw_identity_version_t *version;
    qw_external_t e = box_external("ext2"), *got;
    apr_array_header_t *list;

    ok(is_good(qw_external_insert(db, &e, p)), "insert");
    ok(is_code(qw_external_insert(db, &e, p), QW_E_CONFLICT),
       "a name is there once");
    ok(is_good(qw_external_get(&got, db, "live", "ext2", p)), "get");
    is_str(got->name, "ext2", "name");
    is_str(got->identity, "{}", "identity");
    is_str(got->verified_method, "24(1a)(a)", "method");
    is_str(got->profiles, "qevcp-w", "profiles");
    ok(got->status == QW_external_ACTIVE, "starts active");
    ok(got->created == 1000 && got->expires == 9000 && got->verified_at == 900
           && got->identity_version == 1,
       "times and version");
    ok(got->terms_version == NULL && got->terms_at == 0 && got->reason == NULL,
       "what was not said is NULL");
    ok(is_code(qw_external_get(&got, db, "test", "ext2", p), QW_E_NOT_FOUND),
       "another authority has none such");
    ok(is_good(qw_external_by_name(&got, db, "live", "ext2", p)), "by name");
    ok(is_code(qw_external_by_name(&got, db, "live", "ext9", p),
               QW_E_NOT_FOUND),
       "no such name");
    ok(is_good(qw_external_list(&list, db, "live", p)) && list->nelts == 2,
       "list of the authority");
    is_str(APR_ARRAY_IDX(list, 0, qw_external_t *)->name, "ext1", "by name");

    ok(is_good(qw_external_suspend(db, "ext2", 1500, "why", p)), "suspend");
    ok(is_code(qw_external_suspend(db, "ext2", 1600, "why", p), QW_E_CONFLICT),
       "not twice");
    ok(is_good(qw_external_get(&got, db, "live", "ext2", p))
           && got->status == QW_external_SUSPENDED && got->suspended_at == 1500,
       "it tells since when");
    ok(is_code(qw_external_move(db, "ext2", QW_external_ACTIVE,
                                QW_external_CLOSED, "why", p),
               QW_E_CONFLICT),
       "not twice from active");
    e.identity = "{\"o\":1}";
    e.verified_at = 950;
    ok(is_good(qw_external_set_identity(db, &e, p)), "new identity");
    ok(is_code(qw_external_set_identity(db, &e, p), QW_E_CONFLICT),
       "the version has moved on");
    ok(is_good(qw_identity_version_get(&version, db, "ext2", 1, p))
           && strcmp(version->identity, "{}") == 0
           && version->verified_at == 900,
       "[RPT-04] what it was is kept");
    ok(is_good(qw_identity_version_get(&version, db, "ext2", 2, p))
           && strcmp(version->identity, "{\"o\":1}") == 0
           && version->verified_at == 950,
       "[RPT-04] and what it is");
    ok(is_code(qw_identity_version_get(&version, db, "ext2", 3, p),
               QW_E_NOT_FOUND),
       "there is no next one");
    ok(is_good(qw_external_set_terms(db, "ext2", "2026-11", 960, p)), "terms");
    ok(is_good(qw_external_set_expires(db, "ext2", 9500, p)), "lifetime");
    ok(is_good(qw_external_get(&got, db, "live", "ext2", p)), "get again");
    ok(got->status == QW_external_SUSPENDED && got->identity_version == 2
           && got->verified_at == 950 && got->terms_at == 960
           && got->expires == 9500,
       "everything arrived");
    is_str(got->reason, "why", "reason");
    is_str(got->identity, "{\"o\":1}", "identity");
    is_str(got->terms_version, "2026-11", "terms");
    return NULL;
}

static qw_problem_t *domains(qw_db_t *db, void *baton, apr_pool_t *p)
{
    qw_domain_t
        d = { "d1", "ext1", "a.example", 1, 0, "op", 1000, NULL, 0, NULL },
        *got;
    apr_array_header_t *list;

    ok(is_good(qw_domain_insert(db, &d, p)), "insert");
    d.id = "d2";
    ok(is_code(qw_domain_insert(db, &d, p), QW_E_CONFLICT),
       "a name is in force once");
    ok(is_good(qw_domain_find(&got, db, "ext1", "a.example", p)) && got != NULL,
       "find");
    ok(got->subtree == 1 && got->wildcard == 0 && got->removed_by == NULL,
       "flags");
    ok(is_good(qw_domain_find(&got, db, "ext1", "b.example", p)) && got == NULL,
       "another name is not there");
    ok(is_good(qw_domain_remove(db, "ext1", "a.example", "op2", 1500, p)),
       "remove");
    ok(is_code(qw_domain_remove(db, "ext1", "a.example", "op2", 1500, p),
               QW_E_NOT_FOUND),
       "not twice");
    ok(is_good(qw_domain_find(&got, db, "ext1", "a.example", p)) && got == NULL,
       "a removed one does not count");
    ok(is_good(qw_domain_insert(db, &d, p)), "and may come back");
    ok(is_good(qw_domain_list(&list, db, "ext1", 0, p)) && list->nelts == 1,
       "in force");
    ok(is_good(qw_domain_list(&list, db, "ext1", 1, p)) && list->nelts == 2,
       "all that ever were");
    got = APR_ARRAY_IDX(list, 0, qw_domain_t *);
    if (got->removed_by == NULL)
        got = APR_ARRAY_IDX(list, 1, qw_domain_t *);
    is_str(got->removed_by, "op2", "and who removed it");
    ok(got->removed_at == 1500, "and when");
    return NULL;
}

static qw_problem_t *bindings(qw_db_t *db, void *baton, apr_pool_t *p)
{
    qw_binding_t b = box_binding("key2", "ext1"), *got;
    qw_account_t *member;
    apr_array_header_t *list;

    b.created = 1150;
    b.thumbprint = "thumb";
    ok(is_good(qw_binding_insert(db, &b, p)), "insert");
    ok(is_good(qw_binding_get(&got, db, "live", "key2", p)), "get");
    is_str(got->sealed, "sealed", "sealed key");
    is_str(got->thumbprint, "thumb", "pinned key");
    ok(got->status == QW_binding_ACTIVE && got->uses == 0 && got->max_uses == 2,
       "state and uses");
    ok(is_code(qw_binding_get(&got, db, "test", "key2", p), QW_E_NOT_FOUND),
       "an authority does not see another's KeyID");
    ok(is_good(qw_binding_list(&list, db, "ext1", p)) && list->nelts == 2,
       "list");
    ok(is_code(qw_binding_consume(db, "key2", 9000, p), QW_E_CONFLICT),
       "an expired key is of no use");
    ok(is_good(qw_binding_consume(db, "key2", 8999, p)), "first use");
    ok(is_good(qw_binding_consume(db, "key2", 8999, p)), "second use");
    ok(is_code(qw_binding_consume(db, "key2", 8999, p), QW_E_CONFLICT),
       "no third one");
    ok(is_good(qw_binding_mac_failed(db, "key2", 5000, 100, p)), "bad MAC");
    ok(is_good(qw_binding_mac_failed(db, "key2", 5050, 100, p)), "another");
    ok(is_good(qw_binding_get(&got, db, "live", "key2", p)), "get");
    ok(got->mac_failures == 2 && got->mac_failed_at == 5000,
       "both in one window");
    ok(is_good(qw_binding_mac_failed(db, "key2", 5100, 100, p)), "later");
    ok(is_good(qw_binding_get(&got, db, "live", "key2", p)), "get");
    ok(got->mac_failures == 1 && got->mac_failed_at == 5100,
       "an old window starts anew");
    ok(is_good(qw_binding_reseal(db, "key2", "sealed", "resealed", p)),
       "reseal");
    ok(is_code(qw_binding_reseal(db, "key2", "sealed", "other", p),
               QW_E_CONFLICT),
       "reseal only what is there");
    ok(is_good(qw_binding_suspend(db, "key1", 1500, p)), "suspend");
    ok(is_code(qw_binding_suspend(db, "key1", 1600, p), QW_E_CONFLICT),
       "not twice");
    ok(is_code(qw_binding_consume(db, "key1", 1500, p), QW_E_CONFLICT),
       "a suspended key is of no use");
    ok(is_good(qw_binding_resume(db, "key1", p)), "resume");
    ok(is_code(qw_binding_resume(db, "key1", p), QW_E_CONFLICT), "not twice");
    ok(is_good(qw_binding_suspend(db, "key1", 1400, p)), "suspend again");
    ok(is_good(qw_binding_get(&got, db, "live", "key1", p))
           && got->suspended_at == 1500,
       "the time of a suspension does not go back");
    ok(is_code(qw_binding_revoke(db, "key1", QW_binding_ACTIVE, p),
               QW_E_CONFLICT),
       "it is not active");
    ok(is_good(qw_binding_revoke(db, "key1", QW_binding_SUSPENDED, p)),
       "revoke");
    ok(is_code(qw_binding_resume(db, "key1", p), QW_E_CONFLICT),
       "a revoked key stays so");
    ok(is_good(qw_account_get(&member, db, "live", "acc1", p))
           && !member->suspended && member->suspended_at == 0
           && member->stopped_at == 1500
           && member->binding_status == QW_binding_REVOKED,
       "what it bound was stopped with it");
    ok(is_code(qw_binding_consume(db, "key1", 2000, p), QW_E_CONFLICT),
       "a revoked key is of no use");
    return NULL;
}

static qw_problem_t *accounts(qw_db_t *db, void *baton, apr_pool_t *p)
{
    qw_account_t a = box_account("acc2", "key1", "ext1"), *got;
    apr_array_header_t *list;
    int used;

    a.created = 1201;
    ok(is_good(qw_account_insert(db, &a, p)), "insert");
    a.id = "acc3";
    ok(is_code(qw_account_insert(db, &a, p), QW_E_CONFLICT),
       "a key has one account");
    ok(is_good(qw_account_get(&got, db, "live", "acc2", p)), "get");
    ok(got->status == QW_account_VALID && !got->suspended
           && got->external_status == QW_external_ACTIVE
           && got->external_expires == 9000,
       "with the state of its external account");
    is_str(got->eab, "{}", "eab");
    ok(is_code(qw_account_get(&got, db, "test", "acc2", p), QW_E_NOT_FOUND),
       "another authority has none such");
    ok(is_good(qw_account_by_thumbprint(&got, db, "live", "acc2", p)),
       "by thumbprint");
    ok(is_code(qw_account_by_thumbprint(&got, db, "test", "acc2", p),
               QW_E_NOT_FOUND),
       "by thumbprint in its authority only");
    ok(is_good(qw_account_key_used(&used, db, "acc2", p)) && used, "key used");
    ok(is_good(qw_account_key_used(&used, db, "none", p)) && !used,
       "key not used");
    ok(is_good(qw_account_list(&list, db, "live", NULL, p)) && list->nelts == 2,
       "list of the authority");
    ok(is_good(qw_account_list(&list, db, "live", "ext9", p))
           && list->nelts == 0,
       "list of an external account");
    ok(is_good(qw_account_set_contacts(db, "acc2", "[\"mailto:a@b\"]", p)),
       "contacts");
    ok(is_good(qw_account_set_terms(db, "acc2", "2026-11", 1300, p)), "terms");
    ok(is_code(qw_account_resume(db, "acc2", p), QW_E_CONFLICT),
       "it is not suspended");
    ok(is_good(qw_account_suspend(db, "acc2", 1400, p)), "suspend");
    ok(is_code(qw_account_suspend(db, "acc2", 1450, p), QW_E_CONFLICT),
       "not twice");
    ok(is_good(qw_account_get(&got, db, "live", "acc2", p)) && got->suspended
           && got->suspended_at == 1400 && got->stopped_at == 1400
           && got->binding_status == QW_binding_ACTIVE,
       "with when it was stopped");
    a.id = "acc2";
    a.thumbprint = "acc1";
    ok(is_code(qw_account_set_key(db, &a, "acc2", p), QW_E_CONFLICT),
       "a key that another account has is refused");
    a.thumbprint = "new";
    a.jwk = "{\"kty\":1}";
    ok(is_code(qw_account_set_key(db, &a, "old", p), QW_E_CONFLICT),
       "the old key must be the old key");
    ok(is_good(qw_account_set_key(db, &a, "acc2", p)), "new key");
    ok(is_good(qw_account_get(&got, db, "live", "acc2", p)), "get");
    is_str(got->thumbprint, "new", "thumbprint");
    is_str(got->contacts, "[\"mailto:a@b\"]", "contacts");
    ok(got->suspended && got->terms_at == 1300, "suspended, terms");
    ok(is_good(qw_account_move(db, "acc2", QW_account_VALID,
                               QW_account_DEACTIVATED, p)),
       "deactivate");
    ok(is_code(qw_account_move(db, "acc2", QW_account_VALID,
                               QW_account_DEACTIVATED, p),
               QW_E_CONFLICT),
       "not twice");
    a.thumbprint = "newer";
    ok(is_code(qw_account_set_key(db, &a, "new", p), QW_E_CONFLICT),
       "no new key for a deactivated account");
    return NULL;
}

int main(void)
{
    box_t *box = box_open();

    ok(is_good(box_write(box, box_seed, NULL)), "seed");
    ok(is_good(box_write(box, externals, NULL)), "external accounts");
    ok(is_good(box_write(box, domains, NULL)), "domain lists");
    ok(is_good(box_write(box, accounts, NULL)), "ACME accounts");
    ok(is_good(box_write(box, bindings, NULL)), "binding keys");
    box_close(box);
    return done_testing();
}
