/* Lines of an export of the audit log, as an auditor gets them: nothing in them is
 * signed by anybody who is trusted. */
#include "fuzz.h"

#include "audit/export.h"

#include <stdio.h>

void fuzz_one(const unsigned char *data, size_t len, apr_pool_t *pool)
{
    apr_array_header_t *nobody = apr_array_make(pool, 1, sizeof(qw_bytes_t));
    qw_walk_know_t know = { nobody, NULL, NULL, NULL };
    qw_walk_t *walk = qw_walk_make(&know, pool);
    const qw_walked_t *walked;
    FILE *file;

    if (len == 0 || (file = fmemopen((void *)data, len, "r")) == NULL)
        return;
    qw_export_walk(walk, file, nobody, pool);
    fclose(file);
    walked = qw_walk_end(walk);
    FUZZ_MUST(walked->findings->nelts > 0);
    if (walked->records > 0)
        fuzz_taken++;
}
