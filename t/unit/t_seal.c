#include "base/seal.h"

#include "base/b64.h"

#include "told.h"

#include <apr_general.h>
#include <apr_strings.h>

#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static apr_pool_t *pool;
static char dir[] = "/tmp/t_seal.XXXXXX";
static const char *path;

static const char key_a[] = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
static const char key_b[] = "AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE";

static void write_file(const char *text, mode_t mode)
{
    FILE *file;

    unlink(path);
    file = fopen(path, "w");
    if (file == NULL || fputs(text, file) < 0 || fclose(file) != 0
        || chmod(path, mode) != 0) {
        printf("Bail out! cannot write %s\n", path);
        exit(1);
    }
}

static qw_problem_t *load(const char *text, mode_t mode)
{
    qw_seal_ring_t *ring;

    write_file(text, mode);
    return qw_seal_ring_load(&ring, path, pool);
}

static void test_files(void)
{
    const char *good = apr_pstrcat(pool, "k1 ", key_a, "\n", NULL);
    qw_seal_ring_t *ring;
    qw_problem_t *prob;

    fine(load(good, 0600), "a key file");
    fine(load(good, 0640), "its group may read it");
    told(load(good, 0644), INVALID_INPUT, "chmod 0640", "others may not");
    told(load(good, 0660), INVALID_INPUT, "chmod 0640",
         "its group may not write it");
    told(load(good, 0602), INVALID_INPUT, "chmod 0640", "others even less");
    fine(load(apr_pstrcat(pool, "# c\n\nk1\t", key_a, "\r\nk-2_X ", key_b,
                          NULL),
              0600),
         "comments, empty lines, CR, and no newline at the end");
    told(load("", 0600), INVALID_INPUT, "no key in it", "an empty file");
    told(load("# k1 x\n", 0600), INVALID_INPUT, "no key in it",
         "only a comment");
    prob =
        load(apr_pstrcat(pool, "# c\nk1 ", key_a, "\nk2 AAAA\n", NULL), 0600);
    told(prob, INVALID_INPUT, ", line 3: ", "a key that is too short, by line");
    ok(strstr(prob->detail, path) != NULL
           && strstr(prob->detail, "AAAA") == NULL,
       "the file is named, the key is not");
    told(load(apr_pstrcat(pool, "k1 ", key_a, "A\n", NULL), 0600),
         INVALID_INPUT, "line 1", "a key that is too long");
    told(load(apr_pstrcat(pool, "k.1 ", key_a, "\n", NULL), 0600),
         INVALID_INPUT, "line 1", "a dot in the key id");
    told(load(apr_pstrcat(pool, key_a, "\n", NULL), 0600), INVALID_INPUT,
         "line 1", "no key id");
    told(qw_seal_ring_load(&ring, "/nonexistent/k", pool), INVALID_INPUT,
         "/nonexistent/k", "no file, by name");
    told(qw_seal_ring_load(&ring, dir, pool), INVALID_INPUT, "not a file",
         "a folder is no file");
    unlink(path);
    ok(mkfifo(path, 0600) == 0, "a pipe");
    told(qw_seal_ring_load(&ring, path, pool), INVALID_INPUT, "not a file",
         "is no file either, and nobody waits for it");
}

static void test_create(void)
{
    qw_seal_ring_t *ring;
    struct stat info;
    mode_t mask = umask(0);

    unlink(path);
    fine(qw_seal_ring_create(path, pool), "a new key file");
    umask(mask);
    ok(stat(path, &info) == 0 && (info.st_mode & 0777) == 0600,
       "readable by its owner only, whatever the umask");
    fine(qw_seal_ring_load(&ring, path, pool), "it loads");
    told(qw_seal_ring_create(path, pool), INVALID_INPUT, path,
         "and is not overwritten");
}

static qw_seal_ring_t *ring_of(const char *text)
{
    qw_seal_ring_t *ring = NULL;

    write_file(text, 0600);
    if (qw_seal_ring_load(&ring, path, pool) != NULL)
        printf("Bail out! the ring does not load\n");
    return ring;
}

static const qw_bytes_t secret = {
    (const unsigned char *)"a MAC key of 32 bytes, with a \0.", 32
};

static void test_seal(void)
{
    qw_seal_ring_t *ring = ring_of(apr_pstrcat(pool, "k1 ", key_a, NULL));
    const char *sealed, *again;
    qw_bytes_t out = { NULL, 0 }, empty = { NULL, 0 };

    fine(qw_seal(&sealed, ring, &secret, "live|ext|kid", pool), "sealed");
    ok(strncmp(sealed, "k1.", 3) == 0, "under the key's id");
    fine(qw_unseal(&out, ring, sealed, "live|ext|kid", pool), "opened");
    ok(out.len == 32 && memcmp(out.data, secret.data, 32) == 0,
       "it is the same");
    fine(qw_seal(&again, ring, &secret, "live|ext|kid", pool), "sealed again");
    ok(strcmp(sealed, again) != 0, "under another nonce");
    told(qw_unseal(&out, ring, sealed, "live|ext|kie", pool), SERVER_INTERNAL,
         "does not open", "not for another KeyID");
    told(qw_unseal(&out, ring, sealed, "", pool), SERVER_INTERNAL,
         "does not open", "not for none");
    empty.data = (const unsigned char *)"";
    fine(qw_seal(&sealed, ring, &empty, "a", pool), "nothing sealed");
    fine(qw_unseal(&out, ring, sealed, "a", pool), "and opened");
    ok(out.len == 0, "is nothing");
}

static void test_changed(void)
{
    qw_seal_ring_t *ring = ring_of(apr_pstrcat(pool, "k1 ", key_a, NULL));
    const char *sealed;
    qw_bytes_t box, out;
    unsigned i;
    int opened = 0;

    fine(qw_seal(&sealed, ring, &secret, "a", pool), "sealed");
    qw_b64url_decode(&box, sealed + 3, pool);
    for (i = 0; i < box.len * 8; i++) {
        unsigned char *copy = apr_pmemdup(pool, box.data, box.len);

        copy[i / 8] ^= (unsigned char)(1 << i % 8);
        opened +=
            qw_unseal(&out, ring,
                      apr_pstrcat(pool, "k1.",
                                  qw_b64url_encode(copy, box.len, pool), NULL),
                      "a", pool)
            == NULL;
    }
    ok(opened == 0, "none of %u single bits may change", i);
    for (i = 0; i < box.len; i++)
        opened +=
            qw_unseal(&out, ring,
                      apr_pstrcat(pool, "k1.",
                                  qw_b64url_encode(box.data, i, pool), NULL),
                      "a", pool)
            == NULL;
    ok(opened == 0, "nor may it be cut");
    told(qw_unseal(&out, ring, apr_pstrcat(pool, sealed, "=", NULL), "a", pool),
         SERVER_INTERNAL, "does not open", "nor have padding");
    told(qw_unseal(&out, ring, "k1", "a", pool), SERVER_INTERNAL,
         "does not open", "nor be a key id alone");
}

static void test_rotation(void)
{
    qw_seal_ring_t *old = ring_of(apr_pstrcat(pool, "k1 ", key_a, NULL));
    qw_seal_ring_t *both =
        ring_of(apr_pstrcat(pool, "k2 ", key_b, "\nk1 ", key_a, "\n", NULL));
    qw_seal_ring_t *next = ring_of(apr_pstrcat(pool, "k2 ", key_b, NULL));
    qw_seal_ring_t *swapped = ring_of(apr_pstrcat(pool, "k1 ", key_b, NULL));
    const char *sealed;
    qw_problem_t *prob;
    qw_bytes_t out;

    fine(qw_seal(&sealed, old, &secret, "a", pool), "sealed with the old key");
    fine(qw_unseal(&out, both, sealed, "a", pool), "opens with both");
    prob = qw_unseal(&out, next, sealed, "a", pool);
    told(prob, SERVER_INTERNAL, "does not open", "not with the new one alone");
    ok(strstr(prob->cause, "'k1'") != NULL, "the log names the key's id");
    told(qw_unseal(&out, swapped, sealed, "a", pool), SERVER_INTERNAL,
         "does not open", "nor with another key of that id");
    fine(qw_seal(&sealed, both, &secret, "a", pool), "sealed with both");
    ok(strncmp(sealed, "k2.", 3) == 0, "is by the first");
    fine(qw_unseal(&out, next, sealed, "a", pool), "opens with the new one");
}

static void test_derive(void)
{
    qw_seal_ring_t *ring = ring_of(apr_pstrcat(pool, "k1 ", key_a, NULL));
    qw_seal_ring_t *other = ring_of(apr_pstrcat(pool, "k1 ", key_b, NULL));
    unsigned char a[32], b[32];

    fine(qw_seal_derive(a, ring, "nonce", pool), "a derived key");
    /* HKDF-SHA256, IKM 32 zero bytes, no salt, info "nonce" */
    is_str(qw_hex_encode(a, 32, pool),
           "9debbd2855857f8e4d5db9fba7daf5665aad4f45752d534a1addd49a5404b1c7",
           "RFC5869: its value");
    fine(qw_seal_derive(b, ring, "nonce", pool), "again");
    ok(memcmp(a, b, 32) == 0, "is the same, on every node");
    fine(qw_seal_derive(b, ring, "nonces", pool), "for another purpose");
    ok(memcmp(a, b, 32) != 0, "is another");
    fine(qw_seal_derive(b, other, "nonce", pool), "of another key");
    ok(memcmp(a, b, 32) != 0, "is another too");
}

int main(void)
{
    if (mkdtemp(dir) == NULL)
        return 1;
    apr_initialize();
    apr_pool_create(&pool, NULL);
    path = apr_pstrcat(pool, dir, "/seal.key", NULL);
    test_files();
    test_create();
    test_seal();
    test_changed();
    test_rotation();
    test_derive();
    unlink(path);
    rmdir(dir);
    apr_pool_destroy(pool);
    apr_terminate();
    return done_testing();
}
