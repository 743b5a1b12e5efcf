/* An authority: its defaults, its clock, its URLs. */
#include "base/world.h"
#include "model/authority.h"
#include "tap.h"

#include <apr_general.h>
#include <apr_strings.h>

#include <stdlib.h>
#include <unistd.h>

static apr_time_t at_noon(void)
{
    return apr_time_from_sec(1800000000);
}

static int no_random(unsigned char *out, apr_size_t len)
{
    return 0;
}

static void write_clock(const char *path, const char *text)
{
    FILE *file = fopen(path, "w");

    if (file == NULL || fputs(text, file) < 0 || fclose(file) != 0)
        abort();
}

int main(void)
{
    static const qw_world_t world = { at_noon, no_random };
    char path[] = "/tmp/qw-clock-XXXXXX";
    qw_authority_t *a;
    apr_pool_t *pool;
    int fd;

    apr_initialize();
    apr_pool_create(&pool, NULL);
    qw_world_set(&world);
    a = qw_authority_make("live", pool);
    is_str(a->name, "live", "name");
    ok(a->kind == QW_KIND_PRODUCTION, "production unless said otherwise");
    ok(a->issuers->nelts == 0 && a->profiles->nelts == 0
           && a->resolvers->nelts == 0,
       "lists are there and empty");
    ok(a->test_http_port == 80 && a->test_tls_port == 443
           && !a->test_private_targets && !a->test_insecure_dns,
       "no override for tests");
    ok(a->validity_days == 90 && a->max_names == 100 && a->authz_reuse == 0,
       "defaults");

    ok(qw_authority_now(a) == at_noon(), "the clock of the world");
    fd = mkstemp(path);
    ok(fd >= 0 && close(fd) == 0, "a clock file");
    a->test_clock = path;
    ok(qw_authority_now(a) == at_noon(), "an empty one moves nothing");
    write_clock(path, "3600\n");
    ok(qw_authority_now(a) == at_noon() + apr_time_from_sec(3600), "forward");
    write_clock(path, "-60");
    ok(qw_authority_now(a) == at_noon() - apr_time_from_sec(60),
       "back, while everything runs");
    unlink(path);
    ok(qw_authority_now(a) == at_noon(), "a missing one moves nothing");

    a->base_url = "https://ca.example/acme";
    is_str(qw_authority_url(a, "order", "x", pool),
           "https://ca.example/acme/order/x", "URL with an id");
    is_str(qw_authority_url(a, "new-order", NULL, pool),
           "https://ca.example/acme/new-order", "URL without");
    apr_terminate();
    return done_testing();
}
