/* Tables of rooms that may not know each other, and must agree. */
#include "base/text.h"
#include "check/check.h"
#include "conf/conf.h"
#include "x509/profile.h"

#include "tap.h"

#include <apr_general.h>

#include <strings.h>

static apr_pool_t *pool;

static qw_authority_t *fresh(qw_conf_t **conf)
{
    qw_authority_t *a = NULL;

    *conf = qw_conf_make(pool);
    ok(qw_conf_add_authority(&a, *conf, "live", pool) == NULL, "an authority");
    return a;
}

static void test_challenges(void)
{
    qw_conf_t *conf;
    const qw_authority_t *plain = fresh(&conf);
    const qw_validator_t *v;
    int n;

    for (n = 0; (v = qw_validator_at(n)) != NULL; n++) {
        qw_authority_t *a = fresh(&conf);

        ok(qw_text_in(plain->challenges, v->type),
           "offered unless told otherwise: %s", v->type);
        ok(qw_conf_set(conf, a, "QwacmeChallenges", 1, &v->type, pool) == NULL,
           "QwacmeChallenges takes %s", v->type);
    }
    ok(plain->challenges->nelts == n, "none is offered without a validator");
}

static void test_profiles(void)
{
    qw_conf_t *conf;
    qw_authority_t *a = fresh(&conf);
    const qw_profile_t *p;
    int n;

    for (n = 0; (p = qw_profile_at(n)) != NULL; n++) {
        const char *argv[] = { qw_profile_name(p) };

        ok(qw_conf_set(conf, a, "QwacmeProfiles", 1, argv, pool) == NULL,
           "QwacmeProfiles takes %s", argv[0]);
    }
    ok(n >= 2, "there are profiles");
}

static void test_directives(void)
{
    const qw_directive_t *d, *other;
    int i, k;

    for (i = 0; (d = qw_directive_at(i)) != NULL; i++) {
        ok(strncmp(d->name, "Qwacme", 6) == 0 && d->help[0] != '\0',
           "%s has a usage", d->name);
        ok(d->min_args >= 1
               && (d->max_args == -1 || d->max_args >= d->min_args),
           "%s takes some arguments", d->name);
        for (k = 0; k < i; k++) {
            other = qw_directive_at(k);
            if (strcasecmp(other->name, d->name) == 0)
                ok(0, "%s is there twice", d->name);
        }
    }
}

int main(void)
{
    apr_initialize();
    apr_pool_create(&pool, NULL);
    test_challenges();
    test_profiles();
    test_directives();
    apr_pool_destroy(pool);
    return done_testing();
}
