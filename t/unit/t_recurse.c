/* Names resolved and validated from the root, as without QwacmeResolver: the
 * way down, and name servers that are lame, slow, gone or not to be asked. */
#include "base/world.h"
#include "dns/resolve.h"
#include "net/vet.h"
#include "rig.h"
#include "tap.h"

#include <apr_general.h>

static apr_pool_t *pool;
static qw_resolver_conf_t conf;

/* What is found at NAME, or why nothing is, within SECONDS. */
static const char *ask(const char *name, int seconds, qw_answer_t *a)
{
    qw_resolver_t *dns;
    qw_problem_t *prob;

    *a = (qw_answer_t){ .name = name, .type = QW_RR_TXT };
    if (qw_resolver_make(&dns, &conf, pool) != NULL)
        return "no resolver";
    prob =
        qw_resolver_ask(dns, a, 1,
                        qw_world()->now() + apr_time_from_sec(seconds), pool);
    if (prob != NULL)
        return prob->detail;
    if (a->values->nelts == 0)
        return a->nxdomain ? "NXDOMAIN" : "nothing";
    return (const char *)APR_ARRAY_IDX(a->values, 0, qw_bytes_t).data;
}

static void test_all(void)
{
    apr_time_t start;
    qw_answer_t a;

    is_str(ask("good", 10, &a), "good", "[DSC-01] from the root down");
    ok(a.dnssec == QW_DNSSEC_SECURE, "is secure");
    is_str(ask("half", 10, &a), "half", "a lame server beside a good one");
    ok(a.dnssec == QW_DNSSEC_INSECURE, "[DSC-04] in a zone that is not signed");
    is_str(ask("none", 10, &a), "NXDOMAIN", "what does not exist");
    ok(a.dnssec == QW_DNSSEC_SECURE, "is proven not to");
    ok(strstr(ask("lame", 10, &a), "SERVFAIL") != NULL, "a lame server alone");
    ok(strstr(ask("gone", 10, &a), "lookup of gone") != NULL, "no server");
    start = qw_world()->now();
    ok(strstr(ask("slow", 2, &a), "in time") != NULL, "a server that is slow");
    ok(qw_world()->now() - start < apr_time_from_sec(4), "within the deadline");
    ok(strstr(ask("inner", 10, &a), "SERVFAIL") != NULL,
       "[D-09] a name server at an inner address is not asked");
    conf.never_ask = NULL;
    is_str(ask("inner", 10, &a), "inner", "though it would have answered");
}

int main(void)
{
    const char *dir, *argv[] = { QW_SRCDIR "/t/lib/root_servers", NULL, NULL };

    apr_initialize();
    apr_pool_create(&pool, NULL);
    argv[1] = dir = apr_pstrcat(pool, rig_dir(pool), "/root", NULL);
    if (!rig_start(argv)) {
        printf("1..0 # SKIP addresses cannot be added here\n");
        return 0;
    }
    conf.trust_anchor = apr_pstrcat(pool, dir, "/root.key", NULL);
    conf.never_ask = qw_vet_netblocks(pool);
    test_all();
    apr_pool_destroy(pool);
    return done_testing();
}
