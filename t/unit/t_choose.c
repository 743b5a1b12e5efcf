/* Which issuer signs. */
#include "tap.h"

#include "base/world.h"
#include "ca/issuing.h"

#include <apr_general.h>
#include <openssl/evp.h>

#include <string.h>

#define DAY (apr_time_from_sec(86400))

static apr_pool_t *pool;
static qw_ca_t ca;
static char a_key; /* its address stands for a key */

static qw_issuing_t *add(const char *authority, qw_takes_e takes, int from,
                         int to)
{
    qw_issuing_t *one = apr_pcalloc(pool, sizeof(*one));
    qw_issuer_conf_t *conf = apr_pcalloc(pool, sizeof(*conf));

    conf->takes = takes;
    one->authority = qw_authority_make(authority, pool);
    one->conf = conf;
    one->key = (qw_key_t *)&a_key;
    one->issuer = apr_pcalloc(pool, sizeof(*one->issuer));
    one->issuer->not_before = qw_world()->now() + from * DAY;
    one->issuer->not_after = qw_world()->now() + to * DAY;
    APR_ARRAY_PUSH(ca.issuings, qw_issuing_t *) = one;
    return one;
}

static qw_issuing_t *chosen(const EVP_PKEY *key, const char *says)
{
    qw_issuing_t *one = NULL;
    qw_problem_t *prob = qw_ca_choose(&one, &ca, "live", key, pool);

    if (prob != NULL)
        is_str(qw_problem_name(prob->code), says, "the reason");
    return one;
}

int main(void)
{
    EVP_PKEY *rsa, *ec;
    qw_issuing_t *first, *second, *third;

    apr_initialize();
    apr_pool_create(&pool, NULL);
    rsa = qw_own_EVP_PKEY(pool, EVP_RSA_gen(2048));
    ec = qw_own_EVP_PKEY(pool, EVP_EC_gen("P-256"));
    ca.issuings = apr_array_make(pool, 4, sizeof(qw_issuing_t *));
    add("other", QW_TAKES_ALL, -1, 1);
    ok(chosen(ec, "NOT_FOUND") == NULL, "never another authority's");

    first = add("live", QW_TAKES_ALL, 1, 9);
    ok(chosen(ec, "UNAVAILABLE") == NULL, "none before its day");
    second = add("live", QW_TAKES_ECDSA, -1, 9);
    third = add("live", QW_TAKES_ALL, -1, 9);
    ok(chosen(ec, "") == second, "the first that is valid");
    ok(chosen(rsa, "") == third, "and takes the subscriber's kind of key");
    first->issuer->not_before -= 2 * DAY;
    ok(chosen(ec, "") == first && chosen(rsa, "") == first,
       "when its day comes, the one that stands first");
    first->key = NULL;
    ok(chosen(ec, "") == second, "not one that has no key");
    second->issuer->not_after -= 10 * DAY;
    ok(chosen(ec, "") == third, "nor one that expired");
    second->issuer->not_after += 10 * DAY;
    third->conf = second->conf;
    ok(chosen(rsa, "BAD_CSR") == NULL, "a kind that none takes");
    first->key = (qw_key_t *)&a_key;
    ((qw_issuer_conf_t *)first->conf)->takes = QW_TAKES_RSA;
    ok(chosen(rsa, "") == first && chosen(ec, "") == second,
       "RSA and ECDSA side by side");
    return done_testing();
}
