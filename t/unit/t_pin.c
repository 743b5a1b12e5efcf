/* Where PINs come from. */
#include "rig.h"
#include "tap.h"

#include "ca/pin.h"

#include <apr_general.h>

static apr_pool_t *pool;

static const char *pin_of(const qw_issuer_conf_t *conf, const char **detail)
{
    const char *pin = NULL;
    qw_problem_t *prob = qw_pin_read(&pin, conf, pool);

    *detail = prob != NULL ? prob->detail : "";
    return pin;
}

int main(void)
{
    qw_issuer_conf_t conf = { 0 }, *kept;
    const char *detail;
    qw_authority_t *a;
    qw_conf_t *all;

    apr_initialize();
    apr_pool_create(&pool, NULL);
    unsetenv("CREDENTIALS_DIRECTORY");
    ok(pin_of(&conf, &detail) == NULL && *detail == '\0', "none is named");
    conf.pin_path = rig_write("pin", "1234\r\nmore\n", pool);
    is_str(pin_of(&conf, &detail), "1234", "the first line of a file");
    rig_write("pin", "\n", pool);
    ok(pin_of(&conf, &detail) == NULL && strstr(detail, "is empty") != NULL,
       "an empty one is refused: a token counts what is tried");
    conf.pin_path = "/none/pin";
    ok(pin_of(&conf, &detail) == NULL && strstr(detail, "/none/pin") != NULL,
       "a file that is not there");
    conf.pin_path = NULL;
    conf.pin_credential = "hsm";
    ok(pin_of(&conf, &detail) == NULL
           && strstr(detail, "LoadCredential=hsm:") != NULL,
       "without systemd there are no credentials");
    setenv("CREDENTIALS_DIRECTORY", rig_dir(pool), 1);
    ok(pin_of(&conf, &detail) == NULL && strstr(detail, "/hsm") != NULL,
       "one that was not passed");
    rig_write("hsm", "5678\n", pool);
    is_str(pin_of(&conf, &detail), "5678", "one that was");

    all = qw_conf_make(pool);
    ok(qw_conf_add_authority(&a, all, "live", pool) == NULL, "an authority");
    conf.key_uri = "pkcs11:object=a";
    APR_ARRAY_PUSH(a->issuers, qw_issuer_conf_t) = conf;
    kept = &APR_ARRAY_IDX(a->issuers, 0, qw_issuer_conf_t);
    ok(qw_pins_load(all, pool) == NULL, "kept while it can be read");
    rig_write("hsm", "9999\n", pool);
    is_str(pin_of(kept, &detail), "9999", "a new one is taken");
    setenv("CREDENTIALS_DIRECTORY", "/none", 1);
    is_str(pin_of(kept, &detail), "5678",
           "and what was kept when there is nothing to read any more");
    kept->pin = NULL;
    ok(qw_pins_load(all, pool) != NULL, "a start without it fails");
    kept->key_uri = NULL;
    ok(qw_pins_load(all, pool) == NULL, "unless the issuer signs no more");
    return done_testing();
}
