/* The entry that libFuzzer and the replayer call. */
#include "fuzz.h"

#include <apr_general.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

int fuzz_taken;

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    static apr_pool_t *root;
    apr_pool_t *pool;
    unsigned char *copy;

    if (root == NULL) {
        apr_initialize();
        apr_pool_create(&root, NULL);
    }
    apr_pool_create(&pool, root);
    /* A copy of exact size, so that a read beyond the end is seen. */
    copy = malloc(len > 0 ? len : 1);
    if (len > 0)
        memcpy(copy, data, len);
    fuzz_one(copy, len, pool);
    free(copy);
    apr_pool_destroy(pool);
    return 0;
}
