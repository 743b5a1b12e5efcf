/* Names of certificates, RFC 9773: one text for each, and a serial that DER can
 * hold. */
#include "fuzz.h"

#include "acme/cert_id.h"
#include "base/b64.h"

#include <apr_strings.h>

void fuzz_one(const unsigned char *data, size_t len, apr_pool_t *pool)
{
    const char *text = fuzz_text(data, len, pool);
    qw_cert_id_t id;

    if (text == NULL || !qw_cert_id_parse(&id, text, pool))
        return;
    fuzz_taken++;
    FUZZ_MUST(id.key_id.len > 0 && id.serial.len > 0);
    FUZZ_MUST(id.serial.data[0] <= 0x7f);
    FUZZ_MUST(
        strcmp(apr_pstrcat(
                   pool, qw_b64url_encode(id.key_id.data, id.key_id.len, pool),
                   ".", qw_b64url_encode(id.serial.data, id.serial.len, pool),
                   NULL),
               text)
        == 0);
}
