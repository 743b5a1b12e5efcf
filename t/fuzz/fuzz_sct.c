/* What logs answer: a whole SCT, and nothing that a key of ours verifies. */
#include "fuzz.h"

#include "x509/sct.h"

void fuzz_one(const unsigned char *data, size_t len, apr_pool_t *pool)
{
    static const char id[] =
        "0000000000000000000000000000000000000000000000000000000000000000";
    static const unsigned char no_key[] = { 0x30, 0x00 };
    qw_sct_entry_t entry = { { data, len }, id };
    qw_bytes_t sct, key = { no_key, sizeof(no_key) }, final;
    json_t *answer;

    /* the same octets as a TBSCertificate */
    if (qw_sct_embed(&final, &entry.tbs, NULL, pool) == NULL)
        FUZZ_MUST(final.len < len);
    if (qw_json_parse_object(&answer, (const char *)data, len, "x", pool)
            != NULL
        || qw_sct_parse(&sct, answer, pool) != NULL)
        return;
    fuzz_taken++;
    FUZZ_MUST(sct.len >= 47);
    FUZZ_MUST(qw_sct_verify(&sct, id, &key, &entry, pool) != NULL);
}
