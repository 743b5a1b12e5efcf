/* base64url: one text per value and one value per text. */
#include "fuzz.h"

#include "base/b64.h"

void fuzz_one(const unsigned char *data, size_t len, apr_pool_t *pool)
{
    const char *text = fuzz_text(data, len, pool);
    qw_bytes_t out;

    FUZZ_MUST(qw_b64url_decode(&out, qw_b64url_encode(data, len, pool), pool));
    FUZZ_MUST(out.len == len && memcmp(out.data, data, len) == 0);
    if (text == NULL || !qw_b64url_decode(&out, text, pool))
        return;
    fuzz_taken++;
    FUZZ_MUST(strcmp(qw_b64url_encode(out.data, out.len, pool), text) == 0);
}
