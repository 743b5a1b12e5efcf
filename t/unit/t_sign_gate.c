/* The gate right before a signature: everything right, and each thing wrong. */
#include "box.h"
#include "tap.h"

#include "base/text.h"
#include "base/world.h"
#include "gate/gate.h"
#include "gate/keys.h"
#include "jose/jwk.h"
#include "model/dates.h"

#include <openssl/evp.h>
#include <openssl/rand.h>
#include <openssl/x509.h>

#define NAME "www.shop.example"
#define IDENTITY                                                               \
    "{\"organization\":\"Exemple SA\",\"country\":\"FR\",\"locality\":"        \
    "\"Paris\",\"organization_identifier\":\"NTRFR-542051180\"}"
#define BANK                                                                   \
    "{\"organization\":\"Banque SA\",\"country\":\"FR\",\"locality\":"         \
    "\"Paris\",\"organization_identifier\":\"PSDFR-ACPR-16528\","              \
    "\"psd2_roles\":\"PSP_AI\",\"nca_name\":\"Autorite\",\"nca_id\":"          \
    "\"FR-ACPR\""
#define EV                                                                     \
    ",\"business_category\":\"Private Organization\",\"serial_number\":"       \
    "\"662042449\",\"jurisdiction_country\":\"FR\""
#define HOUR (apr_time_from_sec(3600))
#define DAY  (24 * HOUR)

/* All that a signature rests on. */
typedef struct {
    apr_pool_t *pool;
    qw_authority_t *authority;
    qw_external_t external;
    qw_account_t account;
    qw_domain_t domain;
    qw_order_t order;
    qw_authz_t authz;
    apr_time_t caa_at; /* 0: as the authorization */
    int unproven;
    int unready;
    int blocked;
    int account_blocked;
    const char *asker;
    qw_csr_t csr;
    apr_time_t now;
} facts_t;

static qw_csr_t csr_for(const char *name, apr_pool_t *pool)
{
    qw_csr_t csr = { { NULL, 0 }, EVP_EC_gen("P-256"), NULL };
    unsigned char *der = NULL;

    csr.spki.len = (apr_size_t)i2d_PUBKEY(csr.key, &der);
    csr.spki.data = apr_pmemdup(pool, der, csr.spki.len);
    OPENSSL_free(der);
    csr.names = apr_array_make(pool, 1, sizeof(const char *));
    APR_ARRAY_PUSH(csr.names, const char *) = name;
    return csr;
}

static void set_accounts(facts_t *f)
{
    f->external = box_external("ext1");
    f->external.identity = IDENTITY;
    f->external.verified_at = f->now - DAY;
    f->external.expires = f->now + DAY;
    f->external.profiles = "qncp-w";
    f->account = box_account("acc1", "key1", "ext1");
    f->domain.id = "dom1";
    f->domain.external_id = "ext1";
    f->domain.name = NAME;
    f->domain.confirmed_by = "operator";
    f->domain.confirmed_at = f->now - DAY;
}

static void set_order(facts_t *f)
{
    f->order = box_order("o1", QW_order_PENDING);
    f->order.names = "[\"" NAME "\"]";
    f->order.profile = "qncp-w";
    f->order.profile_hash = qw_profile_hash(qw_profile_find("qncp-w"), f->pool);
    f->order.expires = f->now + HOUR;
    f->authz = box_authz("z1", NAME);
    f->authz.method = "http-01";
    f->authz.validated_at = f->now - HOUR;
    f->authz.expires = f->now + HOUR;
}

static facts_t all_right(apr_pool_t *pool)
{
    facts_t f = { .pool = pool,
                  .now = qw_world()->now(),
                  .asker = "acc1",
                  .csr = csr_for(NAME, pool) };

    f.authority = qw_authority_make("live", pool);
    APR_ARRAY_PUSH(f.authority->profiles, const char *) = "qncp-w";
    APR_ARRAY_PUSH(f.authority->challenges, const char *) = "http-01";
    set_accounts(&f);
    set_order(&f);
    return f;
}

static qw_problem_t *insert_accounts(qw_db_t *db, facts_t *f, apr_pool_t *p)
{
    qw_binding_t binding = box_binding("key1", "ext1");
    qw_blocking_t blocking = { { NULL, NULL }, "leaked", NULL, NULL, 0 };

    QW_TRY(qw_external_insert(db, &f->external, p));
    QW_TRY(qw_domain_insert(db, &f->domain, p));
    QW_TRY(qw_binding_insert(db, &binding, p));
    QW_TRY(qw_account_insert(db, &f->account, p));
    if (!f->blocked && !f->account_blocked)
        return NULL;
    if (f->account_blocked) {
        blocking.key.spki_hash = "of the account";
        blocking.key.thumbprint = f->account.thumbprint;
        return qw_gate_block_key(db, &blocking, f->now, p);
    }
    QW_TRY(qw_key_id(&blocking.key, f->csr.key, p));
    return qw_gate_block_key(db, &blocking, f->now, p);
}

static qw_problem_t *insert(qw_db_t *db, void *baton, apr_pool_t *p)
{
    facts_t *f = baton;
    apr_array_header_t *ids = apr_array_make(p, 1, sizeof(const char *));

    APR_ARRAY_PUSH(ids, const char *) = f->authz.id;
    QW_TRY(insert_accounts(db, f, p));
    QW_TRY(qw_authz_insert(db, &f->authz, p));
    QW_TRY(qw_order_insert(db, &f->order, ids, p));
    if (!f->unproven)
        QW_TRY(qw_authz_prove(db, &f->authz, p));
    if (!f->unproven && f->caa_at != 0) {
        f->authz.caa_at = f->caa_at;
        QW_TRY(qw_authz_caa(db, &f->authz, p));
    }
    if (f->unready)
        return NULL;
    return qw_order_move(db, "o1", QW_order_PENDING, QW_order_READY, NULL, p);
}

static qw_problem_t *ask(qw_db_t *db, void *baton, apr_pool_t *p)
{
    facts_t *f = baton;
    qw_permit_t *permit;

    return qw_gate_may_sign(&permit, db, f->authority, f->asker, "o1", &f->csr,
                            p);
}

static void pending(facts_t *f)
{
    f->unready = 1;
}
static void order_over(facts_t *f)
{
    f->order.expires = f->now - 1;
}
static void foreign(facts_t *f)
{
    f->asker = "acc2";
}
static void lifetime_over(facts_t *f)
{
    f->external.expires = f->now - 1;
}
static void new_terms(facts_t *f)
{
    f->authority->terms_version = "2";
}
static void not_offered(facts_t *f)
{
    apr_array_clear(f->authority->profiles);
}
static void not_allowed(facts_t *f)
{
    f->external.profiles = "qevcp-w";
}
static void other_profile(facts_t *f)
{
    f->order.profile_hash = "other";
}
static void old_identity(facts_t *f)
{
    f->external.verified_at = f->now - 399 * DAY;
}
static void no_organization(facts_t *f)
{
    f->external.identity = "{\"country\":\"FR\"}";
}
static void not_listed(facts_t *f)
{
    f->domain.name = "other.example";
}
static void not_proven(facts_t *f)
{
    f->unproven = 1;
}
static void proof_over(facts_t *f)
{
    f->authz.expires = f->now - 1;
}
static void old_proof(facts_t *f)
{
    f->authz.validated_at = f->now - qw_rule_span(QW_RULE_DCV_REUSE, f->now);
    f->caa_at = f->now;
}
static void old_caa(facts_t *f)
{
    f->authz.validated_at = f->now - 9 * HOUR;
}
static void caa_again(facts_t *f)
{
    old_caa(f);
    f->caa_at = f->now - HOUR;
}
static void other_method(facts_t *f)
{
    f->authz.method = "dns-01";
}
static void other_name(facts_t *f)
{
    f->authz.name = "shop.example";
}
static void other_csr(facts_t *f)
{
    APR_ARRAY_IDX(f->csr.names, 0, const char *) = "other.example";
}
/* FIN-35: the only name is too long for the commonName that is needed. */
static void long_name(facts_t *f)
{
    static const char name[] =
        "a-label-of-many-letters-and-then-some.and-another-of-many-more."
        "shop.example";

    f->external.profiles = f->order.profile = "qncp-w-gen";
    f->order.profile_hash =
        qw_profile_hash(qw_profile_find("qncp-w-gen"), f->pool);
    APR_ARRAY_PUSH(f->authority->profiles, const char *) = "qncp-w-gen";
    f->order.names = apr_pstrcat(f->pool, "[\"", name, "\"]", NULL);
    f->authz.name = f->domain.name = name;
    APR_ARRAY_IDX(f->csr.names, 0, const char *) = name;
}
static void blocked_key(facts_t *f)
{
    f->blocked = 1;
}
static void blocked_account(facts_t *f)
{
    f->account_blocked = 1;
}
static void account_key(facts_t *f)
{
    box_must("thumbprint",
             qw_jwk_thumbprint(&f->account.thumbprint, f->csr.key, f->pool),
             f->pool);
}

static const struct {
    const char *what;
    void (*spoil)(facts_t *facts);
    int code; /* -1: may be signed */
} cases[] = {
    { "nothing is wrong", NULL, -1 },
    { "the order is pending", pending, QW_E_ORDER_NOT_READY },
    { "the order has expired", order_over, QW_E_ORDER_NOT_READY },
    { "another account asks", foreign, QW_E_NOT_FOUND },
    { "the external account is over", lifetime_over, QW_E_ACCOUNT_SUSPENDED },
    { "the terms have changed", new_terms, QW_E_USER_ACTION_REQUIRED },
    { "the profile is not offered", not_offered, QW_E_INVALID_PROFILE },
    { "nor allowed", not_allowed, QW_E_INVALID_PROFILE },
    { "the profile has changed", other_profile, QW_E_INVALID_PROFILE },
    { "the identity is too old", old_identity, QW_E_USER_ACTION_REQUIRED },
    { "it lacks something", no_organization, QW_E_UNAUTHORIZED },
    { "the name is not listed", not_listed, QW_E_UNAUTHORIZED },
    { "control was not shown", not_proven, QW_E_UNAUTHORIZED },
    { "that is over", proof_over, QW_E_UNAUTHORIZED },
    { "that was too long ago", old_proof, QW_E_UNAUTHORIZED },
    { "by a method not offered", other_method, QW_E_UNAUTHORIZED },
    { "for another name", other_name, QW_E_UNAUTHORIZED },
    { "[CAA-23] CAA was looked at 9 h ago", old_caa, QW_E_ORDER_NOT_READY },
    { "[CAA-23] and once more", caa_again, -1 },
    { "the CSR has other names", other_csr, QW_E_BAD_CSR },
    { "FIN-35 no name fits the commonName", long_name,
      QW_E_REJECTED_IDENTIFIER },
    { "[FIN-22] its key is blocked", blocked_key, QW_E_BAD_CSR },
    { "[FIN-20] its key is an account's", account_key, QW_E_BAD_CSR },
    { "[KEY-11] the account's key is", blocked_account,
      QW_E_ACCOUNT_SUSPENDED },
};

/* ---- the policy clock at signing: each side of each date ------------------ */

static apr_time_t clock_at;

static apr_time_t set_clock(void)
{
    return clock_at;
}

static int some_random(unsigned char *out, apr_size_t len)
{
    return RAND_bytes(out, (int)len) == 1;
}

/* The identity was verified AGE days before. */
static void aged_identity(facts_t *f, int age)
{
    f->external.verified_at = f->now - age * DAY;
}

/* Control was shown AGE days before. */
static void aged_proof(facts_t *f, int age)
{
    f->authz.validated_at = f->now - age * DAY;
    f->caa_at = f->now;
}

/* A bank's certificate for TLS clients, of browsers' or of ETSI's rules. */
static void for_clients(facts_t *f, int browsers)
{
    const char *name = browsers ? "qevcp-w-psd2" : "qncp-w-gen-psd2";

    f->external.identity = browsers ? BANK EV "}" : BANK "}";
    f->external.profiles = name;
    f->order.profile = name;
    f->order.profile_hash = qw_profile_hash(qw_profile_find(name), f->pool);
    APR_ARRAY_PUSH(f->authority->profiles, const char *) = name;
}

static const struct {
    const char *what, *now;
    void (*spoil)(facts_t *facts, int n);
    int n, code;
} dated[] = {
    { "an identity of 824 days", "2026-03-14T23:59:59Z", aged_identity, 824,
      -1 },
    { "an identity of 398 days", "2026-03-15", aged_identity, 398,
      QW_E_USER_ACTION_REQUIRED },
    { "an identity of 397 days", "2026-03-15", aged_identity, 397, -1 },
    { "an identity of tomorrow", "2026-03-15", aged_identity, -1,
      QW_E_USER_ACTION_REQUIRED },
    { "a proof of 397 days", "2026-03-14T23:59:59Z", aged_proof, 397, -1 },
    { "a proof of 200 days", "2026-03-15", aged_proof, 200, QW_E_UNAUTHORIZED },
    { "a proof of 199 days", "2027-03-14T23:59:59Z", aged_proof, 199, -1 },
    { "a proof of 100 days", "2027-03-15", aged_proof, 100, QW_E_UNAUTHORIZED },
    { "a proof of 99 days", "2029-03-14T23:59:59Z", aged_proof, 99, -1 },
    { "a proof of 10 days", "2029-03-15", aged_proof, 10, QW_E_UNAUTHORIZED },
    { "a proof of 9 days", "2029-03-15", aged_proof, 9, -1 },
    { "clientAuth for browsers", "2027-03-14T23:59:59Z", for_clients, 1, -1 },
    { "clientAuth for browsers", "2027-03-15", for_clients, 1,
      QW_E_INVALID_PROFILE },
    { "clientAuth elsewhere", "2027-03-15", for_clients, 0, -1 },
};

static void test_dates(void)
{
    static const qw_world_t world = { set_clock, some_random };

    for (unsigned i = 0; i < sizeof dated / sizeof *dated; i++) {
        box_t *box;
        facts_t f;
        EVP_PKEY *key;
        qw_problem_t *prob;

        ok(qw_text_parse_time(&clock_at, dated[i].now), "%s", dated[i].now);
        qw_world_set(&world);
        box = box_open();
        f = all_right(box->pool);
        key = f.csr.key;
        dated[i].spoil(&f, dated[i].n);
        box_must("insert", box_write(box, insert, &f), box->pool);
        prob = box_read(box, ask, &f);
        ok(dated[i].code < 0 ? is_good(prob)
                             : is_code(prob, (qw_code_e)dated[i].code),
           "%s: %s", dated[i].what,
           dated[i].code < 0 ? "may be signed" : "may not");
        EVP_PKEY_free(key);
        box_close(box);
    }
}

int main(void)
{
    for (unsigned i = 0; i < sizeof cases / sizeof *cases; i++) {
        box_t *box = box_open();
        facts_t f = all_right(box->pool);
        EVP_PKEY *key = f.csr.key;
        qw_problem_t *prob;

        if (cases[i].spoil != NULL)
            cases[i].spoil(&f);
        box_must("insert", box_write(box, insert, &f), box->pool);
        prob = box_read(box, ask, &f);
        ok(cases[i].code < 0 ? is_good(prob)
                             : is_code(prob, (qw_code_e)cases[i].code),
           "%s", cases[i].what);
        EVP_PKEY_free(key);
        box_close(box);
    }
    test_dates();
    return done_testing();
}
