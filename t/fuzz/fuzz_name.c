/* Names: what is taken is in its one form. */
#include "fuzz.h"

#include "dns/name.h"

void fuzz_one(const unsigned char *data, size_t len, apr_pool_t *pool)
{
    const char *text = fuzz_text(data, len, pool);
    qw_name_t name, again;

    if (text == NULL)
        return;
    if (qw_name_from_user(&name, text, 1, pool) == NULL)
        FUZZ_MUST(qw_name_parse(&again, name.name, 1, pool) == NULL);
    if (qw_name_parse(&name, text, 1, pool) != NULL)
        return;
    fuzz_taken++;
    FUZZ_MUST(strlen(name.name) <= 253);
    FUZZ_MUST(qw_name_parse(&again, name.name, 1, pool) == NULL);
    FUZZ_MUST(strcmp(name.name, again.name) == 0);
    FUZZ_MUST(qw_name_covers(name.name, 1, again.name));
}
