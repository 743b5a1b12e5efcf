/* Lists of known keys: their files, the forms they come in, and how long it
 * takes to ask. */
#include "tap.h"

#include "base/b64.h"
#include "x509/keycheck.h"
#include "x509/spki.h"

#include <apr_file_io.h>
#include <apr_general.h>
#include <apr_strings.h>
#include <openssl/ec.h>
#include <openssl/pem.h>
#include <openssl/sha.h>

#include <time.h>
#include <unistd.h>

#define WEAK QW_SRCDIR "/t/lib/weak/"

/* Of openssl-blacklist's RSA-2048, and what it says of it. */
#define LISTED_MODULUS                                                         \
    "D673252AF6723C3F72529403EAB7C30DEF3C52F97E799825F4A70191C616ADCF1ECE1113" \
    "F1625971074C492C592025FDEADBDB146A081826BDF0D77C3C913DCF1B6F0B3B78F5108D" \
    "2E493AD0EEE8CA5C021711ADC13D358E61133870FCD19C8E5C22403959782AA82E72AEE5" \
    "3A3D491E3912CE27B27E1A85EA69C19A527D28F7934C9823B7E56FDD657DAC83FDC65BB2" \
    "2A98D843DF73238919781B714C81A5E2AFEC71F5C54AA2A27C590AD94C03C1062D50EFCF" \
    "FAC743E3C8A3AE056846A1D756EB862BF4224169D467C35215ADE0AFCC11E85FE629AFB8" \
    "02C4786FF2E9C929BCCF502B3D3B8876C6A11785CC398B389F1D86BDD9CB0BD4EC13956E" \
    "C3FA270D"
#define LISTED_HASH "8df20e6961a16398b85a"

static apr_pool_t *pool;

static qw_bytes_t bytes_of(const char *text)
{
    qw_bytes_t b = { (const unsigned char *)text, strlen(text) };

    return b;
}

static EVP_PKEY *key_of(const char *name)
{
    BIO *bio =
        qw_own_BIO(pool,
                   BIO_new_file(apr_pstrcat(pool, WEAK, name, NULL), "r"));

    return qw_own_EVP_PKEY(pool,
                           PEM_read_bio_PrivateKey(bio, NULL, NULL, NULL));
}

static EVP_PKEY *fresh(const char *group)
{
    return qw_own_EVP_PKEY(pool, EVP_EC_gen(group));
}

static const char *spki_hash(EVP_PKEY *key)
{
    unsigned char *der = NULL;
    int len = i2d_PUBKEY(key, &der);
    const char *hash = qw_spki_hash(der, (apr_size_t)len, pool);

    OPENSSL_free(der);
    return hash;
}

/* The list that TEXT makes, or NULL with the reason in *WHY. */
static qw_keylist_t *list_of(const qw_bytes_t *text, qw_keylist_found_t *found,
                             const char **why)
{
    qw_keylist_make_t *make = qw_keylist_make(pool);
    qw_keylist_t *list = NULL;
    qw_problem_t *prob;
    qw_bytes_t file;

    memset(found, 0, sizeof(*found));
    prob = qw_keylist_read(make, found, text, "list", pool);
    if (prob == NULL) {
        file = qw_keylist_bytes(make, pool);
        prob = qw_keylist_parse(&list, &file, "made", pool);
    }
    *why = prob != NULL ? prob->detail : "";
    return list;
}

static int lists(const char *text, EVP_PKEY *key)
{
    qw_bytes_t bytes = bytes_of(text);
    qw_keylist_found_t found;
    const char *why;
    qw_keylist_t *list = list_of(&bytes, &found, &why);

    if (list == NULL)
        printf("# %s\n", why);
    return list != NULL && qw_keylist_has(list, key, NULL, pool);
}

/* ---- hashes ---------------------------------------------------------------- */

static void test_spki(void)
{
    static const char *const groups[] = { "P-256", "P-384", "P-521" };
    EVP_PKEY *keys[5];
    qw_bytes_t spki;
    unsigned i;

    for (i = 0; i < 3; i++)
        keys[i] = fresh(groups[i]);
    keys[3] = key_of("debian-amd64-1000.pem");
    keys[4] = qw_own_EVP_PKEY(pool, EVP_PKEY_Q_keygen(NULL, NULL, "ED25519"));
    for (i = 0; i < 5; i++)
        ok(qw_spki_encode(&spki, keys[i], pool)
               && strcmp(qw_spki_hash(spki.data, spki.len, pool),
                         spki_hash(keys[i]))
                      == 0,
           "%s is encoded as OpenSSL does", EVP_PKEY_get0_type_name(keys[i]));
    ok(!qw_spki_encode(&spki, fresh("P-224"), pool), "P-224 is not");
}

static void test_modulus_vector(void)
{
    unsigned char hash[QW_KEYHASH_MOST];
    qw_bytes_t number;

    ok(qw_hex_decode(&number, LISTED_MODULUS, pool), "a modulus");
    qw_keyhash_number(hash, QW_KEYHASH_MODULUS_SHA1, &number, pool);
    is_str(qw_hex_encode(hash, 10, pool), LISTED_HASH,
           "[KEY-07] its hash is that of openssl-blacklist");
}

/* ---- forms ----------------------------------------------------------------- */

static const char *modulus_hex(EVP_PKEY *key)
{
    BIGNUM *n = NULL;
    char *hex, *copy;

    EVP_PKEY_get_bn_param(key, "n", &n);
    hex = BN_bn2hex(n);
    copy = apr_pstrdup(pool, hex);
    OPENSSL_free(hex);
    BN_free(n);
    return copy;
}

static const char *hash_hex(EVP_PKEY *key, qw_keyhash_e kind)
{
    unsigned char hash[QW_KEYHASH_MOST];

    if (!qw_keyhash(hash, kind, key, pool))
        return "";
    return qw_hex_encode(hash, (apr_size_t)qw_keyhash_width(kind), pool);
}

static const char *sha1_hex(EVP_PKEY *key)
{
    const char *line = apr_psprintf(pool, "Modulus=%s\n", modulus_hex(key));
    unsigned char sha1[SHA_DIGEST_LENGTH];

    SHA1((const unsigned char *)line, strlen(line), sha1);
    return qw_hex_encode(sha1, sizeof(sha1), pool);
}

static void test_lines(void)
{
    EVP_PKEY *rsa = key_of("debian-amd64-1000.pem"), *ec = fresh("P-384");
    EVP_PKEY *other = key_of("debian-i386-1000.pem");
    const char *sha1 = sha1_hex(rsa);

    ok(lists(apr_psprintf(pool, "# RSA-2048\n%s\n", sha1 + 20), rsa),
       "[KEY-07] openssl-blacklist: half a SHA-1");
    ok(lists(apr_psprintf(pool, "%s\r\n", sha1), rsa), "a whole SHA-1");
    ok(lists(apr_psprintf(pool, "[\"%s\", \"%s\"]", LISTED_HASH, sha1 + 20),
             rsa),
       "the same as JSON");
    ok(lists(apr_psprintf(pool, "Modulus=%s\n", modulus_hex(rsa)), rsa),
       "a modulus");
    ok(lists(hash_hex(rsa, QW_KEYHASH_NUMBER_SHA256), rsa), "badkeys: RSA");
    ok(lists(apr_psprintf(pool, "%s07", hash_hex(ec, QW_KEYHASH_NUMBER_SHA256)),
             ec),
       "badkeys: EC, with the number of a list");
    ok(lists(spki_hash(ec), ec), "[FIN-22] pwnedkeys: SHA-256 of the SPKI");
    ok(!lists(sha1, other), "another key is not on it");
    ok(!lists("", rsa) && !lists("# nothing\n\n", rsa), "nor on an empty one");
}

static void test_pem(void)
{
    EVP_PKEY *rsa = key_of("debian-amd64-1000.pem"), *ec = fresh("P-256");
    BIO *bio = qw_own_BIO(pool, BIO_new(BIO_s_mem()));
    const char *why;
    qw_keylist_found_t found;
    qw_keylist_t *list;
    qw_bytes_t text;
    char *data;

    BIO_printf(bio, "Bag Attributes\n    friendlyName: x\n");
    PEM_write_bio_PUBKEY(bio, rsa);
    BIO_printf(bio, "-----BEGIN EC PARAMETERS-----\nBggqhkjOPQMBBw==\n"
                    "-----END EC PARAMETERS-----\n");
    PEM_write_bio_PKCS8PrivateKey(bio, ec, NULL, NULL, 0, NULL, NULL);
    PEM_write_bio_PKCS8PrivateKey(
        bio, qw_own_EVP_PKEY(pool, EVP_PKEY_Q_keygen(NULL, NULL, "X448")), NULL,
        NULL, 0, NULL, NULL);
    text.len = (apr_size_t)BIO_get_mem_data(bio, &data);
    text.data = (unsigned char *)data;
    list = list_of(&text, &found, &why);
    ok(list != NULL && qw_keylist_has(list, rsa, NULL, pool)
           && qw_keylist_has(list, ec, NULL, pool),
       "PEM of a public and of a private key");
    ok(found.keys == 2 && found.skipped == 1, "and one that nobody uses here");
}

static void test_records(void)
{
    EVP_PKEY *ec = fresh("P-256");
    unsigned char dat[48] = { 0 };
    qw_bytes_t bytes = { dat, sizeof dat };
    qw_keylist_found_t found;
    qw_keylist_t *list;
    const char *why;

    qw_keyhash(dat + 16, QW_KEYHASH_NUMBER_SHA256, ec, pool);
    dat[31] = 3;
    memset(dat + 32, 0xff, 15);
    list = list_of(&bytes, &found, &why);
    ok(list != NULL && found.hashes == 3
           && qw_keylist_has(list, ec, NULL, pool),
       "badkeys: blocklist.dat");
    dat[32] = 0;
    dat[16] = 0x80;
    ok(list_of(&bytes, &found, &why) == NULL && strstr(why, "neither") != NULL,
       "not one that is out of order");
}

static const struct {
    const char *text, *says;
} bad[] = {
    { "8df20e6961a16398b85\n", "list:1: '8df20e6961a16398b85' is no hash" },
    { "# x\n\nzzf20e6961a16398b85a\n", "list:3: 'zz" },
    { "Modulus=\n", "list:1: Modulus= is not followed" },
    { "Modulus=12G4\n", "list:1: Modulus= is not followed" },
    { "hello\n", "no hash of a key" },
    { "-----BEGIN PUBLIC KEY-----\nAAAA\n", "PEM has no end" },
    { "-----BEGIN PUBLIC KEY-----\n!!\n-----END PUBLIC KEY-----\n",
      "list:3: is no PEM" },
    { "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n",
      "PEM of 'PUBLIC KEY' is no key" },
    { "-----BEGIN X-----\nAAAA\n-----END X-----\n", "PEM of 'X' is no key" },
};

static void test_bad_lists(void)
{
    qw_keylist_found_t found;
    const char *why;
    unsigned i;

    for (i = 0; i < sizeof bad / sizeof *bad; i++) {
        qw_bytes_t text = bytes_of(bad[i].text);

        ok(list_of(&text, &found, &why) == NULL
               && strstr(why, bad[i].says) != NULL,
           "refused: %s", bad[i].says);
        if (strstr(why, bad[i].says) == NULL)
            printf("# %s\n", why);
    }
}

/* ---- files ----------------------------------------------------------------- */

static qw_keylist_make_t *some(int n)
{
    qw_keylist_make_t *make = qw_keylist_make(pool);
    unsigned char hash[SHA256_DIGEST_LENGTH];
    int i, k;

    for (i = 0; i < n; i++) {
        SHA256((unsigned char *)&i, sizeof i, hash);
        for (k = 0; k < QW_KEYHASH_KINDS; k++)
            qw_keylist_add(make, (qw_keyhash_e)k, hash);
    }
    return make;
}

static const char *fault_of(const unsigned char *data, apr_size_t len)
{
    qw_bytes_t file = { data, len };
    qw_keylist_t *list;
    qw_problem_t *prob = qw_keylist_parse(&list, &file, "f", pool);

    return prob != NULL ? prob->detail : "";
}

/* The octets from AT on become WHAT; the rest is as it was. */
static void damaged(const qw_bytes_t *file, apr_size_t at, const char *what,
                    apr_size_t len, const char *says)
{
    unsigned char *copy = apr_pmemdup(pool, file->data, file->len);
    const char *fault;

    memcpy(copy + at, what, len);
    fault = fault_of(copy, file->len);
    ok(strstr(fault, says) != NULL && strstr(fault, "blocklist import") != NULL,
       "refused: %s", says);
    if (strstr(fault, says) == NULL)
        printf("# %s\n", fault);
}

static void test_damage(void)
{
    qw_bytes_t file = qw_keylist_bytes(some(3), pool);
    unsigned char *more = apr_pcalloc(pool, file.len + 1);
    apr_size_t cut, taken = 0;

    ok(*fault_of(file.data, file.len) == '\0', "a file of ours is taken");
    for (cut = 0; cut < file.len; cut++)
        taken += *fault_of(file.data, cut) == '\0';
    ok(taken == 0, "cut short anywhere it is not");
    memcpy(more, file.data, file.len);
    ok(strstr(fault_of(more, file.len + 1), "after its end") != NULL,
       "nor with an octet more");
    damaged(&file, 0, "QWKEYS2\n", 8, "no list of keys of version 1");
    damaged(&file, 11, "\x04", 1, "has no head");
    damaged(&file, 15, "\x01", 1, "has no head");
    damaged(&file, 16, "\0\0\0\0\0\0", 6, "was damaged");
    damaged(&file, 51, "\x07", 1, "does not know");
    damaged(&file, 55, "\x0b", 1, "does not know");
    damaged(&file, 64, "\0\0\0\0\0\0\0\x0a", 8, "twice");
    damaged(&file, 56, "\xff\xff\xff\xff\xff\xff\xff\xff", 8, "cut short");
    damaged(&file, 96, "\xff\xff\xff", 3, "not in order");
    damaged(&file, file.len - 1, "\0", 1, "was damaged");
}

static void test_write(void)
{
    const char *path =
        apr_psprintf(pool, "%s/t/unit/keylist-%d", QW_BUILDDIR, (int)getpid());
    EVP_PKEY *weak = key_of("debian-amd64-1000.pem");
    qw_keylist_make_t *make = some(1000);
    qw_keylist_t *list = NULL, *again = NULL;
    unsigned char hash[QW_KEYHASH_MOST];

    qw_keyhash(hash, QW_KEYHASH_MODULUS_SHA1, weak, pool);
    qw_keylist_add(make, QW_KEYHASH_MODULUS_SHA1, hash);
    qw_keylist_add(make, QW_KEYHASH_MODULUS_SHA1, hash);
    ok(qw_keylist_write(make, path, pool) == NULL, "a list is written");
    ok(qw_keylist_open(&list, path, pool) == NULL, "and mapped");
    ok(list != NULL && qw_keylist_count(list, QW_KEYHASH_MODULUS_SHA1) == 1001
           && qw_keylist_count(list, QW_KEYHASH_SPKI_SHA256) == 1000,
       "none stands twice");
    make = qw_keylist_make(pool);
    ok(qw_keylist_write(make, path, pool) == NULL
           && qw_keylist_open(&again, path, pool) == NULL
           && !qw_keylist_has(again, weak, NULL, pool),
       "it is replaced by an empty one");
    ok(list != NULL && qw_keylist_has(list, weak, NULL, pool),
       "who mapped the old one keeps it");
    apr_file_remove(path, pool);
    ok(qw_keylist_open(&list, path, pool) != NULL, "gone is refused");
    ok(qw_keylist_open(&list, QW_BUILDDIR, pool) != NULL, "so is a folder");
}

/* ---- the one function -------------------------------------------------------- */

static const char *verdict(EVP_PKEY *key, qw_key_use_e use,
                           const qw_known_keys_t *known)
{
    qw_problem_t *prob = qw_keycheck(key, use, known, pool);

    if (prob != NULL && prob->code != QW_E_BAD_PUBLIC_KEY)
        return "another code";
    return prob != NULL ? prob->detail : "";
}

static void test_keycheck(void)
{
    EVP_PKEY *weak = key_of("debian-amd64-1000.pem"), *ec = fresh("P-256");
    EVP_PKEY *free_one = fresh("P-256");
    qw_known_keys_t known = { NULL, apr_array_make(pool, 1, sizeof(char *)) };
    qw_keylist_found_t found;
    const char *why;
    qw_bytes_t text = bytes_of(
        apr_psprintf(pool, "%s\n%s\n", sha1_hex(weak) + 20, spki_hash(ec)));

    ok(*verdict(weak, QW_KEY_FOR_CERTIFICATE, &known) == '\0',
       "arithmetic finds nothing in a key of Debian's");
    known.list = list_of(&text, &found, &why);
    ok(strstr(verdict(weak, QW_KEY_FOR_CERTIFICATE, &known), "CVE-2008-0166")
           && strstr(verdict(weak, QW_KEY_FOR_ACCOUNT, &known),
                     "CVE-2008-0166"),
       "[KEY-07] [FIN-21] a list does");
    ok(strstr(verdict(ec, QW_KEY_FOR_CERTIFICATE, &known), "private part"),
       "[FIN-22] a key whose private part is known");
    ok(*verdict(free_one, QW_KEY_FOR_CERTIFICATE, &known) == '\0',
       "a new one is taken");
    APR_ARRAY_PUSH(known.own, const char *) = spki_hash(free_one);
    ok(strstr(verdict(free_one, QW_KEY_FOR_CERTIFICATE, &known), "CA itself"),
       "[FIN-20] not if it is the CA's");
}

/* ---- speed --------------------------------------------------------------------- */

static double now(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec * 1e6 + (double)t.tv_nsec / 1e3;
}

static void test_speed(void)
{
    enum { ENTRIES = 400000, ROUNDS = 2000 };
    EVP_PKEY *keys[2] = { key_of("debian-amd64-1000.pem"), fresh("P-256") };
    qw_bytes_t file = qw_keylist_bytes(some(ENTRIES), pool);
    qw_keylist_t *list = NULL;
    apr_pool_t *round;
    double start = now(), each;
    int i, k;

    ok(qw_keylist_parse(&list, &file, "f", pool) == NULL, "a long list");
    printf("# %d entries of %d kinds: checked in %.1f ms\n", ENTRIES,
           QW_KEYHASH_KINDS, (now() - start) / 1e3);
    apr_pool_create(&round, pool);
    for (k = 0; k < 2; k++) {
        start = now();
        for (i = 0; i < ROUNDS; i++) {
            apr_pool_clear(round);
            qw_keylist_has(list, keys[k], NULL, round);
        }
        each = (now() - start) / ROUNDS;
        printf("# %s: %.1f us each\n", EVP_PKEY_get0_type_name(keys[k]), each);
        ok(each < 500, "asking takes microseconds");
    }
    start = now();
    for (i = 0; i < ROUNDS; i++)
        qw_keylist_has_hash(list, QW_KEYHASH_SPKI_SHA256,
                            file.data + 4096 + 32 * i);
    printf("# the search alone: %.2f us\n", (now() - start) / ROUNDS);
}

int main(void)
{
    apr_initialize();
    apr_pool_create(&pool, NULL);
    test_spki();
    test_modulus_vector();
    test_lines();
    test_pem();
    test_records();
    test_bad_lists();
    test_damage();
    test_write();
    test_keycheck();
    test_speed();
    apr_pool_destroy(pool);
    return done_testing();
}
