/* Lists of keys, ours and foreign: what is taken makes a file that is taken. */
#include "fuzz.h"

#include "x509/keylist.h"

void fuzz_one(const unsigned char *data, size_t len, apr_pool_t *pool)
{
    qw_keylist_make_t *make = qw_keylist_make(pool);
    qw_keylist_found_t found = { 0, 0, 0 };
    qw_bytes_t file = { data, len }, made;
    qw_keylist_t *list;
    apr_array_header_t *keys;
    apr_size_t entries = 0;
    int k;

    if (qw_keylist_parse(&list, &file, "file", pool) == NULL) {
        const unsigned char none[QW_KEYHASH_MOST] = { 0 };

        for (k = 0; k < QW_KEYHASH_KINDS; k++)
            (void)qw_keylist_has_hash(list, (qw_keyhash_e)k, none);
    }
    if (qw_keylist_keys(&keys, &file, "keys", pool) == NULL)
        FUZZ_MUST(keys->nelts >= 0);
    if (qw_keylist_read(make, &found, &file, "list", pool) != NULL)
        return;
    fuzz_taken++;
    made = qw_keylist_bytes(make, pool);
    FUZZ_MUST(qw_keylist_parse(&list, &made, "made", pool) == NULL);
    for (k = 0; k < QW_KEYHASH_KINDS; k++)
        entries += qw_keylist_count(list, (qw_keyhash_e)k);
    FUZZ_MUST(entries <= found.hashes + found.keys);
}
