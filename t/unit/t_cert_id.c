/* How RFC 9773 names a certificate. */
#include "acme/cert_id.h"
#include "base/b64.h"
#include "tap.h"

#include <apr_general.h>
#include <apr_strings.h>

static const struct {
    const char *text, *name;
} wrong[] = {
    { "", "nothing" },
    { ".", "a dot" },
    { "aYhba4dGQEHhs3uEe6CuLN4ByNQ", "no dot" },
    { "aYhba4dGQEHhs3uEe6CuLN4ByNQ.", "no serial" },
    { ".AIdlQyE", "no key identifier" },
    { "aYhba4dGQEHhs3uEe6CuLN4ByNQ.AIdlQyE.", "a dot more" },
    { "aYhba4dGQEHhs3uEe6CuLN4ByNQ=.AIdlQyE", "padding" },
    { "aYhba4dGQEHhs3uEe6CuLN4ByNQ.AIdlQyE=", "padding of the serial" },
    { "aYhba4dGQEHhs3uEe6CuLN4ByN+.AIdlQyE", "base64 that is not for URLs" },
    { "aYhba4dGQEHhs3uEe6CuLN4ByNQ.AIdlQyF", "stray bits" },
    { "aYhba4dGQEHhs3uEe6CuLN4ByNQ. AIdlQyE", "white space" },
    { "aYhba4dGQEHhs3uEe6CuLN4ByNQ.h2VDIQ", "a negative serial" },
    { "aYhba4dGQEHhs3uEe6CuLN4ByNQ.AHdlQyE", "a needless zero" },
    { "aYhba4dGQEHhs3uEe6CuLN4ByNQ.AA", "a serial of zero" },
    { "aYhba4dGQEHhs3uEe6CuLN4ByNQ.AAAA", "zeros" },
    { "aYhba4dGQEHhs3uEe6CuLN4ByNQ.f39_f39_f39_f39_f39_f39_f39_fw",
      "more than 21 octets of serial" },
    { "f39_f39_f39_f39_f39_f39_f39_f39_f39_f39_f39_f39_f39_f39_f39_f39_"
      "f39_f39_f39_f39_f39_f39_f38.AIdlQyE",
      "more than 64 octets of key identifier" },
};

static const char *hex(const qw_bytes_t *bytes, apr_pool_t *pool)
{
    return qw_hex_encode(bytes->data, bytes->len, pool);
}

int main(void)
{
    apr_pool_t *pool;
    qw_cert_id_t id;

    apr_initialize();
    apr_pool_create(&pool, NULL);
    ok(qw_cert_id_parse(&id, "aYhba4dGQEHhs3uEe6CuLN4ByNQ.AIdlQyE", pool),
       "the example of RFC 9773");
    is_str(hex(&id.key_id, pool), "69885b6b87464041e1b37b847ba0ae2cde01c8d4",
           "its key identifier");
    is_str(hex(&id.serial, pool), "0087654321",
           "its serial, with the leading zero");
    ok(qw_cert_id_parse(&id, "AA.AQ", pool), "the least of them");
    for (unsigned i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
        ok(!qw_cert_id_parse(&id, wrong[i].text, pool), "[ARI-03] refused: %s",
           wrong[i].name);
    apr_pool_destroy(pool);
    return done_testing();
}
