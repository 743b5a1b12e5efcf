#include "base/b64.h"

#include "tap.h"

#include <apr_general.h>
#include <apr_strings.h>

static apr_pool_t *pool;

/* RFC 4648 section 10, without padding */
static const char *const vectors[][2] = {
    { "", "" },
    { "f", "Zg" },
    { "fo", "Zm8" },
    { "foo", "Zm9v" },
    { "foob", "Zm9vYg" },
    { "fooba", "Zm9vYmE" },
    { "foobar", "Zm9vYmFy" },
};

static const struct {
    const char *text, *why;
} refused[] = {
    { "Zg==", "padding" },
    { "Zm8=", "padding" },
    { "=", "padding alone" },
    { "Zm9v=", "padding that is not needed" },
    { "A", "six bits are no byte" },
    { "Zm9vA", "length 1 modulo 4" },
    { "Zh", "stray bits after one byte" },
    { "Zm9", "stray bits after two bytes" },
    { "Zm9vYh", "stray bits at the end of a longer text" },
    { "+/+/", "the other alphabet" },
    { "Zm 9v", "a space" },
    { "Zm9v\n", "a final newline" },
    { "\nZm9v", "a newline before" },
    { "Zm9v\t", "a tab" },
    { "Zm\xc3\xa9v", "a byte above 127" },
    { "Zm9v.", "a dot" },
};

static void test_base64url(void)
{
    unsigned char all[256];
    qw_bytes_t out;
    unsigned i;
    const char *text;

    for (i = 0; i < sizeof(vectors) / sizeof(vectors[0]); i++) {
        const char *plain = vectors[i][0];

        is_str(qw_b64url_encode((const unsigned char *)plain, strlen(plain),
                                pool),
               vectors[i][1], apr_psprintf(pool, "encodes '%s'", plain));
        ok(qw_b64url_decode(&out, vectors[i][1], pool)
               && out.len == strlen(plain)
               && memcmp(out.data, plain, out.len + 1) == 0,
           "decodes '%s', and NUL follows", plain);
    }
    for (i = 0; i < sizeof(all); i++)
        all[i] = (unsigned char)(255 - i);
    text = qw_b64url_encode(all, sizeof(all), pool);
    ok(strncmp(text, "__79_Pv6-fj39vX0", 16) == 0, "the alphabet has - and _");
    ok(qw_b64url_decode(&out, text, pool) && out.len == sizeof(all)
           && memcmp(out.data, all, sizeof(all)) == 0,
       "every byte comes back");
    ok(strcmp(text + strlen(text) - 2, "AA") == 0, "NUL is a byte like others");
}

static void test_refused(void)
{
    unsigned i;
    int n = 0;

    for (i = 0; i < sizeof(refused) / sizeof(refused[0]); i++) {
        qw_bytes_t out = { NULL, 77 };

        ok(!qw_b64url_decode(&out, refused[i].text, pool) && out.len == 77,
           "RFC8555-6.1: refused: %s", refused[i].why);
    }
    for (i = 1; i < 256; i++) {
        char text[5] = { 'A', 'A', (char)i, 'A', '\0' };
        qw_bytes_t out;

        n += qw_b64url_decode(&out, text, pool);
    }
    ok(n == 64, "64 bytes are of the alphabet, %d were taken", n);
}

static void test_hex(void)
{
    const unsigned char bytes[] = { 0x00, 0x1f, 0xa0, 0xff };
    qw_bytes_t out;

    is_str(qw_hex_encode(bytes, sizeof(bytes), pool), "001fa0ff",
           "hex is lower case");
    is_str(qw_hex_encode(bytes, 0, pool), "", "hex of nothing");
    is_str(qw_hex_sha256("abc", 3, pool),
           "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
           "FIPS 180-4: SHA-256 as hex");
    ok(qw_hex_decode(&out, "001fA0Ff", pool) && out.len == 4
           && memcmp(out.data, bytes, 4) == 0,
       "either case is read");
    ok(!qw_hex_decode(&out, "001", pool), "an odd number of digits");
    ok(!qw_hex_decode(&out, "0g", pool), "no digit g");
    ok(!qw_hex_decode(&out, "0x00", pool), "no prefix");
    ok(!qw_hex_decode(&out, " 0", pool), "no space");
}

static void test_pem(void)
{
    unsigned char der[49];

    memset(der, 0, sizeof(der));
    is_str(qw_pem_encode("X", der, 48, pool),
           "-----BEGIN X-----\n"
           "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\n"
           "-----END X-----\n",
           "RFC7468: a line of 64 columns, and no empty one after it");
    is_str(qw_pem_encode("X", der, 49, pool),
           "-----BEGIN X-----\n"
           "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\n"
           "AA==\n"
           "-----END X-----\n",
           "the rest with padding on a line of its own");
    der[0] = 0xfb;
    der[1] = 0xff;
    is_str(qw_pem_encode("CERTIFICATE", der, 2, pool),
           "-----BEGIN CERTIFICATE-----\n+/8=\n-----END CERTIFICATE-----\n",
           "PEM has the standard alphabet");
}

int main(void)
{
    apr_initialize();
    apr_pool_create(&pool, NULL);
    test_base64url();
    test_refused();
    test_hex();
    test_pem();
    apr_pool_destroy(pool);
    apr_terminate();
    return done_testing();
}
