/* KeyIDs and MAC keys as people and clients get them. */
#include "registry/registry.h"

#include "base/world.h"

#include "box.h"
#include "tap.h"

static int draws;

static apr_time_t now(void)
{
    return apr_time_from_sec(1800000000);
}

/* 0xfb is '-' in base64url: every other draw is one that clients choke on. */
static int unlucky(unsigned char *out, apr_size_t len)
{
    memset(out, ++draws % 2 ? 0xfb : 0x41 + draws, len);
    return 1;
}

static const qw_world_t world = { now, unlucky };

static qw_problem_t *create(qw_db_t *db, void *baton, apr_pool_t *pool)
{
    qw_registry_t r = { db, qw_authority_make("live", pool), "ctl:test", pool };
    qw_binding_spec_t spec = { 1, now() + 1, "HS256", NULL };
    qw_external_t e = box_external("ext1"), *external;
    const char *kid, *mac_key;
    qw_binding_t *binding;
    qw_bytes_t opened;

    ok(is_good(qw_external_insert(db, &e, pool))
           && is_good(qw_registry_find(&external, &r, "ext1")),
       "an account");
    ok(is_good(qw_registry_create_binding(&kid, &mac_key, &r, external, &spec,
                                          baton)),
       "a binding key");
    ok(kid[0] != '-' && strlen(kid) == 22, "the KeyID starts no option");
    ok(mac_key[0] != '-' && strlen(mac_key) == 43, "nor does the MAC key");
    ok(is_good(qw_binding_get(&binding, db, "live", kid, pool))
           && is_good(qw_binding_open(&opened, binding, baton, pool))
           && opened.len == 32 && opened.data[0] == 0x41 + draws - 2,
       "what is sealed is what was shown");
    return NULL;
}

int main(void)
{
    box_t *box = box_open();
    const char *path = apr_pstrcat(box->pool, box->dir, "/seal", NULL);
    qw_seal_ring_t *ring;

    box_must("seal", qw_seal_ring_create(path, box->pool), box->pool);
    box_must("ring", qw_seal_ring_load(&ring, path, box->pool), box->pool);
    qw_world_set(&world);
    ok(is_good(box_write(box, create, ring)), "committed");
    unlink(path);
    box_close(box);
    return done_testing();
}
