/* keylist_file.h -- where things stand in a file of keylist.h. */
#ifndef QW_X509_KEYLIST_FILE_H
#define QW_X509_KEYLIST_FILE_H

#include "base/bytes.h"

#include <string.h>

#define KEYLIST_MAGIC "QWKEYS1\n"

enum {
    KEYLIST_MAGIC_LEN = sizeof(KEYLIST_MAGIC) - 1,
    KEYLIST_SECTIONS_AT = KEYLIST_MAGIC_LEN,
    KEYLIST_HASH_AT = KEYLIST_SECTIONS_AT + 8,
    KEYLIST_HEAD = KEYLIST_HASH_AT + 32,
    KEYLIST_ROW = 16
};

static inline int qw_keylist_is_ours(const qw_bytes_t *file)
{
    return file->len >= KEYLIST_MAGIC_LEN
           && memcmp(file->data, KEYLIST_MAGIC, KEYLIST_MAGIC_LEN) == 0;
}

#endif
