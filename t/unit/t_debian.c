/* Debian's weak keys, made again: each as it was collected at the time. */
#include "tap.h"

#include "x509/debian.h"

#include <apr_general.h>

static apr_pool_t *pool;

/* The first octets, of process 1000. */
static const struct {
    const char *where, *kind, *number;
} made[] = {
    { "amd64-rnd", "2048", "BDC2EE594E00CAC0EF15BB0A79CA50300DE5918B8E18093B" },
    { "amd64-unread", "2048",
      "CEB8AAABA94464051514C8F3670E1FE77D6820D7E81F74B2" },
    { "i386-unread", "2048",
      "D2B741FE7F2A2EB5B7D0F505CB40DDB9C87AAB8B88E46721" },
    { "i386-nornd", "2048",
      "D6124E88621B168E6E2A3B36D79CBF0DFC0B95FC62B69698" },
    { "be32-rnd", "2048", "A56697B14E26DC067E58C18BB24049BF29DC68CF63901837" },
    { "amd64-nornd", "4096",
      "EA4D6B16DDC1A0B13583045EBCDBBF2971EDC64BD04CCE01" },
    { "amd64-rnd", "P-256",
      "B5F663B0BC8D5BA4FE98369D3B1BD70AD6AF817B99376C50" },
};

static const qw_debian_t *find(const char *name)
{
    const qw_debian_t *where;
    int i;

    for (i = 0; (where = qw_debian_at(i)) != NULL; i++)
        if (strcmp(where->name, name) == 0)
            return where;
    return NULL;
}

int main(void)
{
    unsigned i;

    apr_initialize();
    apr_pool_create(&pool, NULL);
    for (i = 0; i < sizeof made / sizeof *made; i++) {
        BIGNUM *n = NULL;
        char *hex = NULL;

        if (qw_debian_number(&n, find(made[i].where), made[i].kind, 1000, pool)
            == NULL)
            hex = BN_bn2hex(n);
        ok(hex != NULL
               && strncmp(hex, made[i].number, strlen(made[i].number)) == 0,
           "[KEY-07] %s of %s", made[i].kind, made[i].where);
        OPENSSL_free(hex);
    }
    ok(!qw_debian_makes("P-224") && !qw_debian_makes("512")
           && !qw_debian_makes("2050") && !qw_debian_makes("2048x"),
       "other kinds are not made");
    apr_pool_destroy(pool);
    return done_testing();
}
