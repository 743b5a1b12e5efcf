/* JSON: what is taken, is taken again after it was written. */
#include "fuzz.h"

#include "base/json.h"

void fuzz_one(const unsigned char *data, size_t len, apr_pool_t *pool)
{
    json_t *root, *again;
    const char *text;

    if (qw_json_parse(&root, (const char *)data, len, "input", pool) != NULL)
        return;
    fuzz_taken++;
    text = qw_json_dump(root, pool);
    FUZZ_MUST(strlen(text) > QW_JSON_MAX_BYTES
              || qw_json_parse(&again, text, strlen(text), "again", pool)
                     == NULL);
}
