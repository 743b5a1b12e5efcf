/* A key in a token that fails, hangs, forgets and comes back: SoftHSM behind a
 * module that does what it is told. */
#include "rig.h"
#include "tap.h"

#include "ca/key.h"
#include "ca/spool.h"
#include "x509/demo_ca.h"
#include "base/world.h"

#include <apr_general.h>
#include <apr_thread_proc.h>
#include <openssl/evp.h>

#include <dirent.h>
#include <sys/stat.h>

static apr_pool_t *pool;
static qw_keyring_t *ring;
static qw_issuer_conf_t conf;
static qw_issuer_t *issuer;
static const qw_bytes_t tbs = { (const unsigned char *)"to be signed", 12 };

static const char *find_softhsm(void)
{
    static const char *const paths[] = {
        "/usr/lib/softhsm/libsofthsm2.so", "/usr/lib64/pkcs11/libsofthsm2.so",
        "/usr/lib/x86_64-linux-gnu/softhsm/libsofthsm2.so"
    };
    unsigned i;

    for (i = 0; i < sizeof(paths) / sizeof(paths[0]); i++)
        if (access(paths[i], R_OK) == 0)
            return paths[i];
    return NULL;
}

static int run(const char *format, ...)
{
    char *command;
    va_list ap;

    va_start(ap, format);
    command = apr_pvsprintf(pool, format, ap);
    va_end(ap);
    return system(apr_psprintf(pool, "cd %s && LD_PRELOAD= %s >log 2>&1",
                               rig_dir(pool), command))
           == 0;
}

static void plan(const char *line)
{
    rig_write("plan", line, pool);
}

static int counted(const char *word)
{
    const char *at = rig_read("count", pool);
    int n = 0;

    while ((at = strstr(at, word)) != NULL) {
        n++;
        at++;
    }
    return n;
}

static int make_ca(const char *dir)
{
    const qw_demo_ca_t wanted = { dir,  "Demo",  "NTRFR-000000000",
                                  "FR", "P-256", NULL };

    return qw_demo_ca_make(&wanted, pool) == NULL;
}

static int make_token(void)
{
    const char *dir = rig_dir(pool);

    rig_write("softhsm.conf",
              apr_psprintf(pool, "directories.tokendir = %s/tokens\n", dir),
              pool);
    mkdir(apr_psprintf(pool, "%s/tokens", dir), 0700);
    setenv("SOFTHSM2_CONF", apr_psprintf(pool, "%s/softhsm.conf", dir), 1);
    setenv("QW_P11_REAL", find_softhsm(), 1);
    setenv("QW_P11_PLAN", apr_psprintf(pool, "%s/plan", dir), 1);
    setenv("QW_P11_COUNT", apr_psprintf(pool, "%s/count", dir), 1);
    setenv("PKCS11_MODULE_PATH", QW_BUILDDIR "/.libs/p11shim.so", 1);
    conf.chain_path = apr_psprintf(pool, "%s/ca/issuing.pem", dir);
    conf.key_uri = "pkcs11:token=qwac;object=issuing;type=private";
    conf.pin_path = rig_write("pin", "1234\n", pool);
    return make_ca(apr_psprintf(pool, "%s/ca", dir))
           && qw_issuer_load(&issuer, conf.chain_path, qw_world()->now(), pool)
                  == NULL
           && run("softhsm2-util --init-token --free --label qwac --so-pin "
                  "5678 --pin 1234")
           && run("openssl pkcs8 -topk8 -nocrypt -in ca/issuing-key.pem -out "
                  "key.p8")
           && run("softhsm2-util --import key.p8 --token qwac --label issuing "
                  "--id 01 --pin 1234");
}

static int verifies(const qw_bytes_t *signature)
{
    EVP_MD_CTX *ctx = qw_own_EVP_MD_CTX(pool, EVP_MD_CTX_new());

    return EVP_DigestVerifyInit_ex(ctx, NULL, issuer->digest, NULL, NULL,
                                   issuer->key, NULL)
               == 1
           && EVP_DigestVerify(ctx, signature->data, signature->len, tbs.data,
                               tbs.len)
                  == 1;
}

static int signs(qw_key_t *key)
{
    qw_bytes_t signature;
    qw_digest_t digest;
    qw_problem_t *prob;

    qw_digest_make(&digest, issuer, &tbs);
    prob = qw_key_sign(&signature, key, &digest, pool);

    if (prob != NULL)
        printf("# %s\n", qw_problem_for_log(prob, pool));
    return prob == NULL && verifies(&signature);
}

static const char *why(qw_key_t *key)
{
    qw_problem_t *prob = qw_key_health(key, pool);

    return prob == NULL ? "" : prob->cause;
}

/* Until the token is asked again: its last answer is good for a second. */
static void later(void)
{
    apr_sleep(apr_time_from_msec(1100));
}

static int comes_back(qw_key_t *key)
{
    apr_time_t end = apr_time_now() + apr_time_from_sec(10);

    while (*why(key) != '\0')
        if (apr_time_now() > end)
            return 0;
        else
            apr_sleep(apr_time_from_msec(50));
    return 1;
}

static void test_signing(qw_key_t *key)
{
    is_str(why(key), "", "the token is there");
    ok(signs(key), "it signs");
    ok(counted("sign") == 1 && counted("login 0x0") == 1,
       "once, with one login");
}

static void test_session_loss(qw_key_t *key)
{
    later();
    plan("C_FindObjectsInit fail 0xb3");
    ok(*why(key) != '\0', "[OPS-10] a session that is lost is seen");
    plan("");
    ok(comes_back(key) && signs(key),
       "[OPS-10] and replaced, without a restart");
    plan("C_Sign fail 0x30");
    ok(!signs(key), "[OPS-10] a signature that fails");
    plan("");
    ok(comes_back(key) && signs(key), "[OPS-10] is not the last");
    plan("all fail 0x32");
    later();
    ok(*why(key) != '\0' && *why(key) != '\0',
       "[K-33] a device that is removed");
    ok(!signs(key), "[K-33] does not sign");
    plan("");
    ok(comes_back(key) && signs(key), "[K-33] until it is back");
}

static void test_token_gone(qw_key_t *key)
{
    later();
    ok(run("mv tokens away && mkdir tokens"), "the token's folder is moved");
    ok(!signs(key), "[OPS-10] a token that is gone does not sign");
    ok(*why(key) != '\0', "[OPS-10] and its health says so");
    ok(run("rmdir tokens && mv away tokens"), "it is put back");
    ok(comes_back(key) && signs(key), "[OPS-10] and signs again");
}

static void test_hang(qw_key_t *key)
{
    apr_time_t begun = apr_time_now();
    int before = counted("sign");

    plan("C_Sign hang");
    ok(!signs(key), "[K-35] a token that hangs");
    ok(apr_time_now() - begun < apr_time_from_sec(4),
       "[K-35] holds nobody for longer than was said");
    ok(strstr(why(key), "no answer from the token") != NULL,
       "and its health says so");
    later();
    begun = apr_time_now();
    ok(*why(key) != '\0' && apr_time_now() - begun < apr_time_from_sec(1),
       "[K-35] who asks later does not wait at all");
    ok(!signs(key), "it is not asked again meanwhile");
    plan("");
    ok(comes_back(key) && signs(key), "[K-35] it answers, and signs again");
    ok(counted("sign") == before + 1,
       "what it was at was ended, and it signed once");
}

static void test_slow(qw_key_t *key)
{
    plan("C_Sign delay 500");
    ok(signs(key), "[K-35] one that is slow is waited for");
    plan("");
}

static void test_pin(qw_key_t *key)
{
    int tries;

    later();
    plan("all fail 0x32");
    ok(*why(key) != '\0', "the token is away");
    rig_write("pin", "4321\n", pool);
    plan("");
    tries = counted("login");
    ok(!comes_back(key), "[K-34] a wrong PIN opens nothing");
    ok(counted("login") == tries + 1, "[K-34] and is tried once");
    ok(strstr(why(key), "refused this PIN") != NULL, "the reason is told");
    ok(strstr(why(key), "4321") == NULL, "but not the PIN");
    rig_write("pin", "1234\n", pool);
    ok(comes_back(key) && signs(key), "the right one is taken at once");
}

static void test_wrong_key(void)
{
    qw_issuer_t *other;
    qw_problem_t *prob;
    const char *dir = apr_psprintf(pool, "%s/other", rig_dir(pool));
    const char *path = apr_psprintf(pool, "%s/issuing.pem", dir);

    ok(make_ca(dir)
           && qw_issuer_load(&other, path, qw_world()->now(), pool) == NULL,
       "another CA");
    prob = qw_key_open(qw_key_make(ring, &conf, other, pool), pool);
    ok(prob != NULL && strstr(prob->detail, "is not that of") != NULL,
       "has another key");
}

int main(void)
{
    qw_key_t *key;

    if (find_softhsm() == NULL
        || access(QW_BUILDDIR "/.libs/p11shim.so", R_OK) != 0) {
        printf("1..0 # SKIP no SoftHSM, or no headers of PKCS#11\n");
        return 0;
    }
    apr_initialize();
    apr_pool_create(&pool, NULL);
    ok(make_token(), "a token with the issuing key");
    ok(qw_keyring_make(&ring, apr_time_from_sec(2), pool) == NULL,
       "a ring of keys");
    key = qw_key_make(ring, &conf, issuer, pool);
    test_signing(key);
    test_session_loss(key);
    test_token_gone(key);
    test_hang(key);
    test_slow(key);
    test_pin(key);
    test_wrong_key();
    return done_testing();
}
